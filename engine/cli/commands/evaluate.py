"""The command that scores a trained run: evaluate; and the words that it shares with predict."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from engine.cli.commands.graph_files import Json
from engine.cli.console.output import say, say_event, say_json
from engine.cli.console.score_table import output_lines, score_table
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.fast_import import fast_torch_import
from engine.runs.evaluation import WEIGHTS, keep

_EVERY = 0.1  # seconds between two words about how far it is
Run = Annotated[
    Path,
    typer.Argument(readable=False, metavar="RUN", help="A run folder, such as runs/posts-001."),
]
OwnData = Annotated[
    Path | None,
    typer.Option(
        "--data",
        readable=False,
        metavar="D",
        help="A table, or a folder of data; with --split, the run's own if left out.",
    ),
]
Side = Annotated[
    Literal["train", "validation", "test"] | None,
    typer.Option("--split", help="Only rows of this side, chosen as in the training."),
]
Weights = Annotated[
    Literal["final", "best", "last"],
    typer.Option("--weights", help="Those it ended with, of the best epoch, or the newest."),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option(help="Where to compute.")
]


def evaluate(
    run: Run,
    data: OwnData = None,
    split: Side = None,
    weights: Weights = "final",
    device: Device = None,
    progress: Annotated[
        bool, typer.Option("--progress", help="Say on stdout how far it is, a line of JSON each.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Score a trained network by output name, and show its mistakes.

    The record is kept in the run's folder, where `engine report` finds it.
    """
    if data is None and split is None:
        raise DiagnosticError(_nothing_to_score(run))
    with fast_torch_import():
        from engine.runtime.evaluation import evaluated, silent
        from engine.runtime.inference.trained_model import TrainedModel

    trained = TrainedModel.open(run, weights, device)
    answer = evaluated(trained, data, split, Told() if progress else silent)
    with suppress(
        DiagnosticError
    ):  # a run on a medium that can't be written is evaluated all the same
        keep(run, answer)
    if as_json:
        say_json({"ok": True, "run": str(run), **answer.to_dict()})
        return
    rows = f"{answer.rows:,} {split} rows" if split else f"{answer.rows:,} rows"
    say(f"{run} on {answer.data}, {rows}, with {answer.told_weights}\n")
    say(score_table(answer))
    for output in answer.outputs:
        say("\n" + "\n".join(output_lines(output)))
    say("\n" + "\n".join(answer.notes))


class Told:
    """Says how far an evaluation is, some ten times a second."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, done: int, whole: int) -> None:
        """Say so many of so many rows."""
        if done == whole or time.monotonic() - self._said >= _EVERY:
            self._said = time.monotonic()
            say_event(json.dumps({"done": done, "of": whole}))


def _nothing_to_score(run: Path) -> Diagnostic:
    return Diagnostic(
        "usage",
        "no rows are named to be scored",
        found="neither --data nor --split",
        expected=f"engine evaluate {run} --data D",
        fixes=(
            Fix("Name a table: --data D."),
            Fix("Name a side of the run: --split validation, or --split test."),
        ),
    )


def say_stand_in(asked: str, loaded: str) -> None:
    """Say so where other weights were taken than those asked for."""
    if loaded != asked:
        taken = WEIGHTS[loaded]
        say(f"{taken[0].upper()}{taken[1:]} were taken; {WEIGHTS[asked]} are not there")
