"""The `predict` command: predicts rows of a table, or rows given as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.commands.evaluate import print_used_weights
from engine.cli.commands.options import (
    DeviceOption,
    DevicesOption,
    JsonOption,
    RunArgument,
    WeightsOption,
    launch_devices,
    path_option,
    require_writable,
    usage_error,
)
from engine.cli.console.output import (
    format_table,
    print_error,
    print_json,
    print_line,
    show_diagnostics,
)
from engine.cli.torch_import import import_torch
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.formatting.shell import shell_path

if TYPE_CHECKING:
    from engine.data.table.column_types import Column
    from engine.data.table.table import Table
    from engine.runtime.inference.prediction_columns import Columns
    from engine.runtime.inference.trained_model import RowPredictions, TrainedModel


def predict(
    context: typer.Context,
    run: RunArgument,
    data: Annotated[Path | None, path_option("D", "A table, or a folder of data.")] = None,
    row: Annotated[
        list[str] | None,
        typer.Option(metavar="JSON", help="A row as JSON: '{\"age\": 3}'; repeatable."),
    ] = None,
    out: Annotated[
        Path | None,
        path_option("F", "The file to write: .csv, .tsv, .parquet, .arrow, .jsonl or .npz."),
    ] = None,
    bare: Annotated[
        bool,
        typer.Option("--bare", help="Write only the predictions, without the table's columns."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Write the probability of each label, too.")
    ] = False,
    interval: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            max=0.999,
            metavar="LEVEL",
            help="Write prediction intervals of numbers with this coverage, for rows like the "
            "validation rows, such as 0.9.",
        ),
    ] = None,
    weights: WeightsOption = "final",
    device: DeviceOption = None,
    devices: DevicesOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Write predictions in your labels and units.

    Predictions for a table are added after its columns, as OUTPUT_predicted. Predictions for --row
    are printed. For time series, each window gives a row with the time of its last past step.
    """
    if (data is None) == (not row) or (data is not None and out is None):
        raise _usage_error(run, data, row)
    if out is not None:
        require_writable(out, force)
    launch_devices(context, devices, device)
    import_torch()
    from engine.data.writers.table import check_writable_extension
    from engine.runtime.distributed.process_group import connected_group
    from engine.runtime.inference.prediction_columns import prediction_columns, prediction_notes
    from engine.runtime.inference.trained_model import TrainedModel

    if out is not None:
        check_writable_extension(out)
    with connected_group() as group:
        trained = group.agree(lambda: TrainedModel.open(run, weights, device, group))
        table = _open_rows(trained, data, row)
        predicted = _predict(trained, table, typed=data is None)
    if group.rank:
        return
    heads, fitted = trained.heads, trained.fitted
    margins: dict[str, Any] = {}
    found = prediction_notes(heads, fitted, probabilities)
    if interval is not None:
        from engine.runtime.evaluation.conformal import conformal_margins

        margins, unfit = conformal_margins(trained, interval)
        found += unfit
    predictions = prediction_columns(heads, predicted.values, fitted, probabilities, margins)
    if not as_json:
        print_used_weights(weights, trained.loaded_weights)
    if out is not None:
        rows, found = predicted.rows, [*found, *predicted.notes]
        columns = {} if bare else rows.columns
        _write_predictions(trained, rows, columns, predictions, found, out, as_json)
        return
    _print_predictions(trained, predicted, predictions, found, as_json)


def _write_predictions(
    trained: TrainedModel,
    table: Table,
    columns: Mapping[str, Column],
    predictions: dict[str, Any],
    found: list[Diagnostic],
    out: Path,
    as_json: bool,
) -> None:
    """Write columns of a table and the predictions to a file, and print what was written."""
    from engine.data.writers.table import replaced_columns, write_table
    from engine.runtime.inference.prediction_columns import append_predictions

    written = append_predictions(columns, predictions)
    found = [*found, *replaced_columns(out, columns, predictions)]
    found += write_table(out, written, table.dialect)
    if as_json:
        _print_as_json(trained, table, found, {"columns": list(written), "out": str(out)})
        return
    show_diagnostics(found)
    windows = trained.report.mapping and trained.report.mapping.windows
    each = f", one for each window of {windows.past} past rows," if windows else ""
    print_line(f"Wrote {table.row_count:,} rows{each} to {out}: {', '.join(predictions)}")
    if units := [f"{head.name} is in {head.unit}" for head in trained.heads if head.unit]:
        print_line(f"{', '.join(units)}.")


