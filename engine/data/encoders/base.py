"""The base classes of encoders and fitters.

The fields of an encoder are its fitted state, saved in run.json. A fitter processes the training
rows of a column chunk by chunk, so the table may be larger than memory. The fitted encoder does
not depend on how the column is divided into chunks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.core.diagnostic import Diagnostic
from engine.core.registry import Registry
from engine.core.schema import Schema
from engine.core.tensor_spec import Dim
from engine.data.table.array import Array
from engine.data.table.column_types import Column
from engine.data.table.number_form import NumberForm


class EncodedColumn(NamedTuple):
    """An encoded column, and infos about values that were truncated or are unknown."""

    values: Array
    notes: tuple[Diagnostic, ...] = ()


class Encoder(Schema):
    """The base class of all encoders; a fitted encoder can't change."""

    @property
    def id_count(self) -> int | None:
        """The number of distinct ids that the encoder can return, None if it returns no ids."""
        return None

    def describe(self) -> str:
        """Return what encoded values are, such as "a class id: 0 is no, 1 is yes".

        The result is "" if encoding leaves values unchanged.
        """
        return ""

    @property
    def fill_text(self) -> str:
        """What missing cells of a column are filled with, "" if they are not filled."""
        return ""

    def feature_names(self, column: str) -> tuple[str, ...]:
        """Return the names of the features of the encoded column named `column`."""
        return (column,)

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return the encoded column. Subclasses override this or `transform_with_notes`.

        `name` is the column's name, for messages. Paths in cells are relative to `folder`.

        Raises:
            DiagnosticError: with the rows that can't be encoded.
        """
        return self.transform_with_notes(column, name, folder).values

    def transform_with_notes(
        self, column: Column, name: str, folder: Path = Path()
    ) -> EncodedColumn:
        """Return `transform(column, name, folder)`, and notes on truncated or unknown values."""
        return EncodedColumn(self.transform(column, name, folder))


ENCODERS: Registry[Encoder] = Registry("encoder")
EncoderField = ENCODERS.field_type(Encoder)


@dataclass(frozen=True, slots=True)
class PortRequirement:
    """What a port (an Input or a target) requires of the encoder that encodes its data.

    Args:
        one_hot: True to encode a label as a one-hot vector, False to encode it as a class id.
        labels: the labels in the order of their class ids; () to use the labels of the column.
        shape: the shape of one encoded row. The size of a dynamic axis is a `DynamicLength`.
        forms: how the numbers of each column are written.
    """

    one_hot: bool = False
    labels: tuple[str, ...] = ()
    shape: tuple[Dim, ...] = ()
    forms: tuple[NumberForm, ...] = ()

    def axis_size(self, axis: int) -> int | None:
        """Return the size of an axis, None if the axis is dynamic or does not exist."""
        dim = self.shape[axis] if -len(self.shape) <= axis < len(self.shape) else None
        return dim if isinstance(dim, int) else None


class Fitter(ABC):
    """Fits an encoder on the training rows of a column, chunk by chunk."""

    @abstractmethod
    def add(self, column: Column) -> None:
        """Fit the encoder on the next training rows."""

    @abstractmethod
    def finish(self) -> Encoder:
        """Return the encoder, fitted on all rows added so far.

        Raises:
            DiagnosticError: if no encoder can be fitted on these rows.
        """
