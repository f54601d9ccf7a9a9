"""What menus do to train elsewhere: a test for each row, by real events and a real sshd."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog

from app.launch.job_file_dialog import JobFileDialog
from engine.runs.log.lock import lock_holder
from tests.app.rows.menus import shown, trigger
from tests.ssh_host import NAME, ssh_server


def test_row_train_elsewhere(window, trainable):
    trigger(window, "train-elsewhere")
    dialog = shown(window, JobFileDialog)
    assert dialog.note.isVisible(), "the document has unsaved changes"
    QTest.keyClick(dialog.kind, Qt.Key.Key_Down)
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert text == dialog.text.toPlainText()
    assert "kind: PyTorchJob" in text
    assert "set -- net.loom.json --data rows.csv --run" in text
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_row_train_on_host_says_why_a_network_with_errors_is_not_trained(window):
    trigger(window, "train-on-host")
    assert window.docks["Training"].isVisible()
    assert not [dialog for dialog in window.findChildren(QInputDialog) if dialog.isVisible()]


@pytest.mark.slow
def test_row_train_on_host(window, trainable, tmp_path, tmp_path_factory, monkeypatch, qtbot):
    """Live curves come from the host, pause and stop reach it, and a lost window is no matter."""
    folder = tmp_path_factory.mktemp("ssh")
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    (tmp_path / "home" / ".ssh" / "config").write_text(f"Host {NAME} another\n")
    monkeypatch.setenv("PATH", f"{folder}/bin:{os.environ['PATH']}")
    with ssh_server(folder) as server:
        (folder / "layerloom").symlink_to(server.remote)
        trigger(window, "train-on-host")
        dialog = shown(window, QInputDialog)
        assert dialog.comboBoxItems() == [NAME, "another"]
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: trainable.state == "running")
        qtbot.waitUntil(lambda: trainable.displayed_run.curves.step > 100)
        run = trainable.displayed_run.run
        assert run == tmp_path / "runs" / "net-001"
        trigger(window, "pause")
        qtbot.waitUntil(lambda: trainable.state == "paused")
        os.kill(trainable.run_process.pid, 9)  # the mirror, as if its machine had failed
        qtbot.waitUntil(lambda: not trainable.running)
        assert lock_holder(next(server.remote.glob("jobs/*"))) is not None
        trigger(window, "resume")
        qtbot.waitUntil(lambda: trainable.state == "paused")
        trigger(window, "pause")
        qtbot.waitUntil(lambda: trainable.state == "running")
        trigger(window, "stop")
        qtbot.waitUntil(lambda: not trainable.running)
        assert trainable.displayed_run.outcome.kind == "stopped"
        assert (run / "checkpoints" / "latest.json").exists()
        trigger(window, "resume")
        step = trainable.displayed_run.curves.step
        qtbot.waitUntil(lambda: trainable.displayed_run.curves.step > step)
        trainable.run_process.stop()
        trainable.run_process.kill()
        qtbot.waitUntil(lambda: not trainable.running)
        assert lock_holder(next(server.remote.glob("jobs/*"))) is None
