"""What is opened is what is saved, to the byte, and every file has one tab."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.settings import Settings
from app.theme.theme import Theme
from app.training.panel.data_chooser import DataChooser
from engine.graph.serialization.file import dumps, read, write
from engine.graph.templates import template_names


def test_a_file_opens_in_place_of_the_untouched_first_document(
    files: DocumentManager, workspace: Workspace, posts: Path, qtbot: QtBot
) -> None:
    """An empty document that nobody drew in gives way to the file that is opened."""
    with qtbot.waitSignal(workspace.message) as told:
        assert files.open(posts)
    assert told.args == ["Opened posts.loom.json."]
    assert [session.path for session in workspace.sessions] == [posts]
    assert workspace.session.title == "posts"
    assert not workspace.session.undo_history.is_dirty


def test_a_document_that_was_drawn_in_stays_beside_an_opened_file(
    files: DocumentManager, workspace: Workspace, posts: Path, edit
) -> None:
    """Nothing that was drawn gives way."""
    edit(workspace.session)
    files.open(posts)
    assert [session.path for session in workspace.sessions] == [None, posts]


def test_a_template_that_nobody_has_edited_stays_beside_the_file_that_is_opened(
    files: DocumentManager, workspace: Workspace, posts: Path
) -> None:
    """It may have been trained, and what a person has chosen goes only when that person says so."""
    files.new("penguins")
    template = workspace.session
    files.open(posts)
    assert template in workspace.sessions
    assert len(workspace.sessions) == 2
    assert workspace.session.path == posts


def test_an_empty_document_with_data_stays_beside_the_file_that_is_opened(
    files: DocumentManager,
    workspace: Workspace,
    posts: Path,
    tmp_path: Path,
    qtbot: QtBot,
    theme: Theme,
) -> None:
    """A table was dropped on the window before anything was drawn."""
    chooser = DataChooser(workspace, theme)
    qtbot.addWidget(chooser)
    empty = workspace.session
    chooser.set_data(tmp_path)
    files.open(posts)
    assert empty in workspace.sessions
    workspace.activate(empty)
    assert chooser.data == tmp_path


def test_a_drawing_that_was_undone_is_not_untouched(
    files: DocumentManager, workspace: Workspace, posts: Path, edit
) -> None:
    """What can be done again is kept, too."""
    edit(workspace.session)
    workspace.session.undo()
    files.open(posts)
    assert len(workspace.sessions) == 2


def test_a_file_that_is_open_comes_to_the_front(
    files: DocumentManager, workspace: Workspace, posts: Path, tmp_path: Path
) -> None:
    """One file never has two tabs, whatever way leads to it."""
    files.open(posts)
    first = workspace.session
    files.new()
    link = tmp_path / "link.loom.json"
    link.symlink_to(posts)
    for way in (posts, tmp_path / "." / "x" / ".." / "posts.loom.json", link):
        workspace.activate(workspace.sessions[-1])
        assert files.open(way)
        assert workspace.session is first
    assert len(workspace.sessions) == 2


@pytest.mark.parametrize("name", template_names())
def test_saving_writes_what_the_engine_writes(
    files: DocumentManager, workspace: Workspace, tmp_path: Path, name: str, edit
) -> None:
    """A file from the window is byte-identical to the same graph saved by the engine."""
    files.new(name)
    edit(workspace.session)
    ours, engines = tmp_path / "ours.loom.json", tmp_path / "engines.loom.json"
    files.saver.save_to(workspace.session, ours)
    write(engines, workspace.session.project)
    assert ours.read_bytes() == engines.read_bytes()
    assert not workspace.session.undo_history.is_dirty
    assert read(ours).project == workspace.session.project


def test_a_saved_template_is_the_template(
    files: DocumentManager, workspace: Workspace, tmp_path: Path
):
    """A copy of a template that is saved at once is the template's own file."""
    files.new("penguins")
    assert workspace.session.title == "penguins"
    assert workspace.session.path is None
    files.saver.save_to(workspace.session, tmp_path / "p.loom.json")
    assert (tmp_path / "p.loom.json").read_text() == dumps(workspace.session.project)


def test_titles_of_new_documents_differ(files: DocumentManager, workspace: Workspace, edit) -> None:
    """Two documents without a file are told apart."""
    edit(workspace.session)
    files.new()
    edit(workspace.session)
    files.new()
    titles = [session.title for session in workspace.sessions]
    assert titles == ["untitled", "untitled 2", "untitled 3"]


