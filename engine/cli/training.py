"""Commands about runs: train, evaluate, predict, export, list."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Literal

import typer

from engine.cli.graphs import Json, check_project, project_name, source_of
from engine.cli.progress import by_output, clock, make_view
from engine.cli.show import say, say_error, say_json, table
from engine.core.atomic import write_bytes
from engine.core.codes import CODES, Exit
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.events import EpochDone, Event, RunFailed, RunStopped
from engine.runs.state import Listed, list_runs, read_state

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, such as runs/posts-001.")]
Data = Annotated[
    Path, typer.Option("--data", metavar="D", help="An .npz, a .csv, or a folder of data.")
]
Weights = Annotated[
    Literal["final", "best", "last"],
    typer.Option("--weights", help="Those it ended with, of the best epoch, or the newest."),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option(help="Where to compute.")
]


def add_to(app: typer.Typer) -> None:
    """Enter these commands."""
    for command in (train, evaluate, predict, export, runs):
        app.command()(command)


def train(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A graph file; not needed to resume.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="D", help="An .npz, a .csv, or a folder of data."),
    ] = None,
    validation: Annotated[
        Path | None, typer.Option(metavar="D", help="Data to validate on, instead of a split.")
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The run folder; else runs/NAME-NNN beside the file."),
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
    _refuse_incomplete(file, data, resume, [*asked, *(settings or ())])
    if events not in (None, "-"):
        raise typer.BadParameter("only - (stdout) is possible", param_hint="--events")
    from engine.runtime.runner import Order

    order = Order(file, data, validation, run, (*asked, *(settings or ())), resume)
    return _train(order, events == "-", as_json)


def _refuse_incomplete(
    file: Path | None, data: Path | None, resume: bool, settings: list[str]
) -> None:
    if resume and settings:
        raise typer.BadParameter("a resumed run keeps its recipe", param_hint=settings[0])
    if not resume and file is None:
        raise typer.BadParameter("name a graph file", param_hint="FILE")
    if not resume and data is None:
        raise typer.BadParameter("name the data to train on", param_hint="--data")


def _train(order: object, copy_events: bool, as_json: bool) -> int:
    from engine.runtime import runner

    view = make_view()
    last: Event | None = None
    epoch: EpochDone | None = None
    folder = ""
    with _stopping() as reason:
        try:
            for run, event in runner.train(order, reason):  # type: ignore[arg-type]  # see train
                if not folder:
                    say_error(f"Run folder: {run.path}")
                folder, last = str(run.path), event
                epoch = event if isinstance(event, EpochDone) else epoch
                view.show(event)
                if copy_events:
                    _copy(event)
        finally:
            view.close()
    if as_json:
        say_json(_outcome(folder, last, epoch))
    elif not isinstance(last, RunFailed):
        say_error(f"Next: engine evaluate {folder} --data D")
    return _exit_code(last, reason())


def _copy(event: Event) -> None:
    """Write an event to stdout; a reader that has gone away is no reason to stop training."""
    try:
        sys.stdout.write(event.line() + "\n")
        sys.stdout.flush()
    except OSError:
        sys.stdout = open("/dev/null", "w", encoding="utf-8")  # noqa: SIM115 - until the end


def _outcome(folder: str, last: Event | None, epoch: EpochDone | None) -> dict[str, object]:
    fields = epoch.fields() if epoch else {}
    ended = last.fields() if last else {}
    return {
        "ok": not isinstance(last, RunFailed),
        "run": folder,
        "state": (last.kind if last else "").removeprefix("run-"),
        "step": ended.get("step"),
        "train": fields.get("train", {}),
        "validation": fields.get("validation", {}),
        **({"diagnostics": [ended["diagnostic"]]} if isinstance(last, RunFailed) else {}),
    }


def _exit_code(last: Event | None, reason: str) -> int:
    if isinstance(last, RunFailed):
        return CODES[last.code].exit
    if isinstance(last, RunStopped):
        return Exit.TERMINATED if reason == "SIGTERM" else Exit.INTERRUPTED
    return Exit.OK


class _Reason:
    """Why to stop: "" until a signal came."""

    def __init__(self) -> None:
        self._why = ""

    def __call__(self) -> str:
        return self._why

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Remember the first signal; leave at once on the second."""
        if self._why:
            sys.exit(128 + number)
        self._why = signal.Signals(number).name
        say_error("Stopping after this step; once more to stop at once ...")


@contextmanager
def _stopping() -> Iterator[_Reason]:
    reason = _Reason()
    before = {s: signal.signal(s, reason.on_signal) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield reason
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
