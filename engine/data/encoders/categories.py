"""Categorical columns: the distinct texts of a column, and the index of each row's text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.table.column_types import (
    TEXT_TYPE,
    Column,
    TextArray,
    is_date,
    is_list,
    is_text,
    text_column,
)


@dataclass(frozen=True, slots=True)
class CategoricalColumn:
    """A categorical column, as in pandas: distinct texts, and the index of each row's text."""

    codes: NDArray[np.int32]
    categories: TextArray

    def first(self, mask: NDArray[np.bool_]) -> str:
        """Return the text of the first row for which a mask is True."""
        return str(self.categories[int(self.codes[mask.argmax()])])

    def take(self, rows: NDArray[np.int64]) -> CategoricalColumn:
        """Return the rows with the given indices, in this order."""
        return CategoricalColumn(self.codes[rows], self.categories)

    def with_placeholder(self, is_present: NDArray[np.bool_], text: str) -> CategoricalColumn:
        """Return the column with `text` in the rows where `is_present` is False."""
        codes = np.where(is_present, self.codes, np.int32(len(self.categories)))
        return CategoricalColumn(codes, text_column([*self.categories.to_pylist(), text]))

    def counts_by_category(self) -> dict[str, int]:
        """Return a mapping from each text that occurs to its number of rows."""
        counts = np.bincount(self.codes, minlength=len(self.categories)).tolist()
        pairs = zip(self.categories.to_pylist(), counts, strict=True)
        return {text: count for text, count in pairs if count}


def to_categorical(column: Column | CategoricalColumn) -> CategoricalColumn:
    """Return a column of text, numbers or dates as categorical. The number 1.0 becomes "1"."""
    if isinstance(column, CategoricalColumn):
        return column
    encoded = to_text(column).dictionary_encode()
    return CategoricalColumn(encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary)


def to_text(column: Column) -> TextArray:
    """Return a column as text. 1.0 becomes "1". Missing numbers and missing dates become ""."""
    if is_text(column):
        return column
    assert not is_list(column), "a list is not a single label"
    import pyarrow as pa
    import pyarrow.compute as pc

    flat = column.reshape(len(column))
    if is_date(flat):
        days = flat.astype("datetime64[D]")
        is_whole = bool((np.isnat(flat) | (days == flat)).all())
        return pa.array(days if is_whole else flat).cast(TEXT_TYPE).fill_null("")
    if flat.dtype.kind != "f":
        return pa.array(flat).cast(TEXT_TYPE)
    # Write floats that are exact integers (below 2**53) without a decimal point.
    with np.errstate(invalid="ignore"):
        is_whole = (flat == np.floor(flat)) & (np.abs(flat) < 2.0**53)
    numbers = pa.array(flat.astype(np.float64)).cast(TEXT_TYPE)
    if is_whole.any():
        integers = pa.array(np.where(is_whole, flat, 0).astype(np.int64)).cast(TEXT_TYPE)
        numbers = pc.if_else(is_whole, integers, numbers)
    return pc.if_else(np.isnan(flat), "", numbers) if not is_whole.all() else numbers


def fold_texts(texts: TextArray) -> TextArray:
    """Return texts in lower case and without surrounding blanks, to compare labels."""
    import pyarrow.compute as pc

    return pc.utf8_lower(pc.utf8_trim_whitespace(texts))


def alike_labels(texts: TextArray) -> tuple[str, ...]:
    """Return the distinct texts that differ from another one in case or outer blanks only."""
    folded = fold_texts(texts).to_pylist()
    counts = Counter(folded)
    pairs = zip(texts.to_pylist(), folded, strict=True)
    return tuple(text for text, fold in pairs if counts[fold] > 1)
