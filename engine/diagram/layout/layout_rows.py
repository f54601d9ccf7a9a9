"""Wrapping of a long layout: its columns stand in rows, which are read like lines of text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile
from math import sqrt

from engine.graph.view import Point

VIEW_RATIO = 1.6  # width to height of a usual view
_MIN_WRAPPED = 5000.0  # a shorter layout fits into a view in a size that can be read
_MIN_ROW = 2400.0
_MAX_RATIO = 4 * VIEW_RATIO
_SLACK = 0.75  # a row may be this much shorter than the others to break at few wires
_LANE = 10.0  # space for a wire between two rows


@dataclass(frozen=True)
class LayoutRows:
    """The rows that the columns of a layout are divided into.

    Args:
        starts: the first column of each row.
        lefts: the left edge of each row before wrapping.
        width: the width of the widest row.
        crossings: the number of wires that lead from an earlier row to this row or a later one.
    """

    starts: Sequence[int]
    lefts: Sequence[float]
    width: float
    crossings: Sequence[int]

    def row(self, column: int) -> int:
        """Return the number of the row that a column stands in."""
        return bisect_right(self.starts, column) - 1

    def corners(self, lane: int, start: float, end: float, above: float) -> list[Point]:
        """Return the corners of a wire that leads from one row to a later row.

        Args:
            lane: the number of the wire among those that lead there.
            start, end: the y coordinates of its ends.
            above: the upper edge of the gap above the later row.
        """
        shift = _LANE * (lane + 1)
        right, left, middle = self.width + shift, -shift, above + shift
        return [(right, start), (right, middle), (left, middle), (left, end)]

    def gap(self, row: int) -> float:
        """Return the space that the wires above a row need."""
        return _LANE * (self.crossings[row] + 1) if row else 0.0


def divide_into_rows(
    columns: Sequence[tuple[float, float]],
    spans: Sequence[tuple[int, int]],
    height: float,
    ratio: float = VIEW_RATIO,
) -> LayoutRows:
    """Return the rows of a layout; a layout that is not long is one row.

    Args:
        columns: the left and right edge of each column.
        spans: the columns that each wire leads from and to.
        height: the height of a row, with the gap below it.
        ratio: the width to height of the wrapped layout.
    """
    width = columns[-1][1]
    crossings = _crossings(len(columns), spans)
    starts = [0]
    if width > max(_MIN_WRAPPED, _MAX_RATIO * height):
        limit = max(sqrt(width * height * ratio), _MIN_ROW)
        while starts[-1] < len(columns) - 1 and columns[-1][1] - columns[starts[-1]][0] > limit:
            starts.append(_next_start(columns, starts[-1], limit, crossings))
    ends = [*starts[1:], len(columns)]
    lefts = [columns[start][0] for start in starts]
    widest = max(columns[end - 1][1] - left for end, left in zip(ends, lefts, strict=True))
    return LayoutRows(starts, lefts, widest, [crossings[start] for start in starts])


def _next_start(
    columns: Sequence[tuple[float, float]], start: int, limit: float, crossings: Sequence[int]
) -> int:
    """Return the column where the next row begins: one that few wires lead into."""
    left = columns[start][0]
    # The columns are in order, so the rest is not looked at.
    fitting = takewhile(
        lambda column: columns[column - 1][1] - left <= limit, range(start + 1, len(columns))
    )
    lengths = {column: columns[column - 1][1] - left for column in fitting}
    if not lengths:
        return start + 1
    longest = max(lengths.values())
    near = [column for column, length in lengths.items() if length >= longest * _SLACK]
    return min(near, key=lambda column: (crossings[column], -column))


def _crossings(count: int, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return for each column the number of wires that lead over its left edge."""
    changes = [0] * (count + 1)
    for start, end in spans:
        if start < end:
            changes[start + 1] += 1
            changes[min(end + 1, count)] -= 1
    return [*accumulate(changes[:count])]
