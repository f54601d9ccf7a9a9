"""What a crash leaves is offered once, comes back as it was, and is lost only on purpose."""

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.documents.workspace import Workspace
from app.files.recovery.recovery import RecoverySlots
from app.files.recovery.recovery_copy import RecoveryCopy, create_recovery_copy
from engine.graph.model import Project
from engine.graph.serialization.file import read, write
from engine.runs.log import posix
from tests.app.files.conftest import Start, crash, slots_in


def test_a_crash_is_offered_at_the_next_start(start: Start, posts: Path, edit) -> None:
    """The document comes back marked modified, with its own path, and undo leads to its file."""
    files, workspace = start()
    files.open(posts)
    saved = workspace.session.project
    edit(workspace.session)
    drawn = workspace.session.project
    crash(files)
    again, later = start()
    shown = []
    later.opened.connect(lambda session: shown.append(session.project))
    [left] = again.recoverable_documents()
    assert (left.copy.path, left.copy.title, left.copy.pid) == (posts, "posts", os.getpid())
    again.recover(left)
    assert later.session.project == drawn
    assert shown == [drawn], "else the view is fitted to the network before it is recovered"
    assert later.session.path == posts
    assert later.session.undo_history.is_dirty
    assert len(later.sessions) == 1
    later.session.undo()
    assert later.session.project == saved
    assert not later.session.undo_history.is_dirty


def test_a_document_without_a_file_comes_back_without_one(start: Start, edit) -> None:
    """It has its title, is modified, and saving asks where."""
    files, workspace = start()
    edit(workspace.session)
    crash(files)
    again, later = start()
    [left] = again.recoverable_documents()
    again.recover(left)
    assert later.session.path is None
    assert later.session.title == "untitled"
    assert later.session.undo_history.is_dirty


def test_two_crashes_in_a_row_lose_nothing(start: Start, posts: Path, edit, tmp_path) -> None:
    """Recovering is no save: the copy lives until the file holds it."""
    files, workspace = start()
    files.open(posts)
    edit(workspace.session)
    drawn = workspace.session.project
    crash(files)
    for _ in range(3):
        files, workspace = start()
        [left] = files.recoverable_documents()
        files.recover(left)
        assert workspace.session.project == drawn
        crash(files)
    files, workspace = start()
    [left] = files.recoverable_documents()
    files.recover(left)
    assert files.saver.save(workspace.session)
    files.autosave.write()
    assert slots_in(tmp_path) == []
    assert read(posts).project == drawn


def test_a_crash_before_recovering_loses_nothing(start: Start, edit, tmp_path: Path) -> None:
    """Neither looking, nor a clean end without an answer, uses a copy up."""
    files, workspace = start()
    edit(workspace.session)
    crash(files)
    files, _ = start()
    assert len(files.recoverable_documents()) == 1
    crash(files)
    files, _ = start()
    assert len(files.recoverable_documents()) == 1
    files.autosave.finish()
    files, _ = start()
    assert len(files.recoverable_documents()) == 1


def test_a_clean_end_leaves_nothing(start: Start, posts: Path, edit, tmp_path: Path) -> None:
    """Saved, closed, quit: no copy, no folder, no question."""
    files, workspace = start()
    files.open(posts)
    edit(workspace.session)
    files.autosave.write()
    assert len(slots_in(tmp_path)) == 1
    files.saver.save(workspace.session)
    ends: list[bool] = []
    files.close_prompts.close_all(ends.append)
    assert ends == [True]
    assert list((tmp_path / "recovery").iterdir()) == []
    assert start()[0].recoverable_documents() == []


def test_without_edits_nothing_is_written(start: Start, posts: Path, tmp_path: Path) -> None:
    """Opening and looking needs no copy."""
    files, _ = start()
    files.open(posts)
    files.new("penguins")
    files.autosave.write()
    assert not (tmp_path / "recovery").exists()


