"""The `train` command: a training as it is seen, stopped and gone on with."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.cli.commands.cache import CacheView
from engine.cli.commands.graph_files import Json
from engine.cli.commands.suggest_weights import suggest_weights
from engine.cli.console.crash_report import Crashed
from engine.cli.console.output import say_error, say_event, say_json
from engine.cli.console.progress import make_view
from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.fast_import import fast_torch_import
from engine.events import EpochDone, Event, RunFailed, RunFinished, RunStopped
from engine.runs.folder.run_folder import TENSORBOARD, RunFolder

if TYPE_CHECKING:
    from engine.runtime.run.runner import TrainOptions

Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option(help="Where to compute.")
]


def train(
    file: Annotated[
        Path | None,
        typer.Argument(readable=False, metavar="FILE", help="A graph file; not needed to resume."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", readable=False, metavar="D", help="An .npz, a .csv, or a folder of data."
        ),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="D", help="Data to validate on, instead of a split."),
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="D", help="Data kept for a last test: evaluate it."),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            metavar="DIR",
            help="The run folder; else runs/NAME-NNN beside the file.",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(metavar="N", help="Passes over the data.")] = None,
    device: Device = None,
    precision: Annotated[
        Literal["float32", "float64", "bf16-mixed", "16-mixed"] | None,
        typer.Option(help="Kind of number that is computed with."),
    ] = None,
    threads: Annotated[int | None, typer.Option(metavar="N", help="Processor threads.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A field of the recipe; repeatable."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --run, exactly.")
    ] = False,
    again: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="RUN", help="Repeat a run with everything equal."),
    ] = None,
    begin: Annotated[
        Path | None,
        typer.Option(
            "--from", readable=False, metavar="RUN", help="Begin with the weights of a run."
        ),
    ] = None,
    suggested: Annotated[
        bool,
        typer.Option(
            "--suggest-weights", help="Train nothing; say which loss weights make equal shares."
        ),
    ] = False,
    tensorboard: Annotated[
        bool,
        typer.Option("--tensorboard", help="Write files for TensorBoard into the run folder."),
    ] = False,
    cache: Annotated[
        bool | None,
        typer.Option(
            "--cache/--no-cache",
            help="Read the data once into a cache on disk, and train from there; by itself where "
            "it is too large for memory.",
        ),
    ] = None,
    events: Annotated[
        str | None, typer.Option(metavar="-", help="Copy every event to stdout, as JSON lines.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Train a graph file and keep everything in a run folder.

    Ctrl-C finishes the step, saves, and stops; the run goes on later with --resume.
    """
    options = {"epochs": epochs, "device": device, "precision": precision, "threads": threads}
    asked = [f"{key}={value}" for key, value in options.items() if value is not None]
    settings = [*asked, *(settings or ())]
    if again is not None:
        _refuse_unequal(file, resume, begin, settings)
    else:
        start = [f"--from {begin}"] if begin else []
        _refuse_incomplete(file, data, resume, [*(f"--set {one}" for one in settings), *start])
    if events not in (None, "-"):
        raise _misused(
            "events can be copied to stdout only",
            f"--events {events}",
            "--events -",
            "Write --events -, and send stdout where you want it: > FILE.",
        )
    if events and as_json:
        raise _misused(
            "stdout can hold the events or the outcome, not both",
            "--events - --json",
            "one of the two",
            "Leave --json out: the last event says how the run ended.",
        )
    with fast_torch_import():
        from engine.runtime.run.runner import TrainOptions

    order = TrainOptions(
        file,
        data,
        validation,
        run,
        tuple(settings),
        resume,
        test,
        repeat=again,
        warm_start=begin,
        tensorboard=tensorboard,
        cache=cache,
    )
    if suggested:
        return suggest_weights(order, as_json)
    return _train(order, events == "-", as_json)


def _refuse_unequal(
    file: Path | None, resume: bool, begin: Path | None, settings: list[str]
) -> None:
    """Refuse whatever would make a run another one than the one it repeats."""
    given = [str(file)] if file else []
    given += ["--resume"] if resume else []
    given += [f"--from {begin}"] if begin else []
    given += [f"--set {setting}" for setting in settings]
    if given:
        raise _misused(
            "a run that is repeated keeps its graph and its recipe",
            " ".join(["--again", *given]),
            "--again RUN without them",
            "Leave them out, or train a new run with them, without --again.",
        )


def _refuse_incomplete(
    file: Path | None, data: Path | None, resume: bool, settings: list[str]
) -> None:
    if resume and settings:
        raise _misused(
            "a resumed run keeps its recipe",
            " ".join(["--resume", *settings]),
            "--resume without settings",
            "Leave the settings out, or train a new run with them, without --resume.",
        )
    if not resume and file is None:
        raise _misused(
            "no graph file is named",
            "no FILE",
            "engine train FILE --data D",
            "Name the graph file, or a run to go on with: --run RUN --resume.",
        )
    if not resume and data is None:
        raise _misused(
            "no data is named to train on",
            "no --data",
            f"engine train {file} --data D",
            "Name an .npz, a .csv or a folder; `engine sample` writes example data.",
        )


