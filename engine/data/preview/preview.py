"""Previews data: the encoded first rows of each port, and the diagnostics of all rows."""

from __future__ import annotations

from pathlib import Path

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.prepared_data import prepare_data
from engine.data.preview.port_preview import PortPreviewBuilder
from engine.data.preview.preview_schema import DataPreview
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.readers.table_file import open_table, read_table_chunks
from engine.data.splits.split_rows import SplitRows
from engine.data.splits.table_split import split_table
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping
from engine.recipe.recipe import Recipe
from engine.recipe.split import SUBSETS

PREVIEW_ROWS = 8


def preview_data(
    report: Report, data: Path, validation: Path | None = None, test: Path | None = None
) -> tuple[DataPreview, tuple[Diagnostic, ...]]:
    """Return the preview of all ports, with encoders fitted as for training, and diagnostics.

    Args:
        report: the check report of the graph; if it has errors, ports are encoded one by one.
        data: the path of the training table.
        validation, test: the paths of separate tables, None if there are none.

    Raises:
        DiagnosticError: if the training table can't be read at all.
    """
    if report.mapping is None:
        return DataPreview(), ()
    head = next(read_table_chunks(data, chunk_rows=PREVIEW_ROWS, dialect=report.mapping.file), None)
    if head is None:
        head = open_table(data, dialect=report.mapping.file)
    diagnostics: tuple[Diagnostic, ...] = ()
    if not report.errors:
        try:
            prepared = prepare_data(report, data, validation, test)
        except DiagnosticError as error:
            diagnostics = error.diagnostics
        else:
            ports = PortPreviewBuilder(report, head, report.mapping, prepared.fitted)
            counts = {subset: int(prepared.sides[subset]) for subset in SUBSETS}
            preview = DataPreview(ports=ports.build(), sides=counts, split=prepared.split)
            return preview, (*prepared.warnings, *ports.diagnostics)
    separate = (validation is not None, test is not None)
    return _preview_one_by_one(report, report.mapping, head, data, separate, diagnostics)


def _preview_one_by_one(
    report: Report,
    mapping: DataMapping,
    head: Table,
    data: Path,
    separate: tuple[bool, bool],
    errors: tuple[Diagnostic, ...],
) -> tuple[DataPreview, tuple[Diagnostic, ...]]:
    """Encode the rows `head` for one port at a time; return the preview and a diagnostics tuple.

    If `errors` is not empty, it is this tuple. Otherwise, the tuple has the diagnostics found here.
    `separate`: whether there is a separate validation table, and whether a separate test table.
    """
    table = open_table(data, dialect=mapping.file)
    split_rows: SplitRows | None = None
    diagnostics: list[Diagnostic] = []
    try:
        split_rows = split_table(table, mapping.split, report.recipe or Recipe(), separate)
    except DiagnosticError as error:
        diagnostics += error.diagnostics
    train = None if split_rows is None else split_rows.train
    ports = PortPreviewBuilder(report, head, mapping, None, table, train)
    views = ports.build()
    diagnostics += add_line_numbers(ports.diagnostics, data, table.dialect)
    counts = {subset: len(getattr(split_rows, subset)) for subset in SUBSETS} if split_rows else {}
    description = split_rows.description if split_rows else ""
    return DataPreview(ports=views, sides=counts, split=description), errors or tuple(diagnostics)
