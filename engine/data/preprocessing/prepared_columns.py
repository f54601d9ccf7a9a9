"""The columns of one port as its encoders read them, and what the encoders make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Refused
from engine.data.encoders import Beside, Encoder, Labelled
from engine.data.encoders.categories import Coded
from engine.data.ports.port_columns import Reading, prepared
from engine.data.preprocessing.reshape import misshapen
from engine.data.preprocessing.target_masks import stopgap
from engine.data.table.column_types import Column, take

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """The columns of a port, prepared.

    Args:
        reading: where they come from.
        kinds: the kind of encoder of each.
        columns: what it reads.
    """

    reading: Reading
    kinds: tuple[str, ...]
    columns: tuple[Any, ...]

    @classmethod
    def of(
        cls, reading: Reading, port: str, columns: Sequence[Column], kinds: Sequence[str]
    ) -> Ready:
        """Prepare columns for encoders of these kinds.

        Raises:
            Refused: if a column can't be read so.
        """
        return cls(reading, tuple(kinds), tuple(prepared(reading, port, columns, kinds)))

    def numbers(self, encoder: Encoder | None) -> bool:
        """Return whether all columns are numbers that one encoder reads, or none."""
        return set(self.kinds) == {"number"} and not isinstance(encoder, Beside)

    def stacked(self, port: str) -> Array:
        """Return columns of numbers side by side.

        Raises:
            Refused: if one of several has more axes than one.
        """
        if len(self.columns) == 1:
            return np.asarray(self.columns[0])
        wide = next((column for column in self.columns if column.ndim > 2), None)
        if wide is not None:
            raise Refused(misshapen(port, wide, (), ()))
        flat = [column.reshape(len(column), -1) for column in self.columns]
        return np.concatenate(flat, axis=1)

    def training(self) -> tuple[Any, ...]:
        """Return the rows of each column that encoders are fitted on."""
        return tuple(training_rows(column, self.reading) for column in self.columns)

    def encode(self, encoder: Encoder) -> Array:
        """Return the numbers that an encoder makes of the columns.

        Raises:
            Refused: naming the rows that can't be encoded.
        """
        reading = self.reading
        if isinstance(encoder, Beside):
            made = encoder.join(self.columns, reading.source.names, reading.folder)
        else:
            made = encoder.encode(self.columns[0], reading.name, reading.folder)
        reading.notes.extend(made.notes)
        return made.values

    def patched(self, there: Array, encoder: Encoder) -> Ready:
        """Return one column of labels with a sound one in place of those that are missing."""
        (column,) = self.columns
        usual = encoder.labels[0] if isinstance(encoder, Labelled) else ""
        if isinstance(column, Coded):
            return replace(self, columns=(column.put(there, usual),))
        return replace(self, columns=(stopgap(column, there, "", usual),))


def training_rows(column: Any, reading: Reading) -> Any:
    """Return the rows that encoders are fitted on, of a column or of an array."""
    rows = reading.train
    if rows is None:
        return column
    return column.take(rows) if isinstance(column, Coded) else take(column, rows)
