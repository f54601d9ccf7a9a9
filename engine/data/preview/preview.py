"""Works out what ports would receive of the first rows of a table, and all that is found."""

from __future__ import annotations

from pathlib import Path

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Refused
from engine.data.prepare import prepare_data
from engine.data.preview.port_preview import PortViews
from engine.data.preview.preview_schema import Received
from engine.data.readers.table import Table, chunks, open_table
from engine.data.readers.text.csv_line_numbers import with_lines
from engine.data.splits.random import Sides
from engine.data.splits.table_split import divide
from engine.recipe.data_mapping import DataMapping
from engine.recipe.recipe import Recipe
from engine.recipe.split import PARTS

ROWS = 8


def receive(
    report: Report, data: Path, validation: Path | None = None, test: Path | None = None
) -> tuple[Received, tuple[Diagnostic, ...]]:
    """Return what the ports would receive, encoders fitted as a training would, and all findings.

    Args:
        report: of a graph; one with errors has its ports looked at one by one.
        data: the table to train on.
        validation, test: tables of their own, where there are such.

    Raises:
        Refused: if the table can't be read at all.
    """
    if report.mapping is None:
        return Received(), ()
    head = next(chunks(data, rows=ROWS, dialect=report.mapping.file), None)
    if head is None:
        head = open_table(data, dialect=report.mapping.file)
    found: tuple[Diagnostic, ...] = ()
    if not report.errors:
        try:
            prepared = prepare_data(report, data, validation, test)
        except Refused as refused:
            found = refused.diagnostics
        else:
            ports = PortViews(report, head, report.mapping, prepared.fitted)
            sides = {part: int(prepared.sides[part]) for part in PARTS}
            answer = Received(ports=ports.views(), sides=sides, split=prepared.split)
            return answer, (*prepared.warnings, *ports.found)
    apart = (validation is not None, test is not None)
    return _one_by_one(report, report.mapping, head, data, apart, found)


def _one_by_one(
    report: Report,
    mapping: DataMapping,
    head: Table,
    data: Path,
    apart: tuple[bool, bool],
    found: tuple[Diagnostic, ...],
) -> tuple[Received, tuple[Diagnostic, ...]]:
    """Return what can be said of each port where not all of them can be read."""
    table = open_table(data, dialect=mapping.file)
    sides: Sides | None = None
    more: list[Diagnostic] = []
    try:
        sides = divide(table, mapping.split, report.recipe or Recipe(), apart)
    except Refused as refused:
        more += refused.diagnostics
    ports = PortViews(report, head, mapping, None, table, None if sides is None else sides.train)
    views = ports.views()
    more += with_lines(ports.found, table)
    counts = _counts(sides) if sides else {}
    told = sides.how if sides else ""
    return Received(ports=views, sides=counts, split=told), found or tuple(more)


def _counts(sides: Sides) -> dict[str, int]:
    return {part: len(getattr(sides, part)) for part in PARTS}
