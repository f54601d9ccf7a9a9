"""What a column of a table is: numbers, text, lists or dates, and how to tell them apart.

- Numbers: a numpy array, rows first, maybe with further axes; a missing number is NaN.
- Text: one `pyarrow.LargeStringArray` without nulls; a missing cell is "".
- Lists: one `pyarrow.LargeListArray` of int64, float64 or large_string; a missing list is empty.
- Dates: a numpy array of datetime64[us]; a missing date is NaT.

Why: whatever is done to a million texts in a Python loop takes seconds, and milliseconds with
pyarrow.compute.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[Any]
Text: TypeAlias = pa.LargeStringArray
Column: TypeAlias = Numbers | pa.LargeStringArray | pa.LargeListArray

TEXT = pa.large_string()
LISTS = {kind: pa.large_list(kind) for kind in (pa.int64(), pa.float64(), TEXT)}


def is_text(column: Column) -> bool:
    """Answer whether the cells are texts."""
    return isinstance(column, pa.LargeStringArray)


def is_list(column: Column) -> bool:
    """Answer whether the cells are lists, each of a length of its own."""
    return isinstance(column, pa.LargeListArray)


def is_date(column: Column) -> bool:
    """Answer whether the cells are dates or times."""
    return isinstance(column, np.ndarray) and column.dtype.kind == "M"


def is_number(column: Column) -> bool:
    """Answer whether the cells are numbers, or arrays of them."""
    return isinstance(column, np.ndarray) and column.dtype.kind != "M"


def text(cells: Iterable[str]) -> Text:
    """Answer a column of Python's texts.

    Raises:
        UnicodeEncodeError: for half a surrogate pair, which is no text.
    """
    return pa.array(list(cells), TEXT)


def words(array: NDArray[Any]) -> Column:
    """Answer Python's texts along one axis as text, along two as lists; one a row is text, too.

    Raises:
        UnicodeEncodeError: as `text` does.
    """
    flat = text(array.reshape(-1).tolist())
    if array.ndim == 1 or array.shape[1] == 1:
        return flat
    starts = pa.array(np.arange(len(array) + 1) * array.shape[1], pa.int64())
    return pa.LargeListArray.from_arrays(starts, flat)


def as_text(column: Numbers) -> Text:
    """Answer numbers, one a row, as the texts that Python writes for them."""
    return text(column.astype(str).tolist())


def take(column: Column, rows: NDArray[np.int64]) -> Column:
    """Answer some rows of a column, in the order given."""
    return column[rows] if isinstance(column, np.ndarray) else column.take(pa.array(rows))


def size_of(column: Column) -> int:
    """Answer how many bytes a column takes."""
    return int(column.nbytes)


def flags(mask: Any) -> NDArray[np.bool_]:
    """Answer pyarrow's booleans, none of them null, as numpy's."""
    return np.asarray(mask.to_numpy(zero_copy_only=False), np.bool_)


def empty_cells(column: Text) -> NDArray[np.bool_]:
    """Answer for each row whether its text is missing."""
    return flags(pc.equal(pc.binary_length(column), 0))
