"""A run moves beside another graph file whole, or lies where it lay as it was."""

import json
import os
import resource
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.runs.folder.relocation import move_run
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.state.run_state import list_runs


def made(path: Path) -> Path:
    with lock_run_folder(path):
        RunFolder.create(path, {"run_id": "r1", "name": "untitled", "seed": 3}, b"{}")
    (path / "checkpoints" / "step-9.safetensors").write_bytes(b"weights")
    (path / "events.jsonl").write_text("{}\n")
    os.utime(path / "events.jsonl", (1, 1))
    return path


def all_of(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder but for the lock, whose words are of whoever asked last."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != ".lock")
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.fixture
def other_disk() -> Iterator[Path]:
    """A folder on the disk in memory that every Linux has."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="layerloom-") as folder:
        yield Path(folder)


@pytest.fixture(params=["same disk", "other disk"])
def run(request, tmp_path, other_disk) -> Path:
    place = tmp_path if request.param == "same disk" else other_disk
    return made(place / "own" / "runs" / "untitled-001")


def test_a_run_moves_whole_and_is_one_of_the_file_from_then_on(run, tmp_path):
    before = all_of(run)
    to = move_run(run, tmp_path / "fruit.loom.json")
    assert to == tmp_path / "runs" / "fruit-001"
    assert not run.exists()
    after = all_of(to)
    described = [json.loads(files.pop("run.json")) for files in (before, after)]
    assert described[1] == described[0] | {"name": "fruit"}
    assert after == before
    assert (to / "events.jsonl").stat().st_mtime == 1, "it is as old as it was"
    with lock_run_folder(to, resume=True):
        assert [each.folder.name for each in list_runs(tmp_path / "runs")] == ["fruit-001"]


def test_a_name_is_kept_where_it_is_free_and_else_the_next_one(tmp_path):
    own = tmp_path / "own" / "runs"
    runs = [made(own / f"fruit-{number:03}") for number in (3, 1)]
    other = made(tmp_path / "runs" / "fruit-001")
    before = all_of(other)
    moved = [move_run(run, tmp_path / "fruit.loom.json").name for run in runs]
    assert moved == ["fruit-003", "fruit-004"]
    assert all_of(other) == before, "another document's run is left alone"


def test_a_run_in_training_is_not_moved(tmp_path):
    run = made(tmp_path / "own" / "untitled-001")
    with lock_run_folder(run, resume=True), pytest.raises(DiagnosticError) as refused:
        move_run(run, tmp_path / "fruit.loom.json")
    assert refused.value.diagnostics[0].code == "run-busy"
    assert not (tmp_path / "runs").exists()


def test_a_run_that_can_not_move_lies_where_it_lay(run, tmp_path):
    (tmp_path / "runs").write_text("in the way")
    before = all_of(run)
    with pytest.raises(DiagnosticError):
        move_run(run, tmp_path / "fruit.loom.json")
    assert all_of(run) == before


def test_a_disk_that_takes_no_more_is_left_without_half_a_run(other_disk, tmp_path):
    run = made(tmp_path / "own" / "untitled-001")
    (run / "model.safetensors").write_bytes(bytes(1 << 16))
    before = all_of(run)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 12, limits[1]))
    try:
        with pytest.raises(DiagnosticError) as refused:
            move_run(run, other_disk / "fruit.loom.json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, heard)
    assert "File too large" in refused.value.diagnostics[0].found
    assert all_of(run) == before
    assert list((other_disk / "runs").iterdir()) == []
