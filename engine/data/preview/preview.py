"""Previews data: the encoded first rows of each port, and the diagnostics of the whole table."""

from __future__ import annotations

from pathlib import Path

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Refused
from engine.data.prepare import prepare_data
from engine.data.preview.port_preview import PortViews
from engine.data.preview.preview_schema import Received
from engine.data.readers.csv_line_numbers import with_lines
from engine.data.readers.table_file import chunks, open_table
from engine.data.splits.random import Sides
from engine.data.splits.table_split import divide
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping
from engine.recipe.recipe import Recipe
from engine.recipe.split import PARTS

ROWS = 8


def receive(
    report: Report, data: Path, validation: Path | None = None, test: Path | None = None
) -> tuple[Received, tuple[Diagnostic, ...]]:
    """Return the preview of each port, with encoders fitted as for a training, and diagnostics.

    Args:
        report: the check report of the graph; if it has errors, ports are encoded one by one.
        data: the path of the training table.
        validation, test: the paths of separate tables, None without them.

    Raises:
        DiagnosticError: if the table can't be read at all.
    """
    if report.mapping is None:
        return Received(), ()
    head = next(chunks(data, rows=ROWS, dialect=report.mapping.file), None)
    if head is None:
        head = open_table(data, dialect=report.mapping.file)
    diagnostics: tuple[Diagnostic, ...] = ()
    if not report.errors:
        try:
            prepared = prepare_data(report, data, validation, test)
        except Refused as error:
            diagnostics = error.diagnostics
        else:
            ports = PortViews(report, head, report.mapping, prepared.fitted)
            sides = {part: int(prepared.sides[part]) for part in PARTS}
            preview = Received(ports=ports.views(), sides=sides, split=prepared.split)
            return preview, (*prepared.warnings, *ports.found)
    separate = (validation is not None, test is not None)
    return _preview_one_by_one(report, report.mapping, head, data, separate, diagnostics)


def _preview_one_by_one(
    report: Report,
    mapping: DataMapping,
    head: Table,
    data: Path,
    separate: tuple[bool, bool],
    errors: tuple[Diagnostic, ...],
) -> tuple[Received, tuple[Diagnostic, ...]]:
    """Return the preview of each port that can be encoded, where not all of them can."""
    table = open_table(data, dialect=mapping.file)
    sides: Sides | None = None
    diagnostics: list[Diagnostic] = []
    try:
        sides = divide(table, mapping.split, report.recipe or Recipe(), separate)
    except Refused as error:
        diagnostics += error.diagnostics
    ports = PortViews(report, head, mapping, None, table, None if sides is None else sides.train)
    views = ports.views()
    diagnostics += with_lines(ports.found, table)
    counts = _row_counts(sides) if sides else {}
    description = sides.how if sides else ""
    return Received(ports=views, sides=counts, split=description), errors or tuple(diagnostics)


def _row_counts(sides: Sides) -> dict[str, int]:
    return {part: len(getattr(sides, part)) for part in PARTS}