def test_undoing_to_the_saved_state_empties_the_slot(start: Start, posts, edit, tmp_path) -> None:
    """There is nothing to recover where the file holds all."""
    files, workspace = start()
    files.open(posts)
    edit(workspace.session)
    files.autosave.write()
    workspace.session.undo()
    files.autosave.write()
    assert slots_in(tmp_path) == []


def test_an_edit_is_kept_within_a_second(start: Start, edit, tmp_path: Path, qtbot: QtBot) -> None:
    """Without anybody asking."""
    _, workspace = start()
    edit(workspace.session)
    qtbot.waitUntil(lambda: len(slots_in(tmp_path)) == 1, timeout=1000)
    edit(workspace.session)
    count = len(workspace.session.graph)
    newest = slots_in(tmp_path)[0]
    qtbot.waitUntil(lambda: f"drawn_{count - 1}" in newest.read_text(), timeout=1500)


def test_what_the_file_holds_already_is_not_offered(start: Start, posts, edit, tmp_path) -> None:
    """A crash between saving and emptying the slot asks nothing."""
    files, workspace = start()
    files.open(posts)
    edit(workspace.session)
    drawn = workspace.session.project
    crash(files)
    write(posts, drawn)
    assert start()[0].recoverable_documents() == []
    assert slots_in(tmp_path) == []


def test_a_living_program_is_left_alone(start: Start, edit, tmp_path: Path) -> None:
    """Two windows never take each other's copies."""
    files, workspace = start()
    edit(workspace.session)
    files.autosave.write()
    other, _ = start()
    assert other.recoverable_documents() == []
    assert len(slots_in(tmp_path)) == 1


def test_recovered_beside_another_file_saves_to_its_own(
    start: Start, posts: Path, edit, tmp_path: Path
) -> None:
    """Recover A while B is open: saving A never writes B."""
    other = tmp_path / "b.loom.json"
    other.write_bytes(posts.read_bytes())
    files, workspace = start()
    files.open(posts)
    edit(workspace.session)
    drawn = workspace.session.project
    crash(files)
    files, workspace = start()
    files.open(other)
    before = other.read_bytes()
    [left] = files.recoverable_documents()
    files.recover(left)
    assert files.saver.save(workspace.session)
    assert other.read_bytes() == before
    assert read(posts).project == drawn


def test_a_file_that_is_open_again_takes_its_edits_back(start: Start, posts: Path, edit) -> None:
    """Tabs that were restored come first; there is never a second tab for a file."""
    files, workspace = start()
    files.open(posts)
    edit(workspace.session)
    drawn = workspace.session.project
    crash(files)
    files, workspace = start()
    files.open(posts)
    [left] = files.recoverable_documents()
    files.recover(left)
    [session] = workspace.sessions
    assert session.project == drawn
    assert session.undo_history.is_dirty
    assert files.saver.save(session)
    assert read(posts).project == drawn


def test_a_file_that_changed_since_the_crash_is_not_overwritten_silently(
    start: Start, posts: Path, edit
) -> None:
    """The recovered document knows that its file is another one."""
    files, workspace = start()
    files.open(posts)
    edit(workspace.session)
    crash(files)
    write(posts, Project())
    files, workspace = start()
    [left] = files.recoverable_documents()
    files.recover(left)
    assert files.file_watcher.state(workspace.session).disk_status == "changed"
    assert not files.saver.save(workspace.session)
    assert files.prompts.active_dialog is not None


