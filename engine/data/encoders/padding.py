"""Rows of different lengths: split texts, lists, and the table of one width they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.row_numbers import format_row_count, format_row_numbers
from engine.recipe.encoding import Pad

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Values of rows that differ in length, one after another.

    Args:
        values: of all rows: a pyarrow or a numpy array.
        lengths: how many of them each row has.
    """

    values: Any
    lengths: NDArray[np.int64]

    @property
    def longest(self) -> int:
        """The length of the longest row."""
        return int(self.lengths.max(initial=0))

    def owners(self) -> NDArray[np.int64]:
        """Return for each value the row that it belongs to."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def kept(self, keep: NDArray[np.bool_]) -> Ragged:
        """Return the same rows without some of their values."""
        if keep.all():
            return self
        ends = np.concatenate([[0], np.cumsum(keep)])
        stops = np.cumsum(self.lengths)
        lengths = ends[stops] - ends[stops - self.lengths]
        chosen = pa.array(keep) if isinstance(self.values, pa.Array) else keep
        values = self.values.filter(chosen) if isinstance(chosen, pa.Array) else self.values[keep]
        return Ragged(values, lengths)


def ragged(lists: Any) -> Ragged:
    """Return the rows of a pyarrow array of lists without nulls."""
    offsets = lists.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    return Ragged(lists.flatten(), np.diff(offsets))


def dense(lists: Any) -> Array | None:
    """Return lists of numbers of one length as an array, None if there is no such length."""
    rows = ragged(lists)
    width = rows.longest
    if pa.types.is_large_string(rows.values.type) or not (rows.lengths == width).all():
        return None
    values: Array = rows.values.to_numpy(zero_copy_only=False)
    return values.reshape(len(rows.lengths), width)


def filled(rows: Ragged) -> Ragged:
    """Return rows of texts without the empty ones."""
    there = pc.greater(pc.binary_length(rows.values), 0)
    return rows.kept(np.asarray(there.to_numpy(zero_copy_only=False), np.bool_))


def table(rows: Ragged, length: int, pad: Pad) -> NDArray[np.int32]:
    """Return whole numbers in rows of one length, zeros where one is short, cut where it is long.

    Args:
        rows: of numpy's whole numbers.
        length: of each row of the table.
        pad: the side on which zeros stand; what is cut off is always the end.
    """
    values, lengths = rows.values, rows.lengths
    starts = np.cumsum(lengths) - lengths
    at = np.arange(len(values)) - np.repeat(starts, lengths)
    if rows.longest > length:
        inside = at < length
        values, at, lengths = values[inside], at[inside], np.minimum(lengths, length)
    first = np.arange(len(lengths)) * length
    if pad == "start":
        first += length - lengths
    answer = np.zeros(len(lengths) * length, np.int32)
    answer[np.repeat(first, lengths) + at] = values
    return answer.reshape(len(lengths), length)


def cut(rows: Ragged, length: int, name: str, noun: str) -> tuple[Diagnostic, ...]:
    """Return the note on rows that are longer than the table."""
    long = rows.lengths > length
    if not long.any():
        return ()
    note = Diagnostic(
        "rows-cut",
        f'"{name}" is read up to {length:,} {noun} a row; {format_row_count(long)} are longer',
        severity="info",
        place=f"column {name}, {format_row_numbers(long)}",
        found=f"up to {rows.longest:,} {noun}",
        expected=f"at most {length:,} {noun}",
    )
    return (note,)
