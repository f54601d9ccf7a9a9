"""Readers of every file format that may come from an untrusted source, for fuzzing.

A reader mutates a valid file, reads and uses the result as the program does, and returns the code
of the error, or "taken" if the file was accepted.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from engine.check.report import check, check_project
from engine.check.summary import summarize
from engine.compile.plan import build_plan
from engine.compile.torch_source import torch_source
from engine.core.diagnostic import DiagnosticError
from engine.data.prepared_data import prepare_data
from engine.events import MAX_LINE_BYTES, Heartbeat, parse_event
from engine.graph import templates
from engine.graph.serialization import file as graph_file
from engine.recipe.overrides import apply_overrides
from engine.runs.control.requests import CONTROL_FILE as CONTROL
from engine.runs.control.requests import RequestQueue
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import EVENTS_FILE as EVENTS
from engine.runs.log.event_log import EventWriter, last_event, read_events
from engine.runs.log.lock import lock_holder
from engine.runs.request import TrainRequest
from engine.runs.state.run_state import list_runs, read_state, run_status
from engine.runtime.checkpoints.checkpoint import (
    CheckpointStore,
    checkpoint_from_bytes,
    checkpoint_to_bytes,
)
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.run.runner import train
from engine.runtime.run.training_checkpoint import make_checkpoint, restore_checkpoint
from engine.runtime.training.builder import build_training
from engine.runtime.training.control import ControlQueue
from engine.runtime.training.loop import fit
from engine.runtime.training.training import Training
from tests.engine.runtime.small import line, ordered, predicted_values, run, straight
from tests.reliability.mutate import damaged, odd_json
from tests.reliability.subjects import remembering, rows

TAKEN = "taken"


class Reader(Protocol):
    """One kind of file."""

    def __init__(self, folder: Path) -> None:
        """Create the required files in an empty folder."""

    def files(self, chosen: random.Random) -> Iterator[Any]:
        """Yield an infinite sequence of files."""

    def read(self, file: Any) -> str:
        """Read a file as the program does; return a code, or "taken"."""


class Graphs:
    """Graph files: parsed, checked, summarized, and, if valid, compiled and exported as source."""

    def __init__(self, folder: Path) -> None:
        names = templates.template_names()
        self._whole = [templates.read_template(name) for name in names]
        self._whole.append(graph_file.dumps(remembering()).encode())

    def files(self, chosen: random.Random) -> Iterator[bytes]:
        while True:
            whole = chosen.choice(self._whole)
            bytewise = chosen.random() < 0.3
            yield damaged(whole, chosen) if bytewise else odd_json(json.loads(whole), chosen)

    def read(self, file: bytes) -> str:
        project = graph_file.parse(file).project
        again = graph_file.parse(graph_file.dumps(project).encode()).project
        assert again == project, "it is not saved as it was read"
        report = check(project, available=1 << 30)
        summarize(report)
        for found in report.diagnostics:
            str(found)
        if report.errors:
            return report.errors[0].code
        torch_source(build_plan(project.graph, report), "network")
        return TAKEN


class Events:
    """Event files: read, folded, listed and resumed."""

    def __init__(self, folder: Path) -> None:
        self._run, _ = run(ordered(folder, straight(epochs=3, batch_size=8), line()))
        self._lines = [
            json.loads(each) for each in (self._run.path / EVENTS).read_bytes().splitlines()
        ]
        self._place = shutil.copytree(self._run.path, folder / "runs" / "fuzzed")

    def files(self, chosen: random.Random) -> Iterator[bytes]:
        while True:
            lines = [json.dumps(each).encode() for each in self._lines]
            for _ in range(chosen.randint(1, 6)):
                place = chosen.randrange(len(lines))
                lines[place] = odd_json(self._lines[place], chosen)
            if chosen.random() < 0.1:
                chosen.shuffle(lines)
            data = b"\n".join(lines) + b"\n"
            yield damaged(data, chosen) if chosen.random() < 0.3 else data

    def read(self, file: bytes) -> str:
        (self._place / EVENTS).write_bytes(file)
        known = [*read_events(self._place)]
        state = read_state(self._place)
        assert state.status(alive=True)
        for curves in (state.steps, state.train, state.validation):
            assert all(len(curve) < 1_000_000 for curve in curves.values())
        (folder,) = [each for each in list_runs(self._place.parent) if each.folder.name == "fuzzed"]
        assert folder.last == last_event(self._place)
        run_status(folder.folder)
        with EventWriter(self._place) as writer:
            told = writer.write(Heartbeat(step=1))
        assert [*read_events(self._place)] == [*known, told]
        return TAKEN if len(known) == len(self._lines) else "lines left out"


class Descriptions:
    """run.json and status.json: opened, listed, resumed and used to predict."""

    def __init__(self, folder: Path) -> None:
        self._run, _ = run(ordered(folder, remembering(epochs=1), rows()))
        self._told = json.loads((self._run.path / "run.json").read_bytes())
        self._place = shutil.copytree(self._run.path, folder / "runs" / "fuzzed")
        self._events = (self._place / EVENTS).read_bytes()
        self._data = folder / "small.npz"

    def files(self, chosen: random.Random) -> Iterator[bytes]:
        whole = json.dumps(self._told).encode()
        while True:
            bytewise = chosen.random() < 0.3
            yield damaged(whole, chosen) if bytewise else odd_json(self._told, chosen)

    def read(self, file: bytes) -> str:
        (self._place / "run.json").write_bytes(file)
        (self._place / "status.json").write_bytes(file)
        (self._place / ".lock").write_bytes(file)
        (self._place / EVENTS).write_bytes(self._events)
        folder = RunFolder.open(self._place)
        assert lock_holder(self._place) is None
        assert isinstance(folder.status(), dict)
        assert run_status(folder)
        predicted_values(TrainedModel.open(self._place), self._data)
        if self._names_tables(folder.record):
            return "names other tables"  # they would be read, wherever they are
        list(train(TrainRequest(None, self._data, run=self._place, resume=True)))
        return TAKEN

    def _names_tables(self, record: Mapping[str, Any]) -> bool:
        paths = record.get("paths")
        if not isinstance(paths, dict):
            return False
        is_elsewhere = paths.get("data") not in (None, "", str(self._data))
        return is_elsewhere or bool(paths.get("validation") or paths.get("test"))


class Controls:
    """Control requests to a live run: read and answered; answers are written."""

    def __init__(self, folder: Path) -> None:
        self._place = folder
        project = remembering(epochs=1)
        order = ordered(folder, project, rows())
        self._training = build_training(prepare_data(check_project(project), order.data, None))
        self._requests = [
            {"id": "a", "kind": "learning_rate", "value": 1e-3},
            {"id": "b", "kind": "loss_weight", "value": {"size": 0.5}},
            {"id": "c", "kind": "stopping", "value": {"patience": 5, "monitors": ["yes/auc"]}},
            {"id": "d", "kind": "stopping", "value": None},
            {"id": "e", "kind": "checkpoint", "value": None},
        ]

    def files(self, chosen: random.Random) -> Iterator[bytes]:
        while True:
            lines = [odd_json(each, chosen) for each in self._requests]
            data = b"\n".join(lines) + b"\n"
            yield damaged(data, chosen) if chosen.random() < 0.3 else data

    def read(self, file: bytes) -> str:
        (self._place / CONTROL).write_bytes(file)
        answers = list(ControlQueue(RequestQueue(self._place))._poll(self._training))
        for answer in answers:
            assert len(answer.to_json()) < MAX_LINE_BYTES // 16
            assert parse_event(answer.to_json()).to_json() == answer.to_json()
        return next((answer.code for answer in answers if answer.code), TAKEN)


class Settings:
    """Arguments of --set."""

    def __init__(self, folder: Path) -> None:
        self._project = remembering()
        self._settings = [
            "epochs=3", "optimizer=Adam", "optimizer.learning_rate=1e-3", "schedule.kind=StepDecay",
            'stopping={"patience": 3}', "best.monitors=[\"size/loss\"]", "checkpoint_every.steps=1",
            "threads=1", "precision=float32", "seed=0,5",
        ]  # fmt: skip

    def files(self, chosen: random.Random) -> Iterator[list[str]]:
        while True:
            one, other = chosen.sample(self._settings, 2)
            if chosen.random() < 0.5:
                odd = damaged(one.encode(), chosen).decode("utf-8", "surrogateescape")
            else:
                value = odd_json([one.partition("=")[2]], chosen).decode("utf-8", "replace")
                odd = f"{one.partition('=')[0]}={value[1:-1]}"
            yield [other, odd]

    def read(self, file: list[str]) -> str:
        recipe = apply_overrides(self._project.recipe, file)
        report = check(replace(self._project, recipe=recipe), available=1 << 30)
        for found in report.diagnostics:
            str(found)
        return report.errors[0].code if report.errors else TAKEN


class DamagedCheckpoints:
    """Damaged checkpoint files: never loaded."""

    def __init__(self, folder: Path) -> None:
        self._checkpoints = CheckpointStore(folder)
        training = _training(folder)
        ends = (step for step in fit(training) if step.step == training.progress.step)
        steps = []
        for step in islice(ends, 3):  # of the optimizer: each has several batches
            self._checkpoints.save(make_checkpoint(training))
            steps.append(step.step)
        self._previous = steps[-2]
        pointer = json.loads((folder / "latest.json").read_bytes())
        self._file = folder / pointer["file"]
        self._whole = self._file.read_bytes()

    def files(self, chosen: random.Random) -> Iterator[bytes]:
        while True:
            data = damaged(self._whole, chosen)
            if data != self._whole:
                yield data

    def read(self, file: bytes) -> str:
        self._file.write_bytes(file)
        loaded = CheckpointStore(self._file.parent).load()
        assert loaded.checkpoint.step == self._previous, "a damaged checkpoint was loaded"
        with suppress(ValueError):
            checkpoint_from_bytes(file)  # without the checksum, too: accepted or rejected
        return loaded.warnings[0].code


class OddCheckpoints:
    """Checkpoints with a valid checksum and invalid content: rejected, or trained with."""

    def __init__(self, folder: Path) -> None:
        self._prepared = _prepared(folder)
        self._training = build_training(self._prepared)
        for _ in zip(fit(self._training), range(9), strict=False):
            pass
        data = checkpoint_to_bytes(make_checkpoint(self._training))
        length = int.from_bytes(data[:8], "little")
        self._header, self._body = json.loads(data[8 : 8 + length]), data[8 + length :]
        self._state = json.loads(self._header["__metadata__"]["state"])

    def files(self, chosen: random.Random) -> Iterator[bytes]:
        while True:
            if chosen.random() < 0.7:
                state = odd_json(self._state, chosen).decode("utf-8", "surrogatepass")
                metadata = {**self._header["__metadata__"], "state": state}
                header = json.dumps({**self._header, "__metadata__": metadata}).encode()
            else:
                header = odd_json(self._header, chosen)
            yield len(header).to_bytes(8, "little") + header + self._body

    def read(self, file: bytes) -> str:
        try:
            checkpoint = checkpoint_from_bytes(file)
        except ValueError:
            return "no checkpoint"
        try:
            restore_checkpoint(self._training, checkpoint)
            told = [event for event, _ in zip(fit(self._training), range(3), strict=False)]
        except DiagnosticError:
            raise
        except Exception:
            self._training = build_training(self._prepared)
            raise
        assert told
        return TAKEN


def _prepared(folder: Path) -> Any:
    project = remembering(epochs=2)
    return prepare_data(check_project(project), ordered(folder, project, rows()).data, None)


def _training(folder: Path) -> Training:
    return build_training(_prepared(folder))


READERS: dict[str, type[Reader]] = {
    "graphs": Graphs,
    "events": Events,
    "run.json": Descriptions,
    "requests": Controls,
    "settings": Settings,
    "damaged checkpoints": DamagedCheckpoints,
    "odd checkpoints": OddCheckpoints,
}


def answer_of(reader: Reader, file: Any) -> str:
    """Return the result of reading a file."""
    try:
        return reader.read(file)
    except DiagnosticError as refusal:
        return next(found.code for found in refusal.diagnostics if found.is_error and str(found))
