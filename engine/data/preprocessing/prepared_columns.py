"""`PreparedColumns`: the columns of one port, converted for its encoders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.data.encoders import (
    ConcatEncoder,
    DateEncoder,
    Encoder,
    LabelEncoder,
    column_encoders,
    lists_to_array,
)
from engine.data.encoders.categories import CategoricalColumn, to_categorical
from engine.data.ports.port_columns import PortColumns
from engine.data.preprocessing.reshape import shape_error
from engine.data.preprocessing.target_masks import fill_placeholders
from engine.data.table.array import Array
from engine.data.table.chunks import row_blocks
from engine.data.table.column_types import Column, is_date, is_list, is_number, is_text, take_rows
from engine.data.table.missing_values import present_mask
from engine.data.table.number_parser import missing_cell_mask, missing_quantity_mask
from engine.data.table.row_numbers import affected_rows, any_per_row

FIT_ROWS = 2**15  # of a block
_NOUNS = {
    "number": "numbers",
    "category": "one label per row",
    "boolean": "one of two labels per row",
    "text": "text",
    "ids": "lists of integers",
    "multilabel": "labels with a separator, or lists",
    "date": "dates",
    "image": "image paths",
}


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
        """Return the converted columns of the port `port`; `data` has the settings.

        Raises:
            DiagnosticError: if a column can't be converted.
        """
        diagnostics: list[Diagnostic] = []
        converted: list[Any] = []
        for name, column, kind in zip(data.source.column_names, columns, kinds, strict=True):
            try:
                converted.append(_convert(data, port, name, column, kind))
            except DiagnosticError as error:
                diagnostics += (replace(item, node=item.node or port) for item in error.diagnostics)
        if diagnostics:
            raise DiagnosticError(*diagnostics)
        return cls(data, tuple(kinds), tuple(converted))

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
            raise shape_error(port, multi_axis, ())
        flattened = [column.reshape(len(column), -1) for column in self.columns]
        return np.concatenate(flattened, axis=1)

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
        data.notes.extend([*encoded.notes, *self.filled_notes(encoder)])
        return encoded.values

    def filled_notes(self, encoder: Encoder) -> Iterator[Diagnostic]:
        """Yield an info for each column of which `encoder` fills missing cells."""
        names = self.data.source.column_names
        parts = column_encoders(encoder, len(names))
        for name, column, part in zip(names, self.columns, parts, strict=True):
            if part is None or not part.fill_text:
                continue
            rows = affected_rows(_missing_rows(column, part))
            if rows.count:
                yield Diagnostic.info(
                    "cells-filled",
                    f'missing cells of "{name}" are filled with {part.fill_text}: '
                    f"{rows.count_text}",
                    place=f"column {name}",
                    rows=rows,
                )

    def with_placeholder_labels(self, is_present: Array, encoder: Encoder) -> PreparedColumns:
        """Return a copy with a label valid for `encoder` in rows where `is_present` is False.

        There must be exactly one column, which holds labels.
        """
        (column,) = self.columns
        placeholder = encoder.labels[0] if isinstance(encoder, LabelEncoder) else ""
        if isinstance(column, CategoricalColumn):
            return replace(self, columns=(column.with_placeholder(is_present, placeholder),))
        return replace(self, columns=(fill_placeholders(column, is_present, "", placeholder),))


def _missing_rows(column: Any, encoder: Encoder) -> Array:
    if isinstance(encoder, LabelEncoder):
        cells = to_categorical(column)
        return missing_cell_mask(cells.categories, encoder.labels)[cells.codes]
    if isinstance(encoder, DateEncoder) and is_text(column):
        return missing_quantity_mask(column)
    is_present = present_mask(column)
    return np.zeros(0, bool) if is_present is None else any_per_row(~is_present)


def training_rows(column: Any, data: PortColumns) -> Any:
    """Return the rows of a column or array on which encoders are fitted: `data.train`, or all."""
    rows = data.train
    if rows is None:
        return column
    return column.take(rows) if isinstance(column, CategoricalColumn) else take_rows(column, rows)


def training_blocks(numbers: Array, data: PortColumns) -> Iterator[Array]:
    """Yield the rows of `training_rows` in blocks, which take little memory."""
    if data.train is None:
        yield from (block for _, block in row_blocks(numbers))
        return
    for start in range(0, len(data.train), FIT_ROWS):
        yield take_rows(numbers, data.train[start : start + FIT_ROWS])


def _convert(data: PortColumns, port: str, name: str, column: Column, kind: str) -> Any:
    if kind == "number":
        return _numbers(data, port, name, column)
    if not _accepts(kind, column):
        raise _wrong_column_type(port, name, column, kind)
    return data.category_codes(name, column) if kind in ("category", "boolean") else column


def _accepts(kind: str, column: Column) -> bool:
    if kind == "date":
        return is_date(column) or is_text(column)
    if kind == "ids":
        return not is_date(column)
    single = not is_number(column) or column.size == len(column)
    if kind in ("text", "multilabel"):
        return single and not is_date(column)
    return is_text(column) if kind == "image" else single and not is_list(column)


def _numbers(data: PortColumns, port: str, name: str, column: Column) -> Array:
    """Return a column's numbers, NaN for missing cells; raise an error for other values."""
    if is_number(column):
        return column
    if is_text(column):
        return data.parsed_numbers(port, name, column)
    rows = lists_to_array(column) if is_list(column) else None
    if rows is None:
        raise _wrong_column_type(port, name, column, "number")
    return rows


def _wrong_column_type(port: str, name: str, column: Column, kind: str) -> DiagnosticError:
    noun = "lists" if is_list(column) else "dates" if is_date(column) else "numbers"
    if noun == "numbers" and column.ndim > 1:
        noun = "several numbers per row"
    return diagnostic_error(
        "column-kind",
        f'"{name}" holds {noun} where {_NOUNS[kind]} are needed',
        "Map another column.",
        "Choose another encoding.",
        node=port,
        place=f"column {name}",
        found=noun,
        expected=_NOUNS[kind],
    )
