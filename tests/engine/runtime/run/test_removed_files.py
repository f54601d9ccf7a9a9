"""A run whose files disappear during training fails, and nothing is written in their place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.events import EpochDone, Event, Heartbeat, RunFinished
from engine.runs.folder.run_folder import RunFolder
from engine.runtime.run.runner import train
from tests.engine.runtime.small import line, ordered, straight


def train_and_remove(tmp_path: Path, remove, after=EpochDone, **recipe: object) -> Path:
    """Train, call `remove` with the run folder after such an event, and return this folder."""
    recorded: list[tuple[RunFolder, Event]] = []

    def train_all() -> None:
        for folder, event in train(ordered(tmp_path, straight(epochs=4, **recipe), line())):
            recorded.append((folder, event))
            if isinstance(event, after):
                remove(folder.path)

    with pytest.raises(DiagnosticError) as caught:
        train_all()
    assert caught.value.diagnostics[0].code == "file-missing"
    assert CODES["file-missing"].exit == ExitCode.IO
    assert not any(isinstance(event, RunFinished) for _, event in recorded)
    return recorded[0][0].path


@pytest.mark.parametrize("name", ["events.jsonl", "run.json", "graph.loom.json"])
def test_a_run_without_one_of_its_files_fails(tmp_path, name):
    folder = train_and_remove(tmp_path, lambda path: (path / name).unlink())
    assert not (folder / name).exists()
    assert not (folder / "model.safetensors").exists()


@pytest.mark.parametrize("recipe", [{}, {"checkpoint_every": {"steps": 1}}])
def test_a_folder_that_is_being_deleted_is_left_alone(tmp_path, recipe):
    """As in the middle of `rm -rf`: the files are gone, the folder of checkpoints is not yet."""

    def remove(path: Path) -> None:
        shutil.rmtree(path)
        (path / "checkpoints").mkdir(parents=True)

    folder = train_and_remove(tmp_path, remove, **recipe)
    assert list(folder.rglob("*")) == [folder / "checkpoints"]


@pytest.mark.parametrize("after", [EpochDone, Heartbeat])
def test_a_deleted_folder_does_not_come_back(after, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.runtime.run.heartbeat.HEARTBEAT_SECONDS", 0)
    assert not train_and_remove(tmp_path, shutil.rmtree, after, batch_size=2).exists()
