"""The layer table and its totals as texts: shown in cells, copied as a table or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.check.summary import Summary, summary
from engine.core.formatting.counts import count_noun
from engine.core.formatting.sizes import format_bytes

TITLES = ("Layer", "Kind", "Output shape", "Parameters", "Connected to", "Note")
PARAMS = 3
UNKNOWN = "not known"


@dataclass(frozen=True)
class Line:
    """One layer.

    Args:
        node: the node on the canvas.
        cells: what stands under each title.
        params: number of values in its weights.
        share: of all parameters, from 0 to 1.
    """

    node: str
    cells: tuple[str, ...]
    params: int
    share: float


@dataclass(frozen=True)
class Figure:
    """One total.

    Args:
        value: the number.
        caption: what it counts.
    """

    value: str
    caption: str


@dataclass(frozen=True)
class Table:
    """All layers in order of computation, and the totals."""

    lines: tuple[Line, ...] = ()
    figures: tuple[Figure, ...] = ()


def table(report: Report) -> Table:
    """Return the table of a checked project, sound or not."""
    found = summary(report)
    nodes = [node for node in report.project.graph.topological_order if node.kind != "Output"]
    lines = []
    for node, row in zip(nodes, found.rows, strict=True):
        spec = report.shapes.outs.get(node.name, {}).get(MAIN)
        drawn = f"drawn as {node.name}" if row.name != node.name else ""
        note = ", ".join(part for part in (row.note, drawn) if part)
        shape = UNKNOWN if spec is None else str(spec)
        cells = (row.name, row.kind, shape, f"{row.params:,}", ", ".join(row.connected), note)
        lines.append(Line(node.name, cells, row.params, row.params / max(found.total, 1)))
    return Table(tuple(lines), tuple(_figures(found, bool(report.errors))))


def as_text(table: Table, lines: Sequence[Line] | None = None) -> str:
    """Return layers as an aligned table; all of them, with the totals, unless some are given."""
    rows = [TITLES, *(line.cells for line in (table.lines if lines is None else lines))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TITLES))]
    text = [_aligned(row, widths) for row in rows]
    text.insert(1, "-" * max(map(len, text)))
    if lines is None:
        text += ["", *(f"{figure.value} {figure.caption}" for figure in table.figures)]
    return "\n".join(text) + "\n"


def as_csv(table: Table) -> str:
    """Return all layers as CSV, parameters as plain numbers."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TITLES)
    for line in table.lines:
        writer.writerow([*line.cells[:PARAMS], line.params, *line.cells[PARAMS + 1 :]])
    return text.getvalue()


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.rjust(width) if column == PARAMS else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def _figures(found: Summary, broken: bool) -> Iterator[Figure]:
    fixed = found.total - found.trainable
    parts = f"{found.trainable:,} trained, {fixed:,} not" if fixed else "all trained"
    known = ", as far as known" if broken else ""
    yield Figure(f"{found.total:,}", f"parameters, {parts}{known}")
    rows = count_noun(found.batch, "row")
    yield Figure(format_bytes(found.bytes_to_train), f"memory to train in batches of {rows}{known}")
    yield Figure(f"{found.multiply_adds:,}", f"multiply-adds per row{known}")
    for name, sizes in found.least_lengths.items():
        least = " × ".join(map(str, sizes))
        yield Figure(least, f"least length of {name}, in steps")
