"""What an encoder is: numbers from cells, and the person's values again from predictions.

An encoder's fields are all that was fitted; as plain JSON they travel with the run. A fitter takes
a column chunk by chunk, so that tables larger than memory are fitted as well; however a column is
cut into chunks, the encoder is the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic
from engine.core.registry import Family
from engine.core.schema import Schema
from engine.core.tensor_spec import Dim
from engine.data.table.column_types import Column

Array = NDArray[Any]


class Encoded(NamedTuple):
    """Numbers, and what a person should know of them."""

    values: Array
    notes: tuple[Diagnostic, ...] = ()


class Encoder(Schema):
    """Base of all encoders."""

    @property
    def ids(self) -> int | None:
        """How many different ids it gives, None if it gives no ids."""
        return None

    def describe(self) -> str:
        """Say what cells become, as the object of "takes"; "" if they stay as they are."""
        return ""

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return the numbers that are trained on.

        Args:
            column: rows of any table.
            name: of the column, for findings.
            folder: the table's own, for cells that name files.

        Raises:
            Refused: naming the rows that can't be encoded.
        """
        raise NotImplementedError(type(self).__name__)

    def encode(self, column: Column, name: str, folder: Path = Path()) -> Encoded:
        """Return what `transform` answers, and notes on what is lost on the way."""
        return Encoded(self.transform(column, name, folder))


ENCODERS: Family[Encoder] = Family("encoder")
EncoderField = ENCODERS.field(Encoder)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a port asks of its encoder.

    Args:
        hot: one column per label instead of its number.
        labels: in the order of their numbers, where they are given.
        shape: of one row; a free axis is no number.
    """

    hot: bool = False
    labels: tuple[str, ...] = ()
    shape: tuple[Dim, ...] = ()

    def size(self, axis: int) -> int | None:
        """Return the fixed size of an axis, None if it is free or not there."""
        dim = self.shape[axis] if -len(self.shape) <= axis < len(self.shape) else None
        return dim if isinstance(dim, int) else None


class Fitter(ABC):
    """Looks at the training rows of a column, a chunk at a time."""

    @abstractmethod
    def add(self, column: Column) -> None:
        """Take the next rows in."""

    @abstractmethod
    def done(self) -> Encoder:
        """Return the encoder of all rows so far.

        Raises:
            Refused: if there is none for such rows.
        """
