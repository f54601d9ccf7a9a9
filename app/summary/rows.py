"""The contents of the layer table and its totals, and their export as text and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.check.summary import Summary, summarize
from engine.core.formatting.sizes import format_bytes

TITLES = ("Layer", "Kind", "Output shape", "Parameters", "Connected to", "Note")
PARAMS = 3
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Line:
    """A row of the table, which describes one layer.

    Args:
        node: the name of the node on the canvas.
        cells: the text in each column.
        share: the parameters of this layer as a fraction of all parameters, from 0 to 1.
    """

    node: str
    cells: tuple[str, ...]
    params: int
    share: float


@dataclass(frozen=True)
class Figure:
    """A total: a formatted number, and a caption such as "MACs per sample"."""

    value: str
    caption: str


@dataclass(frozen=True)
class SummaryTable:
    """The summary of a network: its layers in topological order, and totals such as parameters."""

    lines: tuple[Line, ...] = ()
    figures: tuple[Figure, ...] = ()


def table(report: Report) -> SummaryTable:
    """Return the table of layers of a checked project, which may have errors."""
    result = summarize(report)
    nodes = [node for node in report.project.graph.topological_order if node.kind != "Output"]
    lines = []
    for node, row in zip(nodes, result.rows, strict=True):
        spec = report.shapes.outputs.get(node.name, {}).get(MAIN_OUTPUT)
        canvas_name = f"drawn as {node.name}" if row.name != node.name else ""
        note = ", ".join(part for part in (row.note, canvas_name) if part)
        shape = UNKNOWN if spec is None else str(spec)
        cells = (row.name, row.kind, shape, f"{row.params:,}", ", ".join(row.connected), note)
        lines.append(Line(node.name, cells, row.params, row.params / max(result.total, 1)))
    return SummaryTable(tuple(lines), tuple(_figures(result, bool(report.errors))))


def as_text(table: SummaryTable, lines: Sequence[Line] | None = None) -> str:
    """Return `lines` as aligned text. If None, return all lines of the table, then the totals."""
    rows = [TITLES, *(line.cells for line in (table.lines if lines is None else lines))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TITLES))]
    text = [_aligned(row, widths) for row in rows]
    text.insert(1, "-" * max(map(len, text)))
    if lines is None:
        text += ["", *(f"{figure.value} {figure.caption}" for figure in table.figures)]
    return "\n".join(text) + "\n"


def as_csv(table: SummaryTable) -> str:
    """Return the layers as CSV; parameter counts have no thousands separators."""
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


def _figures(result: Summary, has_errors: bool) -> Iterator[Figure]:
    """Yield the totals; if the project has errors, captions say "as far as known"."""
    non_trainable = result.total - result.trainable
    counts = f"{result.trainable:,} trainable, {non_trainable:,} non-trainable"
    parts = counts if non_trainable else "all trainable"
    suffix = ", as far as known" if has_errors else ""
    yield Figure(f"{result.total:,}", f"parameters, {parts}{suffix}")
    memory = format_bytes(result.bytes_to_train)
    yield Figure(memory, f"training memory at batch size {result.batch:,}{suffix}")
    yield Figure(f"{result.multiply_adds:,}", f"MACs per sample{suffix}")
    for name, sizes in result.least_lengths.items():
        length = " × ".join(map(str, sizes))
        yield Figure(length, f"minimum length of {name}, in steps")
