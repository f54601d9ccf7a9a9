"""Several columns of one port, each with an encoder of its own, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.encoders.base import ENCODERS, Array, Encoded, Encoder, EncoderField
from engine.data.table.column_types import Column


@ENCODERS.add()
class Beside(Encoder):
    """The encoders of several columns, in their order."""

    parts: tuple[EncoderField, ...] = Field(description="An encoder for each column.")

    def describe(self) -> str:
        """Return all parts in their order."""
        return "; then ".join(part.describe() or "the number" for part in self.parts)

    def join(self, columns: Sequence[Column], names: Sequence[str], folder: Path) -> Encoded:
        """Return what the encoders make of their columns, side by side.

        Raises:
            Refused: with the findings of all columns.
        """
        found: list[Diagnostic] = []
        made: list[Encoded] = []
        for encoder, column, name in zip(self.parts, columns, names, strict=True):
            try:
                made.append(encoder.encode(column, name, folder))
            except Refused as refused:
                found += refused.diagnostics
        if found:
            raise Refused(*found)
        flat = [_flat(each.values, name) for each, name in zip(made, names, strict=True)]
        return Encoded(np.concatenate(flat, axis=1), tuple(n for each in made for n in each.notes))


def _flat(values: Array, name: str) -> Array:
    """Return one column's numbers as features.

    Raises:
        Refused: if they have more axes than one.
    """
    if values.ndim == 1:
        return values[:, None]
    if values.ndim == 2:
        return values
    raise Refused(
        Diagnostic(
            "array-shape",
            f'"{name}" has several axes, so it can\'t stand beside other columns',
            place=f"column {name}",
            found=f"(rows, {', '.join(map(str, values.shape[1:]))})",
            expected="one number a row, or one axis of them",
            fixes=(Fix('Give it an Input of its own, with "column".'),),
        )
    )