def _misused(message: str, found: str, expected: str, fix: str) -> DiagnosticError:
    return DiagnosticError(
        Diagnostic("usage", message, found=found, expected=expected, fixes=(Fix(fix),))
    )


def _train(order: TrainOptions, copy_events: bool, as_json: bool) -> int:
    from engine.runtime.run import runner

    view = make_view()
    told = _Told()
    with _stopping() as reason:
        reading = CacheView(reason)
        try:
            for run, event in runner.train(order, reason, reading.show):
                if told.run is None:
                    reading.close()
                    _introduce(run)
                told.take(run, event)
                view.show(event)
                if copy_events:
                    say_event(event.to_json())
        except DiagnosticError:
            raise
        except Exception as error:
            folder = told.run.path if told.run else order.run if order.resume else None
            if folder is None:
                raise
            raise Crashed(folder) from error
        finally:
            reading.close()
            view.close()
    if as_json:
        say_json(told.outcome())
    elif told.run is not None:
        _next(told, order)
    return _exit_code(told.last, reason())


def _introduce(run: RunFolder) -> None:
    """Say where everything goes, and in which unit standardised targets are scored meanwhile."""
    from engine.data.preprocessing.fitted_encoders import load_fitted_encoders
    from engine.runtime.inference.score_units import describe_units

    say_error(f"Run folder: {run.path}")
    if run.run.get("tensorboard"):
        say_error(f"To watch it: tensorboard --logdir {quote(str(run.path / TENSORBOARD))}")
    if split := str(run.run.get("split", "")):
        say_error(f"{split[0].upper()}{split[1:]}")
    for output, encoder in load_fitted_encoders(run).targets.items():
        if sentence := describe_units(output, encoder, training=True):
            say_error(sentence)


def _next(told: _Told, order: TrainOptions) -> None:
    """Say what a person will most likely want to do now."""
    assert told.run is not None
    if told.epoch is not None and told.epoch.weights:
        found = ", ".join(f"{name} {weight:.3g}" for name, weight in told.epoch.weights.items())
        say_error(f"Loss weights found: {found}")
    if isinstance(told.last, RunStopped):
        say_error(f"Next: engine train --run {told.run.path} --resume")
    elif isinstance(told.last, RunFinished):
        say_error(f"Next: engine evaluate {told.run.path} {_untrained(told.run, order)}")


def _untrained(run: RunFolder, order: TrainOptions) -> str:
    """Return which rows say most about others: those kept for a test, else other files."""
    if run.run.get("sides", {}).get("test"):
        return "--split test"
    said = run.run.get("paths", {}).get("data")
    return f"--data {_test_rows(order.data or Path(said or 'D'))}"


def _test_rows(data: Path) -> Path:
    """Return the rows that lie held out beside the data, or else the data."""
    from engine.data.readers.table_file import TRAIN_FILE_NAMES

    folder = data if data.is_dir() else data.parent
    tests = (folder / part.replace("train", "test") for part in TRAIN_FILE_NAMES)
    return next((test for test in tests if test.is_file()), data)


@dataclass
class _Told:
    """What a run has said so far, as far as it is needed at the end."""

    run: RunFolder | None = None
    last: Event | None = None
    epoch: EpochDone | None = None

    def take(self, run: RunFolder, event: Event) -> None:
        self.run, self.last = run, event
        self.epoch = event if isinstance(event, EpochDone) else self.epoch

    def outcome(self) -> dict[str, object]:
        """Return how it ended as plain JSON."""
        ended = self.last.to_dict() if self.last else {}
        scores = self.epoch.to_dict() if self.epoch else {}
        failed = isinstance(self.last, RunFailed)
        return {
            "ok": not failed,
            "run": str(self.run.path) if self.run else "",
            "state": (self.last.kind if self.last else "").removeprefix("run-"),
            "step": ended.get("step"),
            "train": scores.get("train", {}),
            "validation": scores.get("validation", {}),
            **({"weights": scores["weights"]} if scores.get("weights") else {}),
            "split": self.run.run.get("split", "") if self.run else "",
            **({"diagnostics": [ended["diagnostic"]]} if failed else {}),
        }


def _exit_code(last: Event | None, reason: str) -> int:
    if isinstance(last, RunFailed):
        return CODES[last.code].exit
    if isinstance(last, RunStopped):
        return ExitCode.TERMINATED if reason == "SIGTERM" else ExitCode.INTERRUPTED
    return ExitCode.OK


class _Reason:
    """Why to stop: "" until a signal came."""

    def __init__(self) -> None:
        self._why = ""

    def __call__(self) -> str:
        return self._why

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Remember the first signal; leave at once on the second."""
        if self._why:
            _ignore_signals()
            sys.exit(128 + number)
        self._why = signal.Signals(number).name
        # Not through sys.stderr, which may be in the middle of a line: it refuses to be re-entered.
        with suppress(OSError):
            os.write(2, b"Stopping after this step; once more to stop at once ...\n")


@contextmanager
def _stopping() -> Iterator[_Reason]:
    reason = _Reason()
    before = {s: signal.signal(s, reason.on_signal) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield reason
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if reason():
            _ignore_signals()


def _ignore_signals() -> None:
    """Let no further signal break into the end, which is near."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
