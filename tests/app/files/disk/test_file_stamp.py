"""A file that another program changes is told, and never overwritten without asking."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QFileSystemWatcher, Qt
from pytestqt.qtbot import QtBot

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.files.documents.file_bars import FileBar
from app.theme.theme import Theme
from engine.graph.serialization.file import parse, read
from engine.graph.templates import read_template

OTHER = read_template("penguins")


@pytest.fixture
def bar(files: DocumentManager, workspace: Workspace, theme: Theme, qtbot: QtBot) -> FileBar:
    bar = FileBar(files, workspace, theme)
    qtbot.addWidget(bar)
    bar.show()
    bar.refresh()
    return bar


def replace_file(path: Path, data: bytes) -> None:
    """Write as careful programs do."""
    temp = path.with_suffix(".other")
    temp.write_bytes(data)
    os.replace(temp, path)


@pytest.mark.parametrize("write", [Path.write_bytes, replace_file])
def test_a_change_is_noticed_by_itself(
    files: DocumentManager,
    workspace: Workspace,
    posts: Path,
    bar: FileBar,
    qtbot: QtBot,
    write,
    hand,
) -> None:
    """Written in place or put in its place: the bar offers to reload, and undo leads back."""
    files.open(posts)
    mine = workspace.session.project
    write(posts, OTHER)
    qtbot.waitUntil(lambda: "changed by another program" in bar.text)
    assert [button.text() for button in bar.buttons] == ["Reload"]
    hand.click(bar.buttons, "Reload")
    assert workspace.session.project == parse(OTHER).project
    assert not workspace.session.undo_history.is_dirty
    assert bar.text == ""
    workspace.session.undo()
    assert workspace.session.project == mine
    assert workspace.session.undo_history.is_dirty
    write(posts, read_template("posts"))
    qtbot.waitUntil(lambda: "changed by another program" in bar.text)


def test_with_edits_one_can_keep_them(
    files: DocumentManager, workspace: Workspace, posts: Path, bar: FileBar, edit, hand
) -> None:
    """Keep mine is an answer: the save that follows does not ask again."""
    files.open(posts)
    posts.write_bytes(OTHER)
    files.file_watcher.check_all()
    edit(workspace.session)
    assert [button.text() for button in bar.buttons] == ["Reload", "Keep mine"]
    hand.click(bar.buttons, "Keep mine")
    assert bar.text == ""
    assert files.saver.save(workspace.session)
    assert read(posts).project == workspace.session.project


def test_saving_over_a_changed_file_asks_first(
    files: DocumentManager, workspace: Workspace, posts: Path, edit, hand
) -> None:
    """Even if nobody has noticed the change yet."""
    files.open(posts)
    edit(workspace.session)
    posts.write_bytes(OTHER)
    assert not files.saver.save(workspace.session)
    assert "changed by another program" in hand.question.title
    hand.press("Cancel")
    assert posts.read_bytes() == OTHER
    files.saver.save(workspace.session)
    hand.press("Replace")
    assert read(posts).project == workspace.session.project


def test_own_saves_are_no_change(
    files: DocumentManager, workspace: Workspace, posts: Path, bar: FileBar, edit, qtbot: QtBot
) -> None:
    """The window never warns of itself."""
    files.open(posts)
    watcher = files.file_watcher.findChild(QFileSystemWatcher)
    assert watcher is not None
    for _ in range(5):
        edit(workspace.session)
        with qtbot.waitSignal(watcher.directoryChanged):
            assert files.saver.save(workspace.session)
    files.file_watcher.check_all()
    assert bar.text == ""
    assert files.file_watcher.state(workspace.session).disk_status == "as-saved"


def test_a_touched_file_is_no_change(
    files: DocumentManager, workspace: Workspace, posts: Path, bar: FileBar
) -> None:
    """The same bytes with another time are the same file."""
    files.open(posts)
    os.utime(posts, (1, 1))
    files.file_watcher.check_all()
    assert bar.text == ""


def test_a_file_that_vanishes_is_told_and_can_be_written_again(
    files: DocumentManager, workspace: Workspace, posts: Path, bar: FileBar, qtbot: QtBot, hand
) -> None:
    """The tab keeps what the file held."""
    files.open(posts)
    text = posts.read_bytes()
    posts.unlink()
    qtbot.waitUntil(lambda: "no longer exists" in bar.text)
    hand.click(bar.buttons, "Save")
    assert posts.read_bytes() == text
    assert bar.text == ""


def test_the_cross_closes_a_bar_until_the_next_change(
    files: DocumentManager, workspace: Workspace, posts: Path, bar: FileBar, qtbot: QtBot
) -> None:
    """Closing the bar is no consent: a save still asks."""
    files.open(posts)
    posts.write_bytes(OTHER)
    files.file_watcher.check_all()
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.text == ""
    assert files.file_watcher.state(workspace.session).disk_status == "changed"


def test_a_reload_of_a_broken_file_keeps_the_document(
    files: DocumentManager, workspace: Workspace, posts: Path, hand
) -> None:
    """One message, and what is open stays."""
    files.open(posts)
    before = workspace.session.project
    posts.write_bytes(b"{")
    assert not files.reload(workspace.session)
    hand.press("Close")
    assert workspace.session.project is before


def test_each_tab_has_its_own_bar(
    files: DocumentManager, workspace: Workspace, posts: Path, bar: FileBar
) -> None:
    """The bar tells of the tab in front."""
    files.open(posts)
    first = workspace.session
    posts.write_bytes(OTHER)
    files.file_watcher.check_all()
    files.new()
    assert bar.text == ""
    workspace.activate(first)
    assert "changed" in bar.text
