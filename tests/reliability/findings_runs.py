"""A minimal case for each diagnostic of runs, commands and disks."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch.distributed.elastic.rendezvous import RendezvousTimeoutError

from engine.check.report import check, check_project
from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_from_dict
from engine.core.exceptions import diagnostic_from_exception
from engine.core.files.atomic_write import file_error, make_folder, write_bytes
from engine.data.cache.policy import CacheSettings
from engine.data.prepared_data import prepare_data
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.row_reader import read_table_rows
from engine.data.readers.table_file import open_table
from engine.data.samples import make_sample
from engine.data.starter.starter_graph import build_starter_project
from engine.data.writers.table import write_table
from engine.events import EpochDone, Event, RunFailed, StepsDone, Warned
from engine.graph.serialization import file as graph_file
from engine.graph.serialization.file import dumps
from engine.graph.serialization.migration import migrate
from engine.graph.templates import read_template
from engine.launch.torchrun import Launch, rank_lost_diagnostic
from engine.layers.dense import Dense
from engine.recipe.overrides import apply_overrides
from engine.runs.control.requests import ControlRequest, late_request_warning, send_request
from engine.runs.folder.notes import set_name
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.request import TrainRequest
from engine.runs.state.curve_warnings import WINDOW_STEPS, CurveMonitor
from engine.runtime.checkpoints.checkpoint import CheckpointStore
from engine.runtime.device import make_device_context, require_devices, select_device
from engine.runtime.distributed.launcher import rendezvous_error
from engine.runtime.distributed.modules import require_divisible_batches
from engine.runtime.inference.prediction_columns import prediction_notes
from engine.runtime.run.runner import train
from engine.runtime.training.control import ControlQueue
from tests.end_to_end.conftest import in_process
from tests.engine.runtime.small import line, node, ordered, project, run, straight
from tests.reliability.findings_data import DAYS, by_day
from tests.reliability.tables import csv, number

Found = Iterable[Diagnostic]
Act = Callable[[Path], Any]


def refused(act: Callable[..., Any], *arguments: Any) -> Found:
    """Return the diagnostics of the error that a call raises."""
    with suppress(OSError):
        try:
            act(*arguments)
        except DiagnosticError as error:
            return error.diagnostics
    return []


def told(events: Iterable[Event]) -> Found:
    """Return the warnings of a run, and the error that ended it."""
    said = [event for event in events if isinstance(event, (Warned, RunFailed))]
    return [diagnostic_from_dict(each.diagnostic) for each in said]


def command(*words: object) -> Found:
    """Return the diagnostics that a command prints."""
    answer = in_process(*words, "--json").json
    return [diagnostic_from_dict(each) for each in answer["diagnostics"]]


def small(folder: Path, given: Any = None, **order: Any) -> TrainRequest:
    return ordered(folder, given or straight(epochs=1, batch_size=8), line(), **order)


def trained(folder: Path, **order: Any) -> Path:
    return run(small(folder, **order))[0].path


def again(folder: Path, damaged: int) -> Found:
    """Return the diagnostics of resuming a run with damaged checkpoints."""
    path = run(small(folder, straight(epochs=3, batch_size=8)))[0].path
    for each in sorted(path.glob("checkpoints/*.safetensors"))[-damaged:]:
        each.write_bytes(b"gone")
    return told(event for _, event in going(TrainRequest(None, None, run=path, resume=True)))


def going(order: TrainRequest) -> Iterable[Any]:
    """Yield the events of a training, then the error that it raises."""
    try:
        yield from train(order)
    except DiagnosticError as error:
        yield from ((None, Warned(diagnostic=each.to_dict())) for each in error.diagnostics)


def elsewhere(folder: Path) -> Found:
    path = trained(folder)
    described = json.loads((path / "run.json").read_bytes())
    described["versions"]["torch"] = "2.6.0"
    (path / "run.json").write_text(json.dumps(described))
    return told(event for _, event in train(TrainRequest(None, None, run=path, resume=True)))


def busy(folder: Path) -> Found:
    order = small(folder, run=folder / "here")
    with lock_run_folder(folder / "here"):
        return refused(list, train(order))


def changed(folder: Path) -> Found:
    order = small(folder)
    path = run(order)[0].path
    order.graph.write_text(dumps(straight(epochs=1, batch_size=8, loss="mae")))
    return refused(list, train(replace(order, run=path, resume=True)))


def begun(folder: Path, given: Any) -> Found:
    """Return the diagnostics of a warm start with the weights of another network."""
    first = trained(folder)
    (folder / "small.loom.json").write_text(dumps(given))
    return told(event for _, event in going(replace(small(folder, given), warm_start=first)))


def other(units: int, name: str) -> Any:
    return project(
        node("x", "Input", shape=[3]), node(name, "Dense", "x", units=1),
        node("wide", "Dense", "x", units=units), node("e", "Dense", "wide", units=1),
        node("y", "Output", name, loss="mse"), node("z", "Output", "e", loss="mse"),
        data={"targets": {"z": {"column": "y"}}}, epochs=1,
    )  # fmt: skip


def idle_run(folder: Path) -> Path:
    with lock_run_folder(folder / "a"):
        return RunFolder.create(folder / "a", {"run_id": "r"}, b"{}").path


def answers(folder: Path, request: ControlRequest) -> Found:
    """Return the response of a live run to a control request."""
    from engine.data.prepared_data import prepare_data
    from engine.runtime.training.builder import build_training

    order = small(folder)
    given = graph_file.parse(order.graph.read_bytes()).project
    training = build_training(prepare_data(check_project(given), order.data, None))
    queue = ControlQueue(None)
    queue._received.append(request)
    said = list(queue._poll(training))
    return [diagnostic_from_dict(each.diagnostic) for each in said]


def seen(age: Callable[[int], float], sex: Callable[[int], float]) -> Found:
    """Return the curve warnings of two outputs."""
    lookout, found = CurveMonitor(), []
    for first in range(0, 6 * WINDOW_STEPS, WINDOW_STEPS):
        ages = tuple(map(age, range(first, first + WINDOW_STEPS)))
        sexes = tuple(map(sex, range(first, first + WINDOW_STEPS)))
        found += lookout.update(
            StepsDone(
                first=first + 1, last=first + WINDOW_STEPS, learning_rate=(0.1,) * WINDOW_STEPS,
                loss=tuple(a + s for a, s in zip(ages, sexes, strict=True)),
                losses={"age": ages, "sex": sexes},
            )
        )  # fmt: skip
    return found


def overfit() -> Found:
    """Return the warnings of a validation loss that rises from the third epoch on."""
    monitor, found = CurveMonitor(), []
    for epoch in range(1, 20):
        validation = {"loss": 1 + abs(epoch - 3) / 10}
        found += monitor.update(
            EpochDone(epoch=epoch, step=epoch, train={"loss": 1 / epoch}, validation=validation)
        )
    return found


def unlearned(folder: Path, rare: float) -> Found:
    """Return the warnings of classes of which one is rare and no input tells anything."""
    rng = np.random.default_rng(0)
    rows = {"x": rng.normal(size=(400, 3)).astype("float32"), "y": rng.random(400) < rare}
    if rare < 0.5:
        rows["x"][:, 0] += rows["y"]
    net = project(
        node("x", "Input", shape=[3]), node("d", "Dense", "x", units=1, activation="sigmoid"),
        node("y", "Output", "d", loss="binary_crossentropy"),
        optimizer={"kind": "Adam", "params": {"learning_rate": 0.05}}, epochs=10,
    )  # fmt: skip
    rows["y"] = rows["y"].astype("float32")
    return told(run(ordered(folder, net, rows))[1])


def two(**recipe: Any) -> Any:
    return project(
        node("x", "Input", shape=[3]), node("d", "Dense", "x", units=1),
        node("e", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse"), node("z", "Output", "e", loss="mse"),
        data={"targets": {"z": {"column": "y"}}}, **recipe,
    )  # fmt: skip


def defect(folder: Path) -> Found:
    """Return the diagnostics of a layer whose shape inference fails."""

    def infer(_self: Dense, x: Any) -> None:
        raise ZeroDivisionError("a defect")

    with patch.object(Dense, "infer", infer):
        return check(straight()).diagnostics


def table(folder: Path, **columns: list[str]) -> Any:
    return open_table(csv(**columns)(folder))


def starts(folder: Path, targets: list[str], **columns: list[str]) -> Found:
    """Return the diagnostics of a starter network for a table."""
    try:
        return build_starter_project(table(folder, **columns), targets).notes
    except DiagnosticError as error:
        return error.diagnostics


def failing(number: int, folder: Path) -> Found:
    """Return the diagnostics of a file if every write fails."""
    with patch("os.write", side_effect=OSError(number, os.strerror(number))):
        return refused(write_bytes, folder / "net.loom.json", b"{}")


def old(folder: Path) -> Found:
    value = {"format": "layerloom", "version": 1}
    return migrate(value, {1: lambda each: each}, newest=2)[1]


RUNAWAY = {"optimizer": {"kind": "SGD", "params": {"learning_rate": 1e20}}, "epochs": 9}
WIDE = [f"{row}" for row in range(40)]
DISK: dict[str, Act] = {
    "file-missing": lambda at: refused(write_bytes, at / "no" / "net.loom.json", b""),
    "file-denied": lambda at: (
        file_error(
            OSError(errno.EACCES, os.strerror(errno.EACCES)), at / "net.loom.json", "written"
        ).diagnostics
    ),
    "file-is-folder": lambda at: refused(graph_file.read, at),
    "file-in-the-way": lambda at: refused(make_folder, _file(at / "runs")),
    "file-exists": lambda at: command("new", "posts", _file(at / "net.loom.json")),
    "disk-full": lambda at: failing(errno.ENOSPC, at),
    "disk-failed": lambda at: failing(errno.EIO, at),
    "file-migrated": old,
    "template-unknown": lambda at: refused(read_template, "post"),
    "code-unknown": lambda at: command("explain", "cell-mising"),
    "layer-failed": defect,
}


def streamed_windows(folder: Path) -> Found:
    """Return the diagnostics of windows of a table whose rows are streamed."""
    caching = CacheSettings(folder=folder / "cache", stream=True)
    return refused(prepare_data, check(by_day()), csv(day=DAYS)(folder), None, None, caching)


def leaking(folder: Path, repeats: int) -> Found:
    """Return the warnings of a target that a column tells, in rows that may be repeated."""
    rng = np.random.default_rng(0)
    x = (rng.integers(0, 9, 200) if repeats == 1 else rng.normal(size=200)).reshape(-1, 1)
    rows = {"x": np.tile(x, (repeats, 3)).astype("float32"), "y": np.tile(2.0 * x, (repeats, 1))}
    order = ordered(folder, straight(), rows)
    return prepare_data(check_project(straight()), order.data, None).warnings


def streamed(folder: Path) -> Found:
    """Return the diagnostics of a table whose rows are streamed."""
    caching = CacheSettings(folder=folder / "cache", stream=True)
    return prepare_data(check(number()), csv()(folder), None, caching=caching).warnings


DATA: dict[str, Act] = {
    "sample-unknown": lambda at: refused(make_sample, "post"),
    "row-beyond": lambda at: refused(read_table_rows, csv()(at), [40]),
    "column-not-written": lambda at: write_table(
        at / "t.csv", {"n": np.ones(2), "x": np.ones((2, 3))}
    ),
    "prediction-unfit": lambda at: prediction_notes(
        [*check(number()).heads.values()], FittedEncoders(), probabilities=True
    ),
    "column-left-out": lambda at: starts(at, ["y"], id=WIDE),
    "target-choice": lambda at: starts(at, ["y"], y=[f"{1 + int(row) % 5}" for row in WIDE]),
    "sentinel-values": lambda at: starts(at, ["y"], x=[*WIDE[:-2], "-999", "-999"]),
    "data-streamed": streamed,
    "target-leak": lambda at: leaking(at, repeats=1),
    "rows-in-both": lambda at: leaking(at, repeats=9),
    "series-streamed": streamed_windows,
    "target-unfit": lambda at: starts(at, ["id"], id=[f"word{row} of it" for row in WIDE]),
    "nothing-to-learn-from": lambda at: refused(
        build_starter_project,
        open_table(_csv(at, id=WIDE, y=[f"{int(row) % 7}.5" for row in WIDE])),
        ["y"],
    ),
}
NO_ALGORITHM = (
    "cumsum_cuda_kernel does not have a deterministic implementation, but you set "
    "'torch.use_deterministic_algorithms(True)'."
)
RUNS: dict[str, Act] = {
    "run-busy": busy,
    "run-folder-foreign": lambda at: refused(lock_run_folder, _file(at / "net.loom.json").parent),
    "run-exists": lambda at: refused(lock_run_folder, idle_run(at)),
    "run-missing": lambda at: refused(RunFolder.open, at),
    "run-broken": lambda at: refused(RunFolder.open, _file(at / "run.json", "{").parent),
    "run-newer": lambda at: refused(
        RunFolder.open, _file(at / "run.json", '{"format": "layerloom-run", "version": 99}').parent
    ),
    "run-name-unfit": lambda at: refused(set_name, idle_run(at), "two\nlines"),
    "run-differs": changed,
    "checkpoint-damaged": lambda at: again(at, 1),
    "checkpoint-lost": lambda at: again(at, 9),
    "checkpoint-missing": lambda at: refused(CheckpointStore(at).load),
    "weights-partly": lambda at: begun(at, other(5, "d")),
    "checkpoint-unfit": lambda at: begun(at, other(5, "q")),
    "usage": lambda at: command("train", "net.loom.json", "--epoch"),
    "internal": lambda at: [diagnostic_from_exception(ZeroDivisionError("a defect"))],
    "extra-missing": lambda at: _without_board(at),
    "setting-unfit": lambda at: refused(apply_overrides, {}, ["optimizr=Adam"]),
    "run-not-live": lambda at: refused(send_request, idle_run(at), "pause"),
    "request-late": lambda at: [late_request_warning(ControlRequest("a", "stop"))],
    "request-unfit": lambda at: answers(at, ControlRequest("a", "loss_weight", {"w": 1})),
}
TRAINING: dict[str, Act] = {
    "device-missing": lambda at: refused(select_device, "mps"),
    "devices-missing": lambda at: refused(require_devices, torch.device("mps"), 2),
    "sharding-idle": lambda at: told(run(small(at, straight(sharded=True, epochs=1)))[1]),
    "batch-undivided": lambda at: refused(
        require_divisible_batches,
        check(
            project(
                node("x", "Input", shape=[3]),
                node("body", "Dense", "x", units=2, activity_regularizer="orthogonal_regularizer"),
                node("y", "Output", "body", loss="mse"),
            )
        ).shapes,
    ),
    "rendezvous-failed": lambda at: (
        rendezvous_error(
            Launch(nodes=2, rendezvous="gpu-1:29500"), RendezvousTimeoutError("late")
        ).diagnostics
    ),
    "rank-lost": lambda at: [rank_lost_diagnostic("rank 1: exit code -9", Path("runs/net-001"), 2)],
    "precision-unfit": lambda at: refused(make_device_context, "cpu", "16-mixed"),
    "not-deterministic": lambda at: [diagnostic_from_exception(RuntimeError(NO_ALGORITHM))],
    "diverged": lambda at: told(run(small(at, straight(**RUNAWAY)))[1]),
    "not-bit-identical": elsewhere,
    "balance-unfit": lambda at: check(two(balance="gradnorm")).diagnostics,
    "overfitting": lambda at: overfit(),
    "baseline-not-beaten": lambda at: unlearned(at, 0.5),
    "class-never-predicted": lambda at: unlearned(at, 0.1),
    "loss-zero": lambda at: seen(lambda step: 0.5, lambda step: 0.0),
    "loss-rising": lambda at: seen(lambda step: 1 + step / 10, lambda step: 1 + step / 10),
}
ACTS = {**DISK, **DATA, **RUNS, **TRAINING}


def _file(path: Path, text: str = "") -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _csv(folder: Path, **columns: list[str]) -> Path:
    lines = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
    return _file(folder / "d.csv", "\n".join(lines) + "\n")


def _without_board(folder: Path) -> Found:
    with patch("engine.runtime.run.tensorboard.PACKAGE", "no_such_package"):
        return refused(list, train(small(folder, tensorboard=True)))
