"""Cells as labels: every different text once, and which of them each row holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table.column_types import TEXT, Column, Text, is_date, is_list, is_text
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.number_parser import MISSING

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of labels.

    Args:
        codes: for each row, the place of its text.
        texts: those that occur, each once.
    """

    codes: NDArray[np.int32]
    texts: Text

    def take(self, rows: NDArray[np.int64]) -> Coded:
        """Return some rows, in the order given."""
        return Coded(self.codes[rows], self.texts)

    def put(self, there: NDArray[np.bool_], text: str) -> Coded:
        """Return the column with another text in the rows that are not `there`."""
        codes = np.where(there, self.codes, np.int32(len(self.texts)))
        return Coded(codes, pa.array([*self.texts.to_pylist(), text], TEXT))

    def times(self) -> NDArray[np.int64]:
        """Return how often each text occurs in these rows."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def counts(self) -> dict[str, int]:
        """Return how often each text occurs, those that do not left out."""
        pairs = zip(self.texts.to_pylist(), self.times().tolist(), strict=True)
        return {text: count for text, count in pairs if count}


def coded(column: Column | Coded) -> Coded:
    """Return text, numbers or dates, one a row, as labels; whole numbers without a point."""
    if isinstance(column, Coded):
        return column
    encoded = texts(column).dictionary_encode()
    return Coded(encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary)


def texts(column: Column) -> Text:
    """Return one text a row; a missing number or date is the empty one."""
    if is_text(column):
        return column
    assert not is_list(column), "lists are no single labels"
    flat = column.reshape(len(column))
    if is_date(flat):
        days = flat.astype("datetime64[D]")
        whole = bool((np.isnat(flat) | (days == flat)).all())
        shown = pa.array(days if whole else flat).cast(TEXT)
        return pc.fill_null(shown, "")
    if flat.dtype.kind != "f":
        return pa.array(flat).cast(TEXT)
    with np.errstate(invalid="ignore"):
        whole = (flat == np.floor(flat)) & (np.abs(flat) < 2.0**53)
    numbers = pa.array(flat.astype(np.float64)).cast(TEXT)
    if whole.any():
        integers = pa.array(np.where(whole, flat, 0).astype(np.int64)).cast(TEXT)
        numbers = pc.if_else(pa.array(whole), integers, numbers)
    return pc.if_else(pa.array(np.isnan(flat)), "", numbers) if not whole.all() else numbers


def absent(texts: Text, labels: tuple[str, ...] = ()) -> NDArray[np.bool_]:
    """Return which texts stand for a missing cell; one that is a label never does."""
    found = pc.is_in(texts, value_set=pa.array(sorted(MISSING.difference(labels)), TEXT))
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)
