"""The bar of documents that a crash left unsaved."""

import time
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.files.documents.recovery_bar import RecoveryBar, format_time
from app.theme.theme import Theme
from tests.app.files.conftest import Start, crash, slots_in


def test_times_near_are_spans_and_times_far_are_dates() -> None:
    """An impossible time is no error."""
    now = time.time()
    assert format_time(now - 5) == "a moment ago"
    assert format_time(now - 600) == "10 minutes ago"
    assert format_time(1e300) == "at an unknown time"
    assert " at " in format_time(now - 40 * 86_400)


def test_the_bar_recovers_and_discards(
    start: Start, theme: Theme, edit, qtbot: QtBot, posts: Path, tmp_path: Path
) -> None:
    """Each document has a line; discarding asks, and Enter keeps."""
    files, workspace = start()
    edit(workspace.session)
    files.open(posts)
    edit(workspace.session)
    crash(files)
    files, workspace = start()
    bar = RecoveryBar(files, theme)
    qtbot.addWidget(bar)
    assert bar.refresh() == 2
    bar.show()

    def press(name: str) -> None:
        def found() -> list[QPushButton]:
            buttons = bar.findChildren(QPushButton)
            return [one for one in buttons if one.accessibleName() == name and one.isVisible()]

        qtbot.waitUntil(lambda: bool(found()))
        qtbot.mouseClick(found()[0], Qt.MouseButton.LeftButton)

    press("Recover posts")
    assert workspace.session.path == posts
    press("Discard untitled")
    qtbot.keyClick(files.prompts.active_dialog, Qt.Key.Key_Return)
    assert bar.isVisible()
    press("Discard untitled")
    question = files.prompts.active_dialog
    assert question is not None
    qtbot.mouseClick(question.button("Discard"), Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    files.autosave.write()
    assert len(slots_in(tmp_path)) == 1