def _open_rows(trained: TrainedModel, data: Path | None, rows: list[str] | None) -> Table:
    from engine.data.readers.records import table_from_records

    windows = trained.report.mapping.windows if trained.report.mapping else None
    if data is None and windows:
        raise usage_error(
            "--row gives single rows, and this network predicts from windows of rows",
            "--row",
            "--data D --out F",
            f"Write at least {windows.past} rows of each series to a table: --data D --out F.",
        )
    if data is None:
        return table_from_records(rows or [])
    try:
        return trained.open_table(data)
    except DiagnosticError as error:
        raise DiagnosticError(*map(_without_edits, error.diagnostics)) from error


def _without_edits(diagnostic: Diagnostic, where: str = "in the file") -> Diagnostic:
    """Return a diagnostic without the fixes that edit the graph: a run's graph can't be edited.

    If no fix remains, the result has one text fix: "Correct these cells", followed by `where`.
    """
    fixes = tuple(fix for fix in diagnostic.fixes if fix.edit is None)
    return replace(diagnostic, fixes=fixes or (Fix(f"Correct these cells {where}."),))


def _predict(trained: TrainedModel, table: Table, typed: bool) -> RowPredictions:
    """Return the predictions for `table`.

    `typed`: whether the user typed the rows as JSON, instead of naming a file. If there is only one
    typed row, errors name the cells of this row.
    """
    from engine.data.preview.input_schema import input_fields
    from engine.runtime.serving.row_diagnostics import row_diagnostic

    try:
        return trained.predict_rows(table)
    except DiagnosticError as error:
        found = error.diagnostics
        if typed and table.row_count == 1:
            fields = input_fields(trained.report, trained.fitted)
            raise DiagnosticError(*(row_diagnostic(entry, fields) for entry in found)) from error
        where = "in the rows" if typed else "in the file"
        raise DiagnosticError(*(_without_edits(entry, where) for entry in found)) from error


def _print_predictions(
    trained: TrainedModel,
    predicted: RowPredictions,
    predictions: Columns,
    found: list[Diagnostic],
    as_json: bool,
) -> None:
    """Print predictions of typed rows; for a single row, notes tell what was done to its cells."""
    from engine.data.writers.table import column_to_json
    from engine.runtime.inference.prediction_columns import append_predictions

    table, columns = predicted.rows, append_predictions({}, predictions)
    notes = {}
    if table.row_count == 1:
        notes = trained.row_notes(table, predicted.notes)
    else:
        found = [*found, *predicted.notes]
    rows = zip(*map(column_to_json, columns.values()), strict=True)
    if as_json:
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        content = {"predictions": records, **({"notes": notes} if notes else {})}
        _print_as_json(trained, table, found, content)
        return
    print_line(format_table(list(columns), [[*map(_shown, row)] for row in rows], set()))
    for column, note in notes.items():
        print_error(f"{column}: {note[:1].lower()}{note[1:]}")
    show_diagnostics(found)


def _print_as_json(
    trained: TrainedModel, table: Table, found: list[Diagnostic], content: Mapping[str, Any]
) -> None:
    common = {"rows": table.row_count, "weights": trained.loaded_weights}
    diagnostics = [diagnostic.to_dict() for diagnostic in found]
    print_json({"ok": True, **common, **content, "diagnostics": diagnostics})


def _shown(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else "" if value is None else str(value)


def _usage_error(run: Path, data: Path | None, rows: list[str] | None) -> DiagnosticError:
    if data is not None and not rows:
        message, found, fix = "--out is missing", "no --out", "Add a file: --out predictions.csv."
    elif data is not None:
        message, found = "--data and --row exclude each other", "both --data and --row"
        fix = "Leave one of them out."
    else:
        message, found = "the rows to predict are missing", "neither --data nor --row"
        fix = "Add a table: --data D --out F."
    expected = f"engine predict {shell_path(run)} --data D --out F"
    return usage_error(message, found, expected, fix, "Add a row: --row '{\"column\": 3}'.")
