"""Every writer of files in this program, with a check for old and new content."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from app.files.recovery.recovery import RecoverySlots
from app.files.recovery.recovery_copy import create_recovery_copy
from engine.events import Heartbeat, parse_event
from engine.graph.edits.node_edits import add_node
from engine.graph.model import Project
from engine.graph.serialization import file as graph_file
from engine.runs.control import requests
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import EventWriter, last_event, read_events
from engine.runs.log.lock import RunLock
from engine.runtime.checkpoints.checkpoint import (
    LATEST,
    Checkpoint,
    CheckpointPointer,
    CheckpointStore,
)
from engine.runtime.checkpoints.weight_file import read_weights, write_weights

OLD, NEW = "old", "new"


@dataclass(frozen=True)
class Writer:
    """One kind of file.

    Args:
        prepare: creates the old state in an empty folder.
        write: changes it to the new state.
        judge: returns "old" or "new" for a folder; raises if data was lost.
    """

    prepare: Callable[[Path], object]
    write: Callable[[Path], object]
    judge: Callable[[Path], str]


def _projects() -> tuple[Project, Project]:
    before = add_node(Project(), "Input", "x", params={"shape": [3]})
    after = add_node(before, "Dense", "d", inputs={"x": "x"}, params={"units": 7})
    return before, after


def _which(found: object, old: object, new: object) -> str:
    assert found in (old, new)
    return OLD if found == old else NEW


def _save_graph(place: int) -> Callable[[Path], None]:
    return lambda folder: graph_file.write(folder / "p.loom.json", _projects()[place])


def _judge_graph(folder: Path) -> str:
    return _which(graph_file.read(folder / "p.loom.json").project, *_projects())


def _autosave(place: int) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        slots = RecoverySlots(folder)
        kept = [name for name in os.listdir(folder) if name[0].isdigit()]
        slots._process_folder = (
            folder / kept[0] if kept else None
        )  # the process that wrote the previous copy
        try:
            slots.write(0, create_recovery_copy("untitled", None, "", _projects()[place]))
        finally:
            slots.close()

    return write


def _judge_autosave(folder: Path) -> str:
    return _which(_recovered(folder), [_projects()[0]], [_projects()[1]])


def _judge_first_autosave(folder: Path) -> str:
    return _which(_recovered(folder), [], [_projects()[1]])


def _recovered(folder: Path) -> list[Project]:
    slots = RecoverySlots(folder)
    left, notes = slots.recoverable_documents()
    slots.close()
    assert not notes
    return [each.project for each in left]


def _checkpoint(step: int) -> Checkpoint:
    return Checkpoint(step, {"w": torch.full((500,), float(step))}, {}, {"place": step})


def _save_checkpoints(*steps: int) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        checkpoints = CheckpointStore(folder)
        for step in steps:
            checkpoints.save(_checkpoint(step), best=step == steps[-1])

    return write


def _judge_checkpoint(folder: Path) -> str:
    loaded = CheckpointStore(folder).load()
    best = CheckpointStore(folder).load_best()
    assert not loaded.warnings + best.warnings
    assert torch.equal(
        loaded.checkpoint.weights["w"], _checkpoint(loaded.checkpoint.step).weights["w"]
    )
    assert best.checkpoint.step >= 3
    return _which(loaded.checkpoint.step, 3, 4)


def _prepare_pointer(folder: Path) -> None:
    checkpoints = CheckpointStore(folder)
    before = checkpoints.save(_checkpoint(1))
    newer = checkpoints.save(_checkpoint(2))
    checkpoints._write_pointer("next", newer)
    checkpoints._write_pointer(LATEST, before)


def _write_pointer(folder: Path) -> None:
    CheckpointStore(folder)._write_pointer(
        LATEST, CheckpointPointer(**json.loads((folder / "next").read_bytes()))
    )


def _judge_pointer(folder: Path) -> str:
    loaded = CheckpointStore(folder).load()
    assert loaded.pointer == LATEST
    return _which(loaded.checkpoint.step, 1, 2)


RUN = {"run_id": "1"}


def _status(step: int) -> Callable[[Path], None]:
    return lambda folder: RunFolder(folder, RUN).write_status({"step": step})


def _judge_status(folder: Path) -> str:
    return _which(json.loads((folder / "status.json").read_bytes()), {"step": 1}, {"step": 2})


def _create_run(folder: Path) -> None:
    RunFolder.create(folder, RUN, b"{}")


def _judge_run(folder: Path) -> str:
    if not (folder / "run.json").exists():
        return OLD
    run = RunFolder.open(folder)
    assert run.run_id == "1"
    assert run.graph_bytes() == b"{}"
    return NEW


def _model(value: float) -> Callable[[Path], None]:
    weights = {"w": torch.full((500,), value)}
    return lambda folder: write_weights(RunFolder(folder, RUN).weights_path, weights)


def _judge_model(folder: Path) -> str:
    found = read_weights(RunFolder(folder, RUN).weights_path)["w"]
    assert bool((found == found[0]).all())
    return _which(float(found[0]), 1.0, 2.0)


def _tell(first: int, *more: int) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        with EventWriter(folder) as writer:
            for step in (first, *more):
                writer.write(Heartbeat(step=step))
            writer.sync()

    return write


def _judge_events(folder: Path) -> str:
    """Also append to the events, as a resume does: no complete line may be lost."""
    whole = (folder / "events.jsonl").read_bytes().split(b"\n")[:-1]
    steps = [event.step for line in whole if isinstance(event := parse_event(line), Heartbeat)]
    assert len(steps) == len(whole)
    with EventWriter(folder) as writer:
        writer.write(Heartbeat(step=9))
    assert [event.step for event in read_events(folder)] == [*steps, 9]
    assert last_event(folder).seq == len(steps) + 1
    return _which(steps, [1, 2], [1, 2, 3])


def _ask(*values: float) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for value in values:
            requests.append_request(folder, "learning_rate", value)

    return write


def _judge_requests(folder: Path) -> str:
    found = [request.value for request in requests.RequestQueue(folder).read_new()]
    requests.append_request(folder, "learning_rate", 9)
    assert [request.value for request in requests.RequestQueue(folder).read_new()] == [*found, 9]
    return _which(found, [1], [1, 2])


def _lock(folder: Path) -> None:
    RunLock(folder).release()


def _judge_lock(folder: Path) -> str:
    RunLock(folder).release()
    return NEW


WRITERS = {
    "graph": Writer(_save_graph(0), _save_graph(1), _judge_graph),
    "autosave": Writer(_autosave(0), _autosave(1), _judge_autosave),
    "first autosave": Writer(lambda folder: None, _autosave(1), _judge_first_autosave),
    "checkpoint": Writer(_save_checkpoints(1, 2, 3), _save_checkpoints(4), _judge_checkpoint),
    "pointer": Writer(_prepare_pointer, _write_pointer, _judge_pointer),
    "status": Writer(_status(1), _status(2), _judge_status),
    "run.json": Writer(lambda folder: None, _create_run, _judge_run),
    "model": Writer(_model(1.0), _model(2.0), _judge_model),
    "events": Writer(_tell(1, 2), _tell(3), _judge_events),
    "requests": Writer(_ask(1), _ask(2), _judge_requests),
    "lock": Writer(_lock, _lock, _judge_lock),
}
