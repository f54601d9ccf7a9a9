"""`PreparedColumns`: the columns of one port, converted for its encoders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders import ConcatEncoder, Encoder, LabelEncoder
from engine.data.encoders.categories import CategoricalColumn
from engine.data.ports.port_columns import PortColumns, prepare_columns
from engine.data.preprocessing.reshape import shape_error
from engine.data.preprocessing.target_masks import fill_placeholders
from engine.data.table.array import Array
from engine.data.table.column_types import Column, take_rows


@dataclass(frozen=True, slots=True)
class PreparedColumns:
    """The columns of a port, each converted to the type that its encoding reads.

    `kinds` has the name of each column's encoding.
    """

    data: PortColumns
    kinds: tuple[str, ...]
    columns: tuple[Any, ...]

    @classmethod
    def prepare(
        cls, data: PortColumns, port: str, columns: Sequence[Column], kinds: Sequence[str]
    ) -> PreparedColumns:
        """Return the columns of a port, each converted to the type that its encoding reads.

        `data` has the settings of the conversion. `port` is the port's name, for diagnostics.
        `kinds` has the name of each column's encoding.

        Raises:
            DiagnosticError: if a column can't be converted.
        """
        return cls(data, tuple(kinds), tuple(prepare_columns(data, port, columns, kinds)))

    def is_numeric(self, encoder: Encoder | None) -> bool:
        """Return whether all columns hold numbers and `encoder` does not treat them one by one."""
        return set(self.kinds) == {"number"} and not isinstance(encoder, ConcatEncoder)

    def stack(self, port: str) -> Array:
        """Return the columns, concatenated along the feature axis. All columns must hold numbers.

        Raises:
            DiagnosticError: if there are several columns, and one has two or more axes per row.
        """
        if len(self.columns) == 1:
            return np.asarray(self.columns[0])
        multi_axis = next((column for column in self.columns if column.ndim > 2), None)
        if multi_axis is not None:
            raise DiagnosticError(shape_error(port, multi_axis, (), ()))
        flattened = [column.reshape(len(column), -1) for column in self.columns]
        return np.concatenate(flattened, axis=1)

    def training_columns(self) -> tuple[Any, ...]:
        """Return the training rows of each column."""
        return tuple(training_rows(column, self.data) for column in self.columns)

    def transform(self, encoder: Encoder) -> Array:
        """Return the array into which an encoder transforms the columns.

        Raises:
            DiagnosticError: with the rows that can't be encoded.
        """
        data, folder = self.data, self.data.folder
        if isinstance(encoder, ConcatEncoder):
            names = data.source.column_names
            encoded = encoder.transform_columns(self.columns, names, folder)
        else:
            encoded = encoder.transform_with_notes(self.columns[0], data.name, folder)
        data.notes.extend(encoded.notes)
        return encoded.values

    def with_placeholder_labels(self, is_present: Array, encoder: Encoder) -> PreparedColumns:
        """Return a copy with a label valid for `encoder` in rows where `is_present` is False.

        There must be exactly one column, which holds labels.
        """
        (column,) = self.columns
        placeholder = encoder.labels[0] if isinstance(encoder, LabelEncoder) else ""
        if isinstance(column, CategoricalColumn):
            return replace(self, columns=(column.with_placeholder(is_present, placeholder),))
        return replace(self, columns=(fill_placeholders(column, is_present, "", placeholder),))


def training_rows(column: Any, data: PortColumns) -> Any:
    """Return the rows of a column or array on which encoders are fitted: `data.train`, or all."""
    rows = data.train
    if rows is None:
        return column
    return column.take(rows) if isinstance(column, CategoricalColumn) else take_rows(column, rows)
