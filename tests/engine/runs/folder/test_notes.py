"""What a person does with runs loses nothing: names, stars, notes, and a trash that gives back."""

import json

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import RunFinished, RunStarted
from engine.runs.folder.notes import Notes, annotate, read_notes, rename, star
from engine.runs.folder.run_folder import RunFolder, prepare
from engine.runs.folder.trash import empty, take_back, throw_away, thrown_away
from engine.runs.log.event_log import EventWriter
from engine.runs.state.run_state import list_runs


def made(path):
    with prepare(path), EventWriter(path) as writer:
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
    assert read_notes(run) == Notes()
    rename(run, "  Wide, slow  ")
    star(run)
    annotate(run, "Twice as wide.\nSlow.")
    assert read_notes(run) == Notes("Wide, slow", True, "Twice as wide.\nSlow.")
    assert star(run, on=False) == Notes("Wide, slow", False, "Twice as wide.\nSlow.")
    assert rename(run, "").name == ""
    assert run.name == "a"


@pytest.mark.parametrize("name", ["two\nlines", "x" * 201, "\x1b[31mred"])
def test_a_name_is_one_line(tmp_path, name):
    assert refused(rename, made(tmp_path / "a"), name) == "run-name-unfit"


@pytest.mark.parametrize("said", ["", "[]", '{"name": 3, "star": "yes"}', "{", "[" * 100_000])
def test_notes_that_can_not_be_understood_count_as_unsaid(tmp_path, said):
    run = made(tmp_path / "a")
    (run / "notes.json").write_text(said)
    assert read_notes(run) == Notes()
    assert star(run).star


def test_a_run_thrown_away_comes_back_whole(tmp_path):
    run = made(tmp_path / "a")
    star(run)
    files = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    there = throw_away(run)
    assert there == tmp_path / ".trash/a"
    assert list_runs(tmp_path) == []
    assert thrown_away(tmp_path) == [there]
    assert take_back(there) == run
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} | {
        ".lock": b""
    } == files | {".lock": b""}
    assert [one.folder.name for one in list_runs(tmp_path)] == ["a"]


def test_a_name_that_was_taken_meanwhile_is_kept_apart(tmp_path):
    first = throw_away(made(tmp_path / "a"))
    second = throw_away(made(tmp_path / "a"))
    assert (first.name, second.name) == ("a", "a-2")
    made(tmp_path / "a")
    assert take_back(first) == tmp_path / "a-2"
    described = json.loads((tmp_path / "a-2/run.json").read_bytes())
    assert described["run_id"] == "a"


def test_a_run_that_is_trained_is_not_thrown_away(tmp_path):
    run = tmp_path / "a"
    with prepare(run):
        RunFolder.create(run, {}, b"{}")
        assert refused(throw_away, run) == "run-busy"
    assert run.exists()


def test_what_is_no_run_is_left_alone(tmp_path):
    (tmp_path / "papers").mkdir()
    assert refused(throw_away, tmp_path / "papers") == "run-missing"
    assert refused(take_back, made(tmp_path / "a")) == "run-missing"
    assert (tmp_path / "papers").exists()


def test_an_emptied_trash_is_gone(tmp_path):
    throw_away(made(tmp_path / "a"))
    throw_away(made(tmp_path / "b"))
    made(tmp_path / "c")
    assert empty(tmp_path) == 2
    assert not (tmp_path / ".trash").exists()
    assert empty(tmp_path) == 0
    assert (tmp_path / "c").exists()