def test_saving_without_a_file_asks_for_one(
    files: DocumentManager,
    workspace: Workspace,
    tmp_path: Path,
    edit,
    hand,
    qtbot: QtBot,
    settings: Settings,
) -> None:
    """The first save asks where, adds the ending, and remembers file and folder."""
    edit(workspace.session)
    ends: list[bool] = []
    assert not files.saver.save(workspace.session, ends.append)
    dialog = files.prompts.active_dialog
    assert isinstance(dialog, QFileDialog)
    assert dialog.windowModality() != dialog.windowModality().NonModal
    with qtbot.waitSignal(files.saver.saved):
        hand.choose(tmp_path / "mine")
    assert workspace.session.path == tmp_path / "mine.loom.json"
    assert ends == [True]
    assert settings.recent_files == [tmp_path / "mine.loom.json"]
    assert settings.last_folder == tmp_path


def test_the_first_save_begins_beside_the_data(
    files: DocumentManager, workspace: Workspace, tmp_path: Path, edit
) -> None:
    """Runs are kept beside the document, so it belongs where its data is."""
    (tmp_path / "birds").mkdir()
    edit(workspace.session)
    workspace.session.data_path = tmp_path / "birds" / "birds.csv"
    files.saver.save(workspace.session)
    dialog = files.prompts.active_dialog
    assert isinstance(dialog, QFileDialog)
    assert Path(dialog.directory().absolutePath()) == tmp_path / "birds"
    assert [Path(name).name for name in dialog.selectedFiles()] == ["untitled.loom.json"]
    dialog.reject()


def test_a_save_that_is_called_off_leaves_all_as_it_was(
    files: DocumentManager, workspace: Workspace, edit, qtbot: QtBot
) -> None:
    """Escape in the file dialog saves nothing, and whoever waits hears so."""
    edit(workspace.session)
    ends: list[bool] = []
    files.saver.save(workspace.session, ends.append)
    dialog = files.prompts.active_dialog
    assert isinstance(dialog, QFileDialog)
    dialog.reject()
    assert ends == [False]
    assert workspace.session.undo_history.is_dirty
    assert files.prompts.active_dialog is None


def test_saving_over_another_file_asks_first(
    files: DocumentManager, workspace: Workspace, posts: Path, edit, hand
) -> None:
    """A file that is there is replaced only when the person says so."""
    before = posts.read_bytes()
    edit(workspace.session)
    files.saver.save_to(workspace.session, posts)
    assert hand.question.title == "Replace posts.loom.json?"
    hand.escape()
    assert posts.read_bytes() == before
    files.saver.save_to(workspace.session, posts)
    hand.press("Replace")
    assert read(posts).project == workspace.session.project


def test_two_tabs_never_share_a_file(
    files: DocumentManager, workspace: Workspace, posts: Path, edit, hand
) -> None:
    """Saving to a file that is open in another tab is refused, with a way out."""
    files.open(posts)
    files.new()
    edit(workspace.session)
    files.saver.save_to(workspace.session, posts)
    assert "another tab" in hand.question.title
    hand.press("Cancel")
    assert workspace.session.path is None


def test_a_link_stays_a_link(
    files: DocumentManager, workspace: Workspace, posts: Path, tmp_path, edit
):
    """Saving through a link changes the file behind it."""
    link = tmp_path / "link.loom.json"
    link.symlink_to(posts)
    files.open(link)
    edit(workspace.session)
    assert files.saver.save(workspace.session)
    assert link.is_symlink()
    assert read(posts).project == workspace.session.project


def test_tabs_come_back(
    make_files, workspace: Workspace, files: DocumentManager, posts: Path, tmp_path
):
    """The files that were open, and the one in front, are open again at the next start."""
    other = tmp_path / "other.loom.json"
    other.write_bytes(posts.read_bytes())
    gone = tmp_path / "gone.loom.json"
    gone.write_bytes(posts.read_bytes())
    for path in (posts, other, gone):
        files.open(path)
    workspace.activate(workspace.sessions[0])
    ends: list[bool] = []
    files.close_prompts.close_all(ends.append)
    assert ends == [True]
    gone.unlink()
    later = Workspace()
    make_files(later).restore()
    assert [session.path for session in later.sessions] == [posts, other]
    assert later.session.path == posts


def test_open_asks_for_files(
    files: DocumentManager, workspace: Workspace, posts: Path, hand
) -> None:
    """Open shows a dialog, and opens what is chosen there."""
    files.show_open_dialog()
    hand.choose(posts)
    assert workspace.session.path == posts
