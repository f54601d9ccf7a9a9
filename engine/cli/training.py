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


def evaluate(
    run: Run,
    data: Data,
    weights: Weights = "final",
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Score a trained network on data, by output name."""
    from engine.runtime.trained import Trained

    trained = Trained.open(run, weights, device)
    scores = trained.evaluate(data)
    if as_json:
        plain = {name: score if score == score else None for name, score in scores.items()}
        say_json({"ok": True, "run": str(run), "data": str(data), "weights": weights,
                  "scores": plain, "stamp": _stamp(trained.run.run)})  # fmt: skip
        return
    say(f"{data} through {run} ({weights} weights)")
    say(f"  total loss {scores['loss']:.6g}")
    for line in by_output(scores, tuple(head.name for head in trained.heads)):
        say(f"  {line}")
    units = [f"{head.name} in {head.unit}" for head in trained.heads if head.unit]
    if units:
        say(f"  errors of {', '.join(units)}")
    say(f"  {trained.run.run['split']}")


def _stamp(run: object) -> dict[str, object]:
    keys = ("run_id", "seed", "split", "hashes", "versions", "threads", "device", "precision")
    assert isinstance(run, dict)
    return {key: run.get(key) for key in keys}


def predict(
    run: Run,
    data: Data,
    out: Annotated[Path, typer.Option("--out", metavar="F", help="Where to write: .csv or .npz.")],
    weights: Weights = "final",
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Write predictions for every row of data, in your labels and units."""
    from engine.runtime.answers import columns, write_columns
    from engine.runtime.trained import Trained

    trained = Trained.open(run, weights, device)
    answer = columns(trained.heads, trained.predict(data), trained.fitted)
    write_columns(out, answer)
    rows = len(next(iter(answer.values())))
    if as_json:
        say_json({"ok": True, "rows": rows, "columns": list(answer), "out": str(out)})
    else:
        say(f"Wrote {rows:,} rows to {out}: {', '.join(answer)}")


def export(
    source: Annotated[
        Path, typer.Argument(metavar="FILE|RUN", help="A graph file, or a run folder.")
    ],
    to: Annotated[Literal["pytorch"], typer.Option("--to", help="The form to write.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write to.")],
    weights: Weights = "final",
    as_json: Json = False,
) -> None:
    """Write a network as one readable .py; from a run, with its weights as safetensors."""
    written = _export_run(source, out, weights) if source.is_dir() else _export_file(source, out)
    if as_json:
        say_json({"ok": True, "files": [str(path) for path in written]})
    else:
        for path in written:
            say(f"Wrote {path}")


def _export_run(run: Path, out: Path, weights: Literal["final", "best", "last"]) -> list[Path]:
    from engine.runtime.export import export_pytorch
    from engine.runtime.trained import Trained

    trained = Trained.open(run, weights, "cpu")
    name = str(trained.run.run.get("name") or run.name)
    return list(export_pytorch(trained.network, name, out, trained.fitted))


def _export_file(file: Path, out: Path) -> list[Path]:
    from engine.compile.torch_source import module_name

    source = source_of(check_project(file), file)
    path = out / f"{module_name(project_name(file))}.py"
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        from engine.core.atomic import refusal

        raise refusal(error, out, "written") from error
    write_bytes(path, source.encode())
    return [path]


def runs(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where runs are; else here and in runs/.")
    ] = Path(),
    as_json: Json = False,
) -> None:
    """List the runs in a folder: state, progress and the last scores."""
    found = [run for place in (folder, folder / "runs") if place.is_dir()
             for run in list_runs(place)]  # fmt: skip
    if as_json:
        say_json([_listed(run) for run in found])
        return
    if not found:
        raise Refused(_no_runs(folder))
    say(table(("Run", "State", "Epochs", "Loss", "Time"), map(_row, found), frozenset({2, 3, 4})))


def _listed(run: Listed) -> dict[str, Any]:
    """Answer what a list says of a run. Scores are those of validation where there is one."""
    state = read_state(run.folder.path)
    curves = state.validation or state.train
    scores = {name: curve.values[-1] for name, curve in curves.items()}
    return {
        "run": str(run.folder.path),
        "state": run.status,
        "epoch": state.epoch,
        "epochs": state.started.epochs if state.started else 0,
        "step": state.step,
        "seconds": state.ended.seconds if state.ended else None,
        "scores": {name: score if isfinite(score) else None for name, score in scores.items()},
    }


def _row(run: Listed) -> tuple[str, ...]:
    told = _listed(run)
    loss, seconds = told["scores"].get("loss"), told["seconds"]
    return (
        told["run"],
        told["state"],
        f"{told['epoch']}/{told['epochs']}",
        "" if loss is None else f"{loss:.4f}",
        "" if seconds is None else clock(seconds),
    )


def _no_runs(folder: Path) -> Diagnostic:
    return Diagnostic(
        "run-missing",
        "there are no runs here",
        place=str(folder),
        found="no run folder",
        expected="folders that `engine train` wrote",
        fixes=(Fix("Name the folder that holds them: engine runs DIR."),),
    )
