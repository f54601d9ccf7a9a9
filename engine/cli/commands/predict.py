"""The command that asks a trained run about rows: predict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.commands.evaluate import Device, Run, Weights, say_stand_in
from engine.cli.commands.graph_files import Json
from engine.cli.console.output import say, say_error, say_json, show_diagnostics, table
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.fast_import import fast_torch_import

if TYPE_CHECKING:
    from engine.data.table.column_types import Column
    from engine.data.table.table import Table
    from engine.runtime.inference.trained_model import TrainedModel

Data = Annotated[
    Path | None,
    typer.Option("--data", readable=False, metavar="D", help="A table, or a folder of data."),
]
Rows = Annotated[
    list[str] | None,
    typer.Option("--row", metavar="JSON", help="A row that is typed: '{\"age\": 3}'; repeatable."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", readable=False, metavar="F",
        help="Where to write: .csv, .tsv, .parquet, .jsonl or .npz.",
    ),
]  # fmt: skip
Bare = Annotated[bool, typer.Option("--bare", help="Leave the rows' own columns out.")]


def predict(
    run: Run,
    data: Data = None,
    row: Rows = None,
    out: Out = None,
    bare: Bare = False,
    weights: Weights = "final",
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Write predictions in your labels and units.

    They stand behind each row's own columns. Rows that are typed are answered at once.
    """
    if (data is None) == (not row) or (data is not None and out is None):
        raise DiagnosticError(_usage(run, data, row))
    with fast_torch_import():
        from engine.data.writers.table import check_writable_extension, write_table
        from engine.runtime.inference.prediction_columns import (
            append_predictions,
            prediction_columns,
        )
        from engine.runtime.inference.trained_model import TrainedModel

    if out is not None:
        check_writable_extension(out)
    trained = TrainedModel.open(run, weights, device)
    asked = _asked(trained, data, row)
    answer = prediction_columns(
        trained.heads, _predicted(trained, asked, typed=data is None), trained.fitted
    )
    written = append_predictions({} if bare or out is None else asked.columns, answer)
    if not as_json:
        say_stand_in(weights, trained.loaded_weights)
    if out is None:
        _tell(written, asked.row_count, trained.loaded_weights, as_json, _notes(trained, asked))
        return
    notes = write_table(out, written, asked.dialect)
    if as_json:
        say_json({
            "ok": True, "rows": asked.row_count, "columns": list(written), "out": str(out),
            "weights": trained.loaded_weights, "diagnostics": [note.to_dict() for note in notes],
        })  # fmt: skip
        return
    show_diagnostics(notes)
    say(f"Wrote {asked.row_count:,} rows to {out}: {', '.join([*written][-len(answer) :])}")


def _asked(trained: TrainedModel, data: Path | None, rows: list[str] | None) -> Table:
    from engine.data.readers.records import table_from_records

    if data is None:
        return table_from_records(rows or [])
    try:
        return trained.open_table(data)
    except DiagnosticError as refused:
        raise DiagnosticError(*map(_by_hand, refused.diagnostics)) from refused


def _by_hand(found: Diagnostic, where: str = "in the file") -> Diagnostic:
    """Return a finding without ways out that would train another network: cells are mended."""
    fixes = tuple(fix for fix in found.fixes if fix.edit is None)
    return replace(found, fixes=fixes or (Fix(f"Correct the cells that are named, {where}."),))


def _predicted(trained: TrainedModel, asked: Table, typed: bool) -> Mapping[str, Any]:
    """Predict; what is wrong with the one row that was typed is said of its cells."""
    from engine.data.preview.input_schema import input_fields
    from engine.runtime.serving.row_errors import row_diagnostic

    try:
        return trained.predict_table(asked)
    except DiagnosticError as refused:
        if not typed or asked.row_count != 1:
            where = "in the rows" if typed else "in the file"
            raise DiagnosticError(
                *(_by_hand(found, where) for found in refused.diagnostics)
            ) from refused
        known = input_fields(trained.report, trained.fitted)
        raise DiagnosticError(
            *(row_diagnostic(found, known) for found in refused.diagnostics)
        ) from refused


def _notes(trained: TrainedModel, asked: Table) -> Mapping[str, str]:
    """Return by column what is far from the rows trained on, if there is one row."""
    from engine.data.preview.out_of_range import out_of_range_warnings

    return (
        out_of_range_warnings(trained.report, trained.fitted, asked) if asked.row_count == 1 else {}
    )


def _tell(
    predicted: Mapping[str, Column],
    rows: int,
    loaded: str,
    as_json: bool,
    notes: Mapping[str, str],
) -> None:
    """Show predictions of rows that were typed."""
    from engine.data.writers.table import column_to_json

    values = {name: column_to_json(column) for name, column in predicted.items()}
    if as_json:
        answers = [{name: cells[row] for name, cells in values.items()} for row in range(rows)]
        answer = {"ok": True, "rows": rows, "predictions": answers, "weights": loaded}
        say_json({**answer, "notes": notes} if notes else answer)
        return
    shown = [[_shown(cells[row]) for cells in values.values()] for row in range(rows)]
    say(table(list(values), shown, set()))
    for column, note in notes.items():
        say_error(f"{column}: {note[:1].lower()}{note[1:]}")


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)


def _usage(run: Path, data: Path | None, rows: list[str] | None) -> Diagnostic:
    if data is not None and not rows:
        found, fix = "no --out", "Name a file: --out predictions.csv."
    elif data is not None:
        found, fix = "both --data and --row", "Leave one of them out."
    else:
        found, fix = "neither --data nor --row", "Name a table with --data, or type a row."
    return Diagnostic(
        "usage",
        "it is not clear which rows are asked about, or where the answers go",
        found=found,
        expected=f"engine predict {run} --data D --out F",
        fixes=(Fix(fix), Fix("Type a row: --row '{\"column\": 3}'.")),
    )
