"""What a column of a table is: numbers, text, lists or dates, and how to tell them apart.

- Numbers: a numpy array, rows first, maybe with further axes; a missing number is NaN.
- Text: one `pyarrow.LargeStringArray` without nulls; a missing cell is "".
- Lists: one `pyarrow.LargeListArray` of int64, float64 or large_string; a missing list is empty.
- Dates: a numpy array of datetime64[us]; a missing date is NaT.

Why: whatever is done to a million texts in a Python loop takes seconds, and milliseconds with
pyarrow.compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.data.table.lazy_arrow import pa, pc

Numbers: TypeAlias = NDArray[Any]
Text: TypeAlias = "pa.LargeStringArray"
Column: TypeAlias = "Numbers | pa.LargeStringArray | pa.LargeListArray"

TEXT = "large_string"  # what pyarrow calls its type
SPACE = 32  # the byte; those below it end lines or are no text


def is_text(column: Column) -> bool:
    """Return whether the cells are texts."""
    return not isinstance(column, np.ndarray) and isinstance(column, pa.LargeStringArray)


def is_list(column: Column) -> bool:
    """Return whether the cells are lists, each of a length of its own."""
    return not isinstance(column, np.ndarray) and isinstance(column, pa.LargeListArray)


def is_date(column: Column) -> bool:
    """Return whether the cells are dates or times."""
    return isinstance(column, np.ndarray) and column.dtype.kind == "M"


def is_number(column: Column) -> bool:
    """Return whether the cells are numbers, or arrays of them."""
    return isinstance(column, np.ndarray) and column.dtype.kind != "M"


def text(cells: Iterable[str]) -> Text:
    """Return a column of Python's texts.

    Raises:
        UnicodeEncodeError: for half a surrogate pair, which is no text.
    """
    return pa.array(list(cells), TEXT)


def words(array: NDArray[Any]) -> Column:
    """Return Python's texts along one axis as text, along two as lists; one a row is text, too.

    Raises:
        UnicodeEncodeError: as `text` does.
    """
    flat = text(array.reshape(-1).tolist())
    if array.ndim == 1 or array.shape[1] == 1:
        return flat
    starts = pa.array(np.arange(len(array) + 1) * array.shape[1], pa.int64())
    return pa.LargeListArray.from_arrays(starts, flat)


def as_text(column: Numbers) -> Text:
    """Return numbers, one a row, as the texts that Python writes for them."""
    return text(column.astype(str).tolist())


def joined(chunks: Sequence[Text]) -> Text:
    """Return pieces of text as one column."""
    if len(chunks) == 1:
        return chunks[0]
    return pa.concat_arrays(chunks) if chunks else pa.array([], TEXT)


def trimmed(cells: Text) -> Text:
    """Return texts without the spaces around them.

    Why: most columns have none, and looking at the first and last byte of each cell costs a
    quarter of trimming them.
    """
    starts = np.frombuffer(cells.buffers()[1], np.int64)[cells.offset :][: len(cells) + 1]
    if not len(cells) or starts[0] == starts[-1]:
        return cells
    signs = np.frombuffer(cells.buffers()[2], np.uint8)
    # Of an empty cell these are its neighbours' first and last bytes, so nothing is lost.
    first, last = signs[np.minimum(starts[:-1], len(signs) - 1)], signs[starts[1:] - 1]
    lowest, highest = min(first.min(), last.min()), max(first.max(), last.max())
    plain = lowest > SPACE and highest < 128  # a space beyond ASCII has bytes beyond ASCII
    return cells if plain else pc.utf8_trim_whitespace(cells)


def emptied(cells: Text, words: Sequence[str]) -> Text:
    """Return texts with nothing in place of some words."""
    if not words:
        return cells
    return pc.if_else(pc.is_in(cells, value_set=pa.array(words, TEXT)), "", cells)


def take(column: Column, rows: NDArray[np.int64]) -> Column:
    """Return some rows of a column, in the order given."""
    return column[rows] if isinstance(column, np.ndarray) else column.take(pa.array(rows))


def size_of(column: Column) -> int:
    """Return how many bytes a column takes."""
    return int(column.nbytes)


def flags(mask: Any) -> NDArray[np.bool_]:
    """Return pyarrow's booleans, none of them null, as numpy's."""
    return np.asarray(mask.to_numpy(zero_copy_only=False), np.bool_)


def empty_cells(column: Text) -> NDArray[np.bool_]:
    """Return for each row whether its text is missing."""
    return flags(pc.equal(pc.binary_length(column), 0))