def test_a_file_that_is_gone_is_recovered_to_its_path(start: Start, posts: Path, edit) -> None:
    """The copy stands in for the file, and a save writes it again."""
    files, workspace = start()
    files.open(posts)
    edit(workspace.session)
    crash(files)
    posts.unlink()
    files, workspace = start()
    [left] = files.recoverable_documents()
    files.recover(left)
    assert files.file_watcher.state(workspace.session).disk_status == "gone"
    assert files.saver.save(workspace.session)
    assert read(posts).project == workspace.session.project


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"format": "layerloom-recovery"}',
        RecoveryCopy("t", None, "", 1, 0.0, "no project").to_bytes(),
        RecoveryCopy("t", None, "", 1, 0.0, "\ud800").to_bytes(),
        RecoveryCopy("t", Path("../up"), "", 1, 0.0, "{}").to_bytes(),
        RecoveryCopy("t", None, "", 1, 10**400, "{}").to_bytes(),
        bytes(range(256)),
    ],
)
def test_a_broken_copy_is_told_and_put_aside(
    start: Start, tmp_path: Path, data: bytes, edit, qtbot: QtBot
) -> None:
    """It never raises, the others are offered all the same, and nothing is deleted."""
    files, workspace = start()
    edit(workspace.session)
    crash(files)
    slot = slots_in(tmp_path)[0]
    (slot.parent / "9.recovery.json").write_bytes(data)
    files, workspace = start()
    with qtbot.waitSignal(workspace.message) as told:
        assert len(files.recoverable_documents()) == 1
    assert told.args is not None
    assert "moved to" in told.args[0]
    [aside] = (tmp_path / "recovery" / "broken").iterdir()
    assert aside.read_bytes() == data


def test_a_place_that_cant_be_written_is_told_once(
    make_files, workspace: Workspace, tmp_path: Path, edit, qtbot: QtBot
) -> None:
    """Autosave that fails says so, and goes on trying; editing goes on."""
    (tmp_path / "recovery").write_bytes(b"in the way")
    files = make_files(workspace)
    told: list[str] = []
    workspace.message.connect(told.append)
    with qtbot.waitSignal(workspace.message):
        edit(workspace.session)
    files.autosave.write()
    assert len(told) == 1
    (tmp_path / "recovery").unlink()
    files.autosave.write()
    assert len(slots_in(tmp_path)) == 1


def test_odd_paths_survive(tmp_path: Path) -> None:
    """A path with bytes that are no text, a title with marks: the same after reading."""
    path = Path(os.fsdecode(b"/tmp/odd\xff\n.loom.json"))
    copy = create_recovery_copy("t\u202e<b>", path, "abc", Project())
    assert RecoveryCopy.from_bytes(copy.to_bytes()) == copy


def test_an_unsaved_document_keeps_its_data(start: Start, edit, tmp_path: Path) -> None:
    """Data chosen after the last edit is in the copy, too."""
    files, workspace = start()
    edit(workspace.session)
    files.autosave.write()
    workspace.session.data_path = tmp_path / "rows.csv"
    workspace.session.split_paths = (None, tmp_path / "test.csv")
    crash(files)
    files, workspace = start()
    [item] = files.recoverable_documents()
    files.recover(item)
    assert workspace.session.data_path == tmp_path / "rows.csv"
    assert workspace.session.split_paths == (None, tmp_path / "test.csv")


def test_many_slots_of_one_program_share_a_folder(tmp_path: Path) -> None:
    """One lock for each program, one slot for each document."""
    slots = RecoverySlots(tmp_path / "recovery")
    for number in range(3):
        slots.write(number, create_recovery_copy(f"t{number}", None, "", Project()))
    [folder] = (tmp_path / "recovery").iterdir()
    assert len(list(folder.glob("*.recovery.json"))) == 3
    for number in range(3):
        slots.remove(number)
    slots.close()
    assert list((tmp_path / "recovery").iterdir()) == []


@pytest.mark.parametrize("name", ["1abc", "9" * 40 + "-ab", "\N{SUPERSCRIPT TWO}-ab"])
def test_a_folder_of_no_program_is_taken_over_where_there_are_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Some network drives know no locks; a name without a program's number stops no start."""

    def refuse(_handle: int) -> bool:
        raise OSError(95, "no locks here")

    monkeypatch.setattr(posix, "try_lock", refuse)
    (tmp_path / name).mkdir()
    slots = RecoverySlots(tmp_path)
    assert slots.recoverable_documents() == ([], [])
    slots.close()
