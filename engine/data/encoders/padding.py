"""Rows of different lengths (lists, split texts), and padding or truncating them to one length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic
from engine.data.table.array import Array
from engine.data.table.column_types import is_text, missing_text_mask
from engine.data.table.row_numbers import affected_rows
from engine.recipe.encoding import PaddingSide


@dataclass(frozen=True, slots=True)
class RaggedRows:
    """Rows of different lengths, stored in one flat array.

    Args:
        values: the concatenated values of all rows, a pyarrow or a numpy array.
        lengths: the number of values of each row.
    """

    values: Any
    lengths: NDArray[np.int64]

    @property
    def max_length(self) -> int:
        """The length of the longest row."""
        return int(self.lengths.max(initial=0))

    def row_indices(self) -> NDArray[np.int64]:
        """Return, for each value, the index of its row."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)


def ragged_from_lists(lists: Any) -> RaggedRows:
    """Return the rows of a pyarrow array of lists. The array must not contain nulls."""
    offsets = lists.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    return RaggedRows(lists.flatten(), np.diff(offsets))


def lists_to_array(lists: Any) -> Array | None:
    """Return pyarrow lists as a 2-D array, or None if the lists hold text or differ in length."""
    rows = ragged_from_lists(lists)
    length = rows.max_length
    if is_text(rows.values) or not (rows.lengths == length).all():
        return None
    values: Array = rows.values.to_numpy(zero_copy_only=False)
    return values.reshape(len(rows.lengths), length)


def drop_empty_texts(rows: RaggedRows) -> RaggedRows:
    """Return rows of texts from which the empty texts are removed."""
    is_kept = ~missing_text_mask(rows.values)
    if is_kept.all():
        return rows
    # The new length of a row is the number of texts that are kept between its start and stop.
    ends = np.concatenate([[0], np.cumsum(is_kept)])
    stops = np.cumsum(rows.lengths)
    return RaggedRows(rows.values.filter(is_kept), ends[stops] - ends[stops - rows.lengths])


def pad_rows(rows: RaggedRows, length: int, pad: PaddingSide) -> NDArray[np.int32]:
    """Return an array of shape (rows, length), in which rows are padded with 0 or truncated.

    Args:
        rows: rows of integers, stored in a numpy array.
        length: the length of all rows in the result.
        pad: the side that is padded; rows are always truncated at the end.
    """
    values, lengths = rows.values, rows.lengths
    # The index of each value within its row.
    starts = np.cumsum(lengths) - lengths
    index = np.arange(len(values)) - np.repeat(starts, lengths)
    if rows.max_length > length:
        is_kept = index < length
        values, index, lengths = values[is_kept], index[is_kept], np.minimum(lengths, length)
    # The flat index of the first value of each row in the result.
    first = np.arange(len(lengths)) * length
    if pad == "start":
        first += length - lengths
    padded = np.zeros(len(lengths) * length, np.int32)
    padded[np.repeat(first, lengths) + index] = values
    return padded.reshape(len(lengths), length)


def truncation_note(rows: RaggedRows, length: int, name: str, noun: str) -> tuple[Diagnostic, ...]:
    """Return one diagnostic of severity "info" if rows are longer than `length`, otherwise ().

    `name` is the name of the column. `noun` is a plural for the values of a row, such as "words".
    """
    truncated = affected_rows(rows.lengths > length, rows.max_length)
    if not truncated.count:
        return ()
    note = Diagnostic.info(
        "rows-cut",
        f'"{name}" is truncated to {length:,} {noun} in {truncated.count_text}',
        place=f"column {name}",
        rows=truncated,
        found=f"{truncated.length_text} {noun}",
        expected=f"at most {length:,} {noun}",
    )
    return (note,)
