"""The `evaluate` command, and the options that it shares with `predict`."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from engine.cli.commands.graph_files import JsonOption
from engine.cli.console.output import print_event, print_json, print_line
from engine.cli.console.score_table import output_lines, score_table
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.fast_import import fast_torch_import
from engine.runs.evaluation import WEIGHT_DESCRIPTIONS, save_evaluation

_PROGRESS_SECONDS = 0.1  # between two lines of progress
RunArgument = Annotated[
    Path,
    typer.Argument(readable=False, metavar="RUN", help="A run folder, such as runs/posts-001."),
]
EvaluationData = Annotated[
    Path | None,
    typer.Option(
        "--data",
        readable=False,
        metavar="D",
        help="A table, or a folder of data; with --split, the run's own data by default.",
    ),
]
SplitName = Annotated[
    Literal["train", "validation", "test"] | None,
    typer.Option("--split", help="Only the rows of this split, chosen as in training."),
]
WeightsOption = Annotated[
    Literal["final", "best", "last"],
    typer.Option("--weights", help="The weights: of the end, of the best epoch, or the newest."),
]
DeviceOption = Annotated[
    Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option(help="Where to compute.")
]


def evaluate(
    run: RunArgument,
    data: EvaluationData = None,
    split: SplitName = None,
    weights: WeightsOption = "final",
    device: DeviceOption = None,
    progress: Annotated[
        bool, typer.Option("--progress", help="Print the progress to stdout, as lines of JSON.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the scores and mistakes of a trained network.

    The results are saved in the run folder, where `engine report` finds them.
    """
    if data is None and split is None:
        raise DiagnosticError(_missing_rows(run))
    with fast_torch_import():
        from engine.runtime.evaluation import evaluated, silent
        from engine.runtime.inference.trained_model import TrainedModel

    trained = TrainedModel.open(run, weights, device)
    results = evaluated(trained, data, split, EvaluationProgress() if progress else silent)
    with suppress(DiagnosticError):  # a run in a read-only folder can be evaluated too
        save_evaluation(run, results)
    if as_json:
        print_json({"ok": True, "run": str(run), **results.to_dict()})
        return
    rows = f"{results.rows:,} {split} rows" if split else f"{results.rows:,} rows"
    print_line(f"{run} on {results.data}, {rows}, with {results.weights_description}\n")
    print_line(score_table(results))
    for output in results.outputs:
        print_line("\n" + "\n".join(output_lines(output)))
    print_line("\n" + "\n".join(results.notes))


class EvaluationProgress:
    """Prints the progress of an evaluation, about ten times a second."""

    def __init__(self) -> None:
        self._last_time = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Print how many of all rows are done."""
        if done == total or time.monotonic() - self._last_time >= _PROGRESS_SECONDS:
            self._last_time = time.monotonic()
            print_event(json.dumps({"done": done, "of": total}))


def _missing_rows(run: Path) -> Diagnostic:
    return Diagnostic(
        "usage",
        "the rows to evaluate are missing",
        found="neither --data nor --split",
        expected=f"engine evaluate {run} --data D",
        fixes=(
            Fix("Add a table: --data D."),
            Fix("Add a split of the run: --split validation, or --split test."),
        ),
    )


def print_used_weights(requested: str, loaded: str) -> None:
    """Print a note if other weights than the requested ones were loaded."""
    if loaded != requested:
        used = WEIGHT_DESCRIPTIONS[loaded]
        print_line(
            f"{used[0].upper()}{used[1:]} were used; {WEIGHT_DESCRIPTIONS[requested]} do not exist"
        )
