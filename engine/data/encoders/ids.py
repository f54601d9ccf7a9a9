"""Encodes sequences of integer ids, from lists or from text such as "3 17 4"."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders.base import ENCODERS, EncodedColumn, Encoder, Fitter, PortRequirement
from engine.data.encoders.padding import (
    RaggedRows,
    drop_empty_texts,
    pad_rows,
    ragged_from_lists,
    truncation_note,
)
from engine.data.table.array import Array
from engine.data.table.column_types import Column, is_list, is_text, matches_pattern
from engine.data.table.row_numbers import affected_rows, cells_error
from engine.recipe import encoding
from engine.recipe.encoding import PaddingSide

_SEPARATORS = r"[\s,;\[\]()]+"
ID_LIST_PATTERN = r"^[\s\[(]*(-?[0-9]{1,18}([\s,;]+-?[0-9]{1,18})*)?[\s\])]*$"


@ENCODERS.register("Ids", name="ids")
class IdsEncoder(Encoder):
    """Encodes id sequences by padding or truncating them to one length."""

    length: int = Field(description="The number of ids per row.")
    pad: PaddingSide = Field("end", description="The side that is padded with zeros.")

    def describe(self) -> str:
        """Return a description of the number of ids per row and of the padding."""
        return f"{self.length} ids per row, padded with 0 at the {self.pad}"

    def transform_with_notes(
        self, column: Column, name: str, folder: Path = Path()
    ) -> EncodedColumn:
        """Return the ids, of shape (rows, length), with an info on truncated rows.

        Raises:
            DiagnosticError: with the rows that hold values other than 32-bit integers.
        """
        rows = read_ids(column, name)
        is_too_large = (rows.values < -(2**31)) | (rows.values >= 2**31)
        if is_too_large.any():
            raise _invalid_ids(name, rows, is_too_large, str(rows.values[is_too_large][0]))
        notes = truncation_note(rows, self.length, name, "ids")
        return EncodedColumn(pad_rows(rows, self.length, self.pad), notes)


class IdsFitter(Fitter):
    """Finds the length to pad ids to: that of the encoding or Input, or else of the longest row."""

    def __init__(self, settings: encoding.Ids, requirement: PortRequirement) -> None:
        self._settings = settings
        self._fixed = settings.length or requirement.axis_size(0)
        self._longest = 1

    def add(self, column: Column) -> None:
        """Fit the encoder on the next training rows."""
        if self._fixed is None:
            with suppress(DiagnosticError):  # reported with row numbers by `transform`
                self._longest = max(self._longest, read_ids(column, "").max_length)

    def finish(self) -> IdsEncoder:
        """Return the encoder, with the length of the encoding or Input, else of the longest row."""
        return IdsEncoder(length=self._fixed or self._longest, pad=self._settings.pad)


def read_ids(column: Column, name: str) -> RaggedRows:
    """Return the ids of each row of a column. `name` is the column's name, for messages.

    Raises:
        DiagnosticError: with the rows that hold values other than integers.
    """
    if is_list(column):
        rows = ragged_from_lists(column)
        if is_text(rows.values):
            return _parse_texts(rows, name)
        values = rows.values.to_numpy(zero_copy_only=False)
        return _to_integers(RaggedRows(values, rows.lengths), name)
    if is_text(column):
        is_valid = matches_pattern(column, ID_LIST_PATTERN)
        if not is_valid.all():
            value = str(column[int(np.flatnonzero(~is_valid)[0])])
            cells = RaggedRows(column, np.ones(len(is_valid), np.int64))
            raise _invalid_ids(name, cells, ~is_valid, value)
        import pyarrow.compute as pc

        separated = pc.replace_substring_regex(column, _SEPARATORS, " ")
        return _cast(drop_empty_texts(ragged_from_lists(pc.split_pattern(separated, " "))))
    matrix = column.reshape(len(column), -1)
    return _to_integers(RaggedRows(matrix.reshape(-1), np.full(len(matrix), matrix.shape[1])), name)


def _cast(rows: RaggedRows) -> RaggedRows:
    values = rows.values.cast("int64").to_numpy(zero_copy_only=False)
    return RaggedRows(values, rows.lengths)


def _parse_texts(rows: RaggedRows, name: str) -> RaggedRows:
    is_valid = matches_pattern(rows.values, r"^-?[0-9]{1,18}$")
    if not is_valid.all():
        value = str(rows.values[int(np.flatnonzero(~is_valid)[0])])
        raise _invalid_ids(name, rows, ~is_valid, value)
    return _cast(rows)


def _to_integers(rows: RaggedRows, name: str) -> RaggedRows:
    """Return the ids as integers. If one is not whole, raise an error about the column `name`."""
    values = rows.values
    if values.dtype.kind in "iu":
        return rows
    with np.errstate(invalid="ignore"):
        is_whole = (values == np.floor(values)) & (np.abs(values) < 2.0**53)
    is_invalid = ~(np.isfinite(values) & is_whole)
    if is_invalid.any():
        raise _invalid_ids(name, rows, is_invalid, f"{values[is_invalid][0]:g}")
    return RaggedRows(values.astype(np.int64), rows.lengths)


def _invalid_ids(name: str, ids: RaggedRows, is_invalid: Array, value: str) -> DiagnosticError:
    """Return the error for ids where `is_invalid` is True. `value` is the first invalid id."""
    mask = np.zeros(len(ids.lengths), bool)
    mask[ids.row_indices()[is_invalid]] = True
    return cells_error(
        "ids-unreadable",
        name,
        "holds cells that are not lists of ids",
        affected_rows(mask),
        "Correct the cells.",
        'Encode them as text: "encode": "text".',
        cell=value[:40],
        expected='integers separated by spaces, such as "3 17 4"',
    )
