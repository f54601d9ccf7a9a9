"""The dialog checks a real host, shows what is missing, and starts nothing before it is ready."""

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.launch.host_dialog import HostDialog
from tests.app.test_accessibility import nameless
from tests.engine.launch.conftest import LIGHT
from tests.ssh_host import NAME, ssh_server


@pytest.fixture
def server(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("ssh")
    monkeypatch.setenv("PATH", f"{folder}/bin:{os.environ['PATH']}")
    with ssh_server(folder) as server:
        server.install(LIGHT)
        yield server


@pytest.fixture
def dialog(theme, qtbot):
    parent = QWidget()
    parent.resize(1280, 800)
    qtbot.addWidget(parent)
    dialog = HostDialog(theme, ["first", NAME], "", parent)
    dialog.open()
    return dialog


def press(button):
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_hosts_of_the_configuration_are_offered_and_others_can_be_typed(dialog):
    assert [dialog.host.itemText(row) for row in range(dialog.host.count())] == ["first", NAME]
    assert dialog.host.currentText() == "first"
    dialog.host.lineEdit().selectAll()
    QTest.keyClick(dialog.host, Qt.Key.Key_Delete)
    assert not dialog.train_button.isEnabled()
    QTest.keyClicks(dialog.host, "me@other")
    assert dialog.train_button.isEnabled()
    assert nameless(dialog) == []


def test_a_host_that_is_not_ready_shows_what_to_type_and_nothing_starts(dialog, server, qtbot):
    server.install("echo layerloom 0.0.1")
    chosen = []
    dialog.chosen.connect(lambda *choice: chosen.append(choice))
    dialog.host.setCurrentText(NAME)
    dialog.folder.setText(str(server.remote))
    press(dialog.train_button)
    qtbot.waitUntil(dialog.note.isVisible)
    assert dialog.note.kind == "error"
    assert "Found: layerloom 0.0.1" in dialog.note.text
    assert "pip install layerloom==" in dialog.note.text
    assert chosen == []
    dialog.folder.setText("another")
    assert not dialog.note.isVisible(), "the result was about another folder"


def test_a_ready_host_is_checked_or_chosen(dialog, server, qtbot):
    dialog.host.setCurrentText(NAME)
    dialog.folder.setText(str(server.remote))
    press(dialog.check_button)
    qtbot.waitUntil(dialog.note.isVisible)
    assert dialog.note.kind == "ok"
    with qtbot.waitSignal(dialog.chosen) as chosen:
        QTest.keyClick(dialog.folder, Qt.Key.Key_Return)
    assert chosen.args == [NAME, str(server.remote)]
    assert not dialog.isVisible()
