"""What a person does with runs loses nothing: names, stars, notes, and a trash that gives back."""

import json

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import RunFinished, RunStarted
from engine.runs.folder.notes import RunNotes, read_notes, set_name, set_star, set_text
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.folder.trash import move_to_trash, restore_from_trash, trashed_runs
from engine.runs.log.event_log import EventWriter
from engine.runs.state.run_state import list_runs


def made(path):
    with lock_run_folder(path), EventWriter(path) as writer:
        RunFolder.create(path, {"run_id": path.name}, b"{}")
        writer.write(RunStarted(run_id=path.name))
        writer.write(RunFinished(step=1))
    return path


def refused(act, *args):
    with pytest.raises(DiagnosticError) as caught:
        act(*args)
    return caught.value.diagnostics[0].code


def test_each_note_leaves_the_others_as_they_are(tmp_path):
    run = made(tmp_path / "a")
    assert read_notes(run) == RunNotes()
    set_name(run, "  Wide, slow  ")
    set_star(run)
    set_text(run, "Twice as wide.\nSlow.")
    assert read_notes(run) == RunNotes("Wide, slow", True, "Twice as wide.\nSlow.")
    assert set_star(run, starred=False) == RunNotes("Wide, slow", False, "Twice as wide.\nSlow.")
    assert set_name(run, "").name == ""
    assert run.name == "a"


@pytest.mark.parametrize("name", ["two\nlines", "x" * 201, "\x1b[31mred"])
def test_a_name_is_one_line(tmp_path, name):
    assert refused(set_name, made(tmp_path / "a"), name) == "run-name-unfit"


@pytest.mark.parametrize("said", ["", "[]", '{"name": 3, "star": "yes"}', "{", "[" * 100_000])
def test_notes_that_can_not_be_understood_count_as_unsaid(tmp_path, said):
    run = made(tmp_path / "a")
    (run / "notes.json").write_text(said)
    assert read_notes(run) == RunNotes()
    assert set_star(run).star


def test_a_run_thrown_away_comes_back_whole(tmp_path):
    run = made(tmp_path / "a")
    set_star(run)
    files = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    there = move_to_trash(run)
    assert there == tmp_path / ".trash/a"
    assert list_runs(tmp_path) == []
    assert trashed_runs(tmp_path) == [there]
    assert restore_from_trash(there) == run
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} | {
        ".lock": b""
    } == files | {".lock": b""}
    assert [one.folder.name for one in list_runs(tmp_path)] == ["a"]


def test_a_name_that_was_taken_meanwhile_is_kept_apart(tmp_path):
    first = move_to_trash(made(tmp_path / "a"))
    second = move_to_trash(made(tmp_path / "a"))
    assert (first.name, second.name) == ("a", "a-2")
    made(tmp_path / "a")
    assert restore_from_trash(first) == tmp_path / "a-2"
    described = json.loads((tmp_path / "a-2/run.json").read_bytes())
    assert described["run_id"] == "a"


def test_a_run_that_is_trained_is_not_thrown_away(tmp_path):
    run = tmp_path / "a"
    with lock_run_folder(run):
        RunFolder.create(run, {}, b"{}")
        assert refused(move_to_trash, run) == "run-busy"
    assert run.exists()


def test_what_is_no_run_is_left_alone(tmp_path):
    (tmp_path / "papers").mkdir()
    assert refused(move_to_trash, tmp_path / "papers") == "run-missing"
    assert refused(restore_from_trash, made(tmp_path / "a")) == "run-missing"
    assert (tmp_path / "papers").exists()
