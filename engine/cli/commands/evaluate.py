"""The `evaluate` command: shows the scores and mistakes of a trained network."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.cli.commands.options import (
    DeviceOption,
    DevicesOption,
    JsonOption,
    RunArgument,
    WeightsOption,
    launch_devices,
    path_option,
    usage_error,
)
from engine.cli.console.evaluation_text import output_lines, score_table
from engine.cli.console.output import print_event, print_json, print_line, wrap_text
from engine.cli.torch_import import import_torch
from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.shell import shell_path
from engine.runs.comparison.run_table import read_run_entry
from engine.runs.evaluation import WEIGHT_DESCRIPTIONS, save_evaluation

if TYPE_CHECKING:
    from engine.runtime.inference.trained_model import TrainedModel


def evaluate(
    context: typer.Context,
    run: RunArgument,
    data: Annotated[
        Path | None,
        path_option(
            "D", "A table, or a folder of data; with --split, the run's own data by default."
        ),
    ] = None,
    split: Annotated[
        Literal["train", "validation", "test"] | None,
        typer.Option(help="Only the rows of this split, chosen as in training."),
    ] = None,
    weights: WeightsOption = "final",
    device: DeviceOption = None,
    devices: DevicesOption = 1,
    progress: Annotated[
        bool, typer.Option("--progress", help="Print the progress to stdout, as lines of JSON.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the scores and mistakes of a trained network.

    The results are saved in the run folder, where `engine report` finds them.
    """
    if data is None and split is None:
        raise usage_error(
            "the rows to evaluate are missing",
            "neither --data nor --split",
            f"engine evaluate {shell_path(run)} --data D",
            "Add a table: --data D.",
            "Add a split of the run: --split validation, or --split test.",
        )
    launch_devices(context, devices, device)
    import_torch()
    from engine.runtime.distributed.process_group import connected_group
    from engine.runtime.evaluation.record import evaluate_run
    from engine.runtime.inference.trained_model import TrainedModel

    with connected_group() as group:
        trained = group.agree(lambda: TrainedModel.open(run, weights, device, group))
        results = evaluate_run(trained, data, split, EvaluationProgress() if progress else None)
    if group.rank:
        return
    try:
        save_evaluation(run, results)
    except DiagnosticError as error:  # a run in a read-only folder can be evaluated, too
        if error.diagnostics[0].code == "run-missing":
            raise
    if as_json:
        print_json({"ok": True, "run": str(run), **results.to_dict()})
        return
    weights_text = results.weights_description
    if results.weights == "final":
        weights_text += f", those of epoch {read_run_entry(trained.run, 'finished').kept_epoch}"
    print_line(f"{run} on {results.data}, {results.rows_description}, with {weights_text}")
    print_line("\n".join(map(wrap_text, results.notes)) + "\n")
    print_line(score_table(results))
    shown = {row.row for output in results.outputs for row in output.worst}
    places = _row_places(trained, Path(results.data), shown)
    for output in results.outputs:
        print_line("\n" + "\n".join(output_lines(output, places)))


def _row_places(trained: TrainedModel, data: Path, rows: set[int]) -> dict[int, str]:
    """Return by row its line in a CSV file, and the time and series with which a window ends."""
    from engine.data.readers.csv_line_numbers import csv_line_numbers

    mapping = trained.report.mapping
    lines = csv_line_numbers(rows, data, mapping.file if mapping else None)
    places = {row: f", line {line} of the file" for row, line in lines.items()}
    if mapping and mapping.windows and rows:
        from engine.data.writers.table import column_to_json

        table = trained.open_table(data)
        for name in mapping.windows.columns:
            cells = column_to_json(table.columns[name])
            places |= {row: f"{places.get(row, '')}, {name} {cells[row]}" for row in rows}
    return places


class EvaluationProgress:
    """A callback that prints the progress of an evaluation as JSON, at most ten times a second."""

    def __init__(self) -> None:
        self._last_time = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Print the number of evaluated rows and of all rows."""
        if done == total or time.monotonic() - self._last_time >= 0.1:
            self._last_time = time.monotonic()
            print_event(json.dumps({"done": done, "of": total}))


def print_used_weights(requested: str, loaded: str) -> None:
    """Print a note if other weights than the requested ones were loaded."""
    if loaded != requested:
        used, missing = WEIGHT_DESCRIPTIONS[loaded], WEIGHT_DESCRIPTIONS[requested]
        print_line(f"{used[0].upper()}{used[1:]} were used; {missing} do not exist")
