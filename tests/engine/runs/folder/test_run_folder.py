"""A run folder is a run's own, is written whole or not at all, and tells what is wrong with it."""

import json
from pathlib import Path

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.runs.folder.run_folder import (
    ENTRY_NAMES,
    RunFolder,
    create_next_folder,
    lock_run_folder,
)


def refusal(call, *args, **named):
    with pytest.raises(DiagnosticError) as refused:
        call(*args, **named)
    (found,) = refused.value.diagnostics
    assert found.place
    assert found.fixes
    return found.code


def made(path: Path) -> RunFolder:
    with lock_run_folder(path):
        return RunFolder.create(path, {"run_id": "r1", "seed": 3}, b"{}")


def test_a_run_is_made_and_opened_again(tmp_path):
    folder = made(tmp_path / "deep" / "first")
    again = RunFolder.open(folder.path)
    assert again.record == folder.record
    assert (again.run_id, again.name, again.graph_bytes()) == ("r1", "first", b"{}")
    assert again.checkpoints_path.is_dir()
    assert {entry.name for entry in folder.path.iterdir()} <= ENTRY_NAMES


def test_a_file_that_cannot_be_reached_is_not_said_to_be_removed(tmp_path):
    folder = made(tmp_path)
    (tmp_path / "graph.loom.json").unlink()
    (tmp_path / "graph.loom.json").symlink_to("graph.loom.json")
    assert refusal(folder.require_files) == "disk-failed"


def test_a_file_in_place_of_the_checkpoints_is_a_refusal(tmp_path):
    (tmp_path / "checkpoints").write_text("")
    assert refusal(RunFolder.create, tmp_path, {"run_id": "r1"}, b"{}") == "file-in-the-way"


def test_status_is_replaced_and_a_broken_one_is_none(tmp_path):
    folder = made(tmp_path / "r")
    assert folder.status() == {}
    folder.write_status({"state": "running", "step": 3})
    assert folder.status()["step"] == 3
    (folder.path / "status.json").write_text("[1")
    assert folder.status() == {}


def test_runs_are_numbered_beside_the_graph_file(tmp_path):
    graph = tmp_path / "posts.loom.json"
    first, second = create_next_folder(graph), create_next_folder(graph)
    assert (first, second) == (tmp_path / "runs/posts-001", tmp_path / "runs/posts-002")
    (tmp_path / "runs/posts-041").mkdir()
    (tmp_path / "runs/posts-old").mkdir()
    (tmp_path / "runs/posts-long-099").mkdir()
    assert create_next_folder(graph).name == "posts-042"
    lock_run_folder(first).release()


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.odt").write_text("years of work")
    assert refusal(lock_run_folder, tmp_path) == "run-folder-foreign"
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.odt"]


def test_a_folder_left_before_its_run_began_is_taken(tmp_path):
    lock_run_folder(tmp_path / "r").release()
    (tmp_path / "r/run.json.tmp-12-ab").write_text("{")
    folder = made(tmp_path / "r")
    folder.remove_temporary_files()
    assert not list(folder.path.glob("*.tmp-*"))


def test_a_run_is_not_overwritten_and_only_a_run_is_resumed(tmp_path):
    made(tmp_path / "r")
    assert refusal(lock_run_folder, tmp_path / "r") == "run-exists"
    lock_run_folder(tmp_path / "r", resume=True).release()
    assert refusal(lock_run_folder, tmp_path / "none", resume=True) == "run-missing"
    assert not (tmp_path / "none").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "r").write_text("")
    assert refusal(lock_run_folder, tmp_path / "r") == "file-in-the-way"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "run-missing"),
        ("{", "run-broken"),
        ("[" * 100_000, "run-broken"),
        ("[]", "run-broken"),
        ('{"format": "other"}', "run-broken"),
        ('{"format": "layerloom-run"}', "run-newer"),
        ('{"format": "layerloom-run", "version": 99}', "run-newer"),
    ],
)
def test_a_description_that_is_none_is_refused(tmp_path, text, code):
    if text is not None:
        (tmp_path / "run.json").write_text(text)
    assert refusal(RunFolder.open, tmp_path) == code


def test_numbers_that_json_does_not_have_never_reach_run_json(tmp_path):
    with lock_run_folder(tmp_path), pytest.raises(ValueError, match="JSON"):
        RunFolder.create(tmp_path, {"seed": float("nan")}, b"{}")
    assert not (tmp_path / "run.json").exists()


@pytest.mark.parametrize(
    "more",
    [
        {"paths": {"data": 3}}, {"hashes": []}, {"threads": "many"}, {"threads": 10**9},
        {"settings": "epochs=1"}, {"versions": {"torch": 2}}, {"fitted": 1}, {"device": None},
        {"again": {"changes": [{"kind": "control-taken"}]}},
    ],
    ids=str,
)  # fmt: skip
def test_a_description_in_another_form_is_refused(tmp_path, more):
    made(tmp_path / "r")
    told = {"format": "layerloom-run", "version": 1, **more}
    (tmp_path / "r" / "run.json").write_text(json.dumps(told))
    assert refusal(RunFolder.open, tmp_path / "r") == "run-broken"


@pytest.mark.parametrize("text", ["[" * 100_000, "\udcff", '{"state"', "[]"])
def test_a_status_that_is_none_is_none(tmp_path, text):
    folder = made(tmp_path / "r")
    (folder.path / "status.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert folder.status() == {}
