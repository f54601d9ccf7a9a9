"""Sequences of ids that are there already, in lists or as text such as "3 17 4"."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.encoders.base import ENCODERS, Array, Encoded, Encoder, Fitter, Wanted
from engine.data.encoders.padding import Ragged, cut, filled, ragged, table
from engine.data.table.column_types import Column, flags, is_list, is_text
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.row_numbers import counted, first_rows
from engine.recipe import encoding
from engine.recipe.encoding import Pad

_BETWEEN = r"[\s,;\[\]()]+"
PATTERN = r"^[\s\[(]*(-?[0-9]{1,18}([\s,;]+-?[0-9]{1,18})*)?[\s\])]*$"


@ENCODERS.add()
class Ids(Encoder):
    """Ids in rows of one length, filled up with zeros."""

    length: int = Field(description="Ids in a row.")
    pad: Pad = Field("end", description="The side on which zeros stand.")

    def describe(self) -> str:
        """Return the length."""
        return f"{self.length} ids a row, filled up with 0 at the {self.pad}"

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return ids in a table."""
        return self.encode(column, name).values

    def encode(self, column: Column, name: str, folder: Path = Path()) -> Encoded:
        """Return ids in a table, and how many rows lose their end.

        Raises:
            Refused: naming the rows that hold anything but whole numbers.
        """
        rows = read(column, name)
        large = (rows.values < -(2**31)) | (rows.values >= 2**31)
        if large.any():
            value = str(rows.values[large][0])
            raise Refused(_no_id(name, rows.owners()[large], len(rows.lengths), value))
        return Encoded(table(rows, self.length, self.pad), cut(rows, self.length, name, "ids"))


class IdsFitter(Fitter):
    """Measures the longest row, where no length was asked."""

    def __init__(self, asked: encoding.Ids, wanted: Wanted) -> None:
        self._asked = asked
        self._fixed = asked.length or wanted.size(0)
        self._longest = 1

    def add(self, column: Column) -> None:
        """Take the next rows in."""
        if self._fixed is None:
            with suppress(Refused):  # told by its row's number once all rows are read
                self._longest = max(self._longest, read(column, "").longest)

    def done(self) -> Ids:
        """Return the length."""
        return Ids(length=self._fixed or self._longest, pad=self._asked.pad)


def read(column: Column, name: str) -> Ragged:
    """Return the ids of each row.

    Raises:
        Refused: naming the rows that hold anything but whole numbers.
    """
    if is_list(column):
        rows = ragged(column)
        if pa.types.is_large_string(rows.values.type):
            return _parsed(Ragged(rows.values, rows.lengths), name)
        return _whole(Ragged(rows.values.to_numpy(zero_copy_only=False), rows.lengths), name)
    if is_text(column):
        fits = flags(pc.match_substring_regex(column, PATTERN))
        if not fits.all():
            row = int(np.flatnonzero(~fits)[0])
            raise Refused(_no_id(name, np.flatnonzero(~fits), len(fits), str(column[row])))
        apart = pc.replace_substring_regex(column, _BETWEEN, " ")
        rows = filled(ragged(pc.split_pattern(apart, " ")))
        return Ragged(pc.cast(rows.values, pa.int64()).to_numpy(zero_copy_only=False), rows.lengths)
    flat = column.reshape(len(column), -1)
    return _whole(Ragged(flat.reshape(-1), np.full(len(flat), flat.shape[1])), name)


def _parsed(rows: Ragged, name: str) -> Ragged:
    """Return ids that are texts in lists."""
    fits = flags(pc.match_substring_regex(rows.values, r"^-?[0-9]{1,18}$"))
    if not fits.all():
        value = str(rows.values[int(np.flatnonzero(~fits)[0])])
        raise Refused(_no_id(name, rows.owners()[~fits], len(rows.lengths), value))
    return Ragged(pc.cast(rows.values, pa.int64()).to_numpy(zero_copy_only=False), rows.lengths)


def _whole(rows: Ragged, name: str) -> Ragged:
    values = rows.values
    if values.dtype.kind in "iu":
        return rows
    with np.errstate(invalid="ignore"):
        broken = ~(np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2.0**53))
    if broken.any():
        value = f"{values[broken][0]:g}"
        raise Refused(_no_id(name, rows.owners()[broken], len(rows.lengths), value))
    return Ragged(values.astype(np.int64), rows.lengths)


def _no_id(name: str, bad: Array, count: int, value: str) -> Diagnostic:
    rows = np.zeros(count, bool)
    rows[bad] = True
    return Diagnostic(
        "ids-unreadable",
        f'"{name}" holds cells that are no list of ids: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{value[:40]!r} in row {int(np.flatnonzero(rows)[0])}",
        expected='whole numbers with spaces between them, such as "3 17 4"',
        fixes=(Fix("Correct the cells."), Fix('Read words instead: "encode": "text".')),
    )
