"""The dialog shows the job files that the command prints, and copies them."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.documents.workspace import Workspace
from app.launch.job_file_dialog import JobFileDialog
from app.settings import Settings
from app.shell.dialogs.launch import LaunchDialogs
from app.shell.window_parts import WindowParts
from engine.launch.job_file import JOB_KINDS, job_file
from engine.launch.torchrun import Launch

FILE, OPTIONS = Path("my net.loom.json"), ["--data", "d"]


@pytest.fixture
def dialog(theme, qtbot):
    parent = QWidget()
    parent.resize(1280, 800)
    qtbot.addWidget(parent)
    dialog = JobFileDialog(theme, FILE, OPTIONS, "", parent)
    dialog.open()
    return dialog


def test_every_kind_is_offered_with_the_text_of_the_command(dialog):
    for kind in JOB_KINDS:
        assert dialog.kind.currentData() == kind
        assert dialog.text.toPlainText() == job_file(kind, Launch(), FILE, OPTIONS, None)
        QTest.keyClick(dialog.kind, Qt.Key.Key_Down)
    assert not dialog.note.isVisible()


def test_typed_devices_and_nodes_change_the_text_at_once(dialog):
    for field, digit in ((dialog.nodes, "3"), (dialog.devices, "8")):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, digit)
        QTest.keyClick(field, Qt.Key.Key_Tab)
    assert dialog.text.toPlainText() == job_file("slurm", Launch(8, 3), FILE, OPTIONS, None)


def test_a_url_stays_a_url_and_paths_are_those_of_the_folder(theme, qtbot, session, tmp_path):
    session.path = tmp_path / "net.loom.json"
    session.data_path = Path("s3://bucket/part-*.parquet")
    session.split_paths = (tmp_path / "v.csv", None)
    window = WindowParts(Workspace(session), theme, Settings())
    qtbot.addWidget(window)
    LaunchDialogs(window).show_job_file()
    (dialog,) = window.findChildren(JobFileDialog)
    text = dialog.text.toPlainText()
    assert "net.loom.json --data 's3://bucket/part-*.parquet' --validation v.csv --run" in text
