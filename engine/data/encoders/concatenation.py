"""The encoder of a port with several columns: it concatenates the encoded columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.data.encoders.base import ENCODERS, EncodedColumn, Encoder, EncoderField
from engine.data.table.array import Array
from engine.data.table.column_types import Column


@ENCODERS.register("Beside", name="beside")
class ConcatEncoder(Encoder):
    """Encodes several columns and concatenates the results along the feature axis."""

    parts: tuple[EncoderField, ...] = Field(description="The encoder of each column.")

    def describe(self) -> str:
        """Return a description of the encoded values of each column."""
        return "; then ".join(part.describe() or "the value" for part in self.parts)

    def transform_columns(
        self, columns: Sequence[Column], names: Sequence[str], folder: Path
    ) -> EncodedColumn:
        """Return the encoded columns, concatenated along the feature axis; see `transform`.

        Raises:
            DiagnosticError: with the errors of all columns.
        """
        diagnostics: list[Diagnostic] = []
        encoded: list[EncodedColumn] = []
        for encoder, column, name in zip(self.parts, columns, names, strict=True):
            try:
                encoded.append(encoder.transform_with_notes(column, name, folder))
            except DiagnosticError as error:
                diagnostics += error.diagnostics
        if diagnostics:
            raise DiagnosticError(*diagnostics)
        arrays = [_as_matrix(item.values, name) for item, name in zip(encoded, names, strict=True)]
        notes = tuple(note for item in encoded for note in item.notes)
        return EncodedColumn(np.concatenate(arrays, axis=1), notes)


def _as_matrix(values: Array, name: str) -> Array:
    """Return an encoded column in the shape (rows, features)."""
    if values.ndim == 1:
        return values[:, None]
    if values.ndim == 2:
        return values
    raise diagnostic_error(
        "array-shape",
        f'"{name}" has several axes per row, so it can\'t be concatenated with other columns',
        'Map it to an Input of its own with "column".',
        place=f"column {name}",
        found=f"(rows, {', '.join(map(str, values.shape[1:]))})",
        expected="one number per row, or one axis of numbers",
    )
