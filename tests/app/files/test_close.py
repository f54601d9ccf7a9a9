"""Closing asks when something would be lost, and only then."""

from pathlib import Path

from PySide6.QtCore import Qt

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from engine.graph.serialization.file import read


def test_a_clean_document_closes_at_once(
    files: DocumentManager, workspace: Workspace, posts: Path
) -> None:
    """Nothing is asked where nothing is lost."""
    files.open(posts)
    ends: list[bool] = []
    files.close_prompts.close(workspace.session, ends.append)
    assert ends == [True]
    assert workspace.session.path is None


def test_enter_saves_and_closes(
    files: DocumentManager, workspace: Workspace, posts: Path, edit, hand, qtbot
) -> None:
    """Enter gives the first answer, Save; then the tab goes."""
    files.open(posts)
    edit(workspace.session)
    project = workspace.session.project
    files.close_prompts.close(workspace.session)
    qtbot.keyClick(hand.question, Qt.Key.Key_Return)
    assert read(posts).project == project
    assert workspace.session.path is None


def test_dont_save_closes_and_forgets(
    files: DocumentManager, workspace: Workspace, posts: Path, edit, hand, tmp_path: Path
) -> None:
    """The file stays as it was, and no recovery copy remains."""
    before = posts.read_bytes()
    files.open(posts)
    edit(workspace.session)
    files.autosave.write()
    assert list((tmp_path / "recovery").rglob("*.recovery.json"))
    files.close_prompts.close(workspace.session)
    hand.press("Don't save")
    files.autosave.write()
    assert posts.read_bytes() == before
    assert not list((tmp_path / "recovery").rglob("*.recovery.json"))


def test_cancel_keeps_everything(
    files: DocumentManager, workspace: Workspace, posts: Path, edit, hand
) -> None:
    """Cancel and Escape leave the tab, the edits and the file as they were."""
    files.open(posts)
    edit(workspace.session)
    session = workspace.session
    for leave in (lambda: hand.press("Cancel"), hand.escape):
        ends: list[bool] = []
        files.close_prompts.close(session, ends.append)
        leave()
        assert ends == [False]
        assert workspace.session is session
        assert session.undo_history.is_dirty


def test_a_save_that_fails_while_closing_keeps_the_tab(
    files: DocumentManager, workspace: Workspace, posts: Path, edit, hand
) -> None:
    """A document whose save failed is not closed."""
    files.open(posts)
    edit(workspace.session)
    session = workspace.session
    posts.chmod(0o444)
    ends: list[bool] = []
    files.close_prompts.close(session, ends.append)
    hand.press("Save")
    hand.press("Cancel")
    assert ends == [False]
    assert workspace.session is session


def test_a_file_that_vanished_is_not_closed_silently(
    files: DocumentManager, workspace: Workspace, posts: Path, hand
) -> None:
    """The tab is then the only copy; Save writes the file again."""
    files.open(posts)
    text = posts.read_bytes()
    posts.unlink()
    files.file_watcher.check_all()
    files.close_prompts.close(workspace.session)
    hand.press("Save")
    assert posts.read_bytes() == text


def test_quitting_asks_for_each_and_stops_at_cancel(
    files: DocumentManager, workspace: Workspace, posts: Path, edit, hand
) -> None:
    """A quit that is called off loses nothing, not even what was answered before."""
    files.open(posts)
    edit(workspace.session)
    files.new()
    edit(workspace.session)
    ends: list[bool] = []
    files.close_prompts.close_all(ends.append)
    assert hand.question.title.startswith("Save posts")
    hand.press("Don't save")
    assert hand.question.title.startswith("Save untitled")
    hand.press("Cancel")
    assert ends == [False]
    assert len(workspace.sessions) == 2
    assert all(session.undo_history.is_dirty for session in workspace.sessions)
    files.close_prompts.close_all(ends.append)
    hand.press("Don't save")
    hand.press("Don't save")
    assert ends == [False, True]


def test_one_question_at_a_time(files: DocumentManager, workspace: Workspace, edit, hand) -> None:
    """Closing again while a question is open asks nothing twice."""
    edit(workspace.session)
    ends: list[bool] = []
    files.close_prompts.close(workspace.session)
    files.close_prompts.close(workspace.session, ends.append)
    assert ends == [False]
    hand.press("Cancel")
    assert files.prompts.active_dialog is None
