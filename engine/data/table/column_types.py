"""Column types of a table, predicates to distinguish them, and functions on text columns.

- Numbers: a NumPy array whose first axis counts the rows; a missing number is NaN.
- Text: a `pyarrow.LargeStringArray` without nulls; a missing cell is "".
- Lists: a `pyarrow.LargeListArray` of int64, float64 or large_string; a missing list is empty.
- Dates: a NumPy array of datetime64[us]; a missing date is NaT.

Why: an operation on a million texts takes seconds in a Python loop, but milliseconds with
pyarrow.compute. Modules that arrays of numbers pass through import pyarrow inside the functions
for texts and lists: it takes 36 MB and 0.14 s, which a training on arrays does not need.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

NumberArray: TypeAlias = NDArray[Any]
TextArray: TypeAlias = "pa.LargeStringArray"
Column: TypeAlias = "NumberArray | pa.LargeStringArray | pa.LargeListArray"


TEXT_TYPE = "large_string"  # pyarrow's name of the type
DATE_DTYPE = "datetime64[us]"
MISSING_DATE = np.datetime64("NaT", "us")
SPACE_BYTE = 32  # the byte of a space; lower bytes are control characters


def is_text(column: Column) -> bool:
    """Return whether the cells are text."""
    if isinstance(column, np.ndarray):
        return False
    import pyarrow as pa

    return isinstance(column, pa.LargeStringArray)


def is_list(column: Column) -> bool:
    """Return whether the cells are lists of any length."""
    if isinstance(column, np.ndarray):
        return False
    import pyarrow as pa

    return isinstance(column, pa.LargeListArray)


def is_date(column: Column) -> bool:
    """Return whether the cells are dates or times."""
    return isinstance(column, np.ndarray) and column.dtype.kind == "M"


def is_number(column: Column) -> bool:
    """Return whether the cells are numbers or arrays of numbers."""
    return isinstance(column, np.ndarray) and column.dtype.kind != "M"


def text_column(cells: Iterable[str]) -> TextArray:
    """Return a text column that contains the given strings.

    Raises:
        UnicodeEncodeError: if a string contains a lone surrogate.
    """
    import pyarrow as pa

    return pa.array(list(cells), TEXT_TYPE)


def strings_to_column(array: NDArray[Any]) -> Column:
    """Return an array of strings as a text column, or as lists if rows have several strings.

    Raises:
        UnicodeEncodeError: if a string contains a lone surrogate.
    """
    flat = text_column(array.reshape(-1).tolist())
    if array.ndim == 1 or array.shape[1] == 1:
        return flat
    import pyarrow as pa

    offsets = pa.array(np.arange(len(array) + 1) * array.shape[1], pa.int64())
    return pa.LargeListArray.from_arrays(offsets, flat)


def concat_text(chunks: Sequence[TextArray]) -> TextArray:
    """Return the concatenation of text columns."""
    if len(chunks) == 1:
        return chunks[0]
    import pyarrow as pa

    return pa.concat_arrays(chunks) if chunks else text_column(())


def concat_columns(parts: Sequence[Column]) -> Column:
    """Return the concatenation of one or more columns of the same type."""
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    import pyarrow as pa

    return pa.concat_arrays(parts)


def value_counts(cells: TextArray) -> tuple[TextArray, NDArray[np.int64]]:
    """Return the distinct texts, and the number of cells with each text."""
    encoded = cells.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return encoded.dictionary, np.bincount(codes, minlength=len(encoded.dictionary))


def strip_text(cells: TextArray) -> TextArray:
    """Return the cells without leading and trailing spaces.

    If no cell's first or last byte can be part of a space, nothing is stripped.
    Why: this holds for most columns, and the check takes a quarter of the time of stripping.
    """
    offsets = np.frombuffer(cells.buffers()[1], np.int64)[cells.offset :][: len(cells) + 1]
    if not len(cells) or offsets[0] == offsets[-1]:
        return cells
    data = np.frombuffer(cells.buffers()[2], np.uint8)
    # For an empty cell, these are bytes of the neighbor cells, which are checked anyway.
    first, last = data[np.minimum(offsets[:-1], len(data) - 1)], data[offsets[1:] - 1]
    lowest, highest = min(first.min(), last.min()), max(first.max(), last.max())
    # Unicode spaces other than ASCII spaces contain bytes of at least 128.
    has_no_spaces = lowest > SPACE_BYTE and highest < 128
    if has_no_spaces:
        return cells
    import pyarrow.compute as pc

    return pc.utf8_trim_whitespace(cells)


def blank_words(cells: TextArray, words: Sequence[str]) -> TextArray:
    """Return the cells, with "" in place of cells that equal one of the words."""
    if not words:
        return cells
    import pyarrow.compute as pc

    return pc.if_else(is_any_of(cells, words), "", cells)


def is_any_of(cells: TextArray, words: Iterable[str]) -> NDArray[np.bool_]:
    """Return, for each cell, whether it equals one of the words."""
    import pyarrow.compute as pc

    return to_bool_array(pc.is_in(cells, value_set=text_column(words)))


def word_indices(cells: TextArray, words: Iterable[str]) -> NDArray[np.int32]:
    """Return, for each cell, the index of the word that it equals; -1 if it equals none."""
    import pyarrow.compute as pc

    indices = pc.index_in(cells, value_set=text_column(words)).fill_null(-1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), np.int32)


def matches_pattern(cells: TextArray, pattern: str) -> NDArray[np.bool_]:
    """Return, for each cell, whether a part of it matches a regular expression (RE2)."""
    import pyarrow.compute as pc

    return to_bool_array(pc.match_substring_regex(cells, pattern))


def take_rows(column: Column, rows: NDArray[np.int64]) -> Column:
    """Return a column that has only the rows with the row numbers `rows`, in this order."""
    return column[rows] if isinstance(column, np.ndarray) else column.take(rows)


def to_bool_array(mask: Any) -> NDArray[np.bool_]:
    """Return a pyarrow array of booleans, which has no nulls, as a NumPy array."""
    return np.asarray(mask.to_numpy(zero_copy_only=False), np.bool_)


def missing_text_mask(column: TextArray) -> NDArray[np.bool_]:
    """Return, for each row, whether the text is missing (empty)."""
    import pyarrow.compute as pc

    return to_bool_array(pc.equal(pc.binary_length(column), 0))
