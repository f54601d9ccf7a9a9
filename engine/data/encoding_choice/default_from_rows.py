"""Infers a column's encoding from its cells and its port, if the data mapping defines none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.core.tensor_spec import TensorSpec
from engine.data.encoders.categories import missing_label_mask
from engine.data.encoders.ids import ID_LIST_PATTERN
from engine.data.ports.port_columns import PortColumns
from engine.data.ports.target_spec import TargetSpec
from engine.data.table.column_types import (
    Column,
    TextArray,
    is_date,
    is_list,
    is_number,
    is_text,
    matches_pattern,
)
from engine.data.table.date_parser import is_mostly_dates
from engine.recipe.encoding import Boolean, Category, Date, Encoding, Ids, Image, Multilabel, Number
from engine.recipe.encoding import Text as Words

SAMPLE_SIZE = 10_000  # the number of cells that are inspected


def default_input_encodings(
    data: PortColumns, columns: list[Column], spec: TensorSpec
) -> list[Encoding]:
    """Return the encoding of each column of an Input, set in `data` or else inferred from cells."""
    return [
        encoding or _input_encoding(data, name, column, spec, alone=len(columns) == 1)
        for encoding, name, column in _encodings_by_column(data, columns)
    ]


def _encodings_by_column(
    data: PortColumns, columns: list[Column]
) -> Iterator[tuple[Encoding | None, str, Column]]:
    return zip(data.source.encodings, data.source.column_names, columns, strict=True)


def _input_encoding(
    data: PortColumns, name: str, column: Column, spec: TensorSpec, alone: bool
) -> Encoding:
    label_encoding: Encoding = Category()
    if spec.dtype == "float32" and spec.size == 1 and alone:
        label_encoding = Boolean()
    if data.source.labels is not None and _can_be_labels(column):
        return label_encoding
    if spec.dtype == "int32":
        return _id_encoding(data, name, column, spec, alone)
    if is_list(column):
        return Multilabel() if _holds_texts(column) else Number()
    if is_date(column):
        return Date()
    if is_number(column) or data.mostly_numbers(name, column):
        return Number()
    if spec.rank == 3:
        return Image()
    return Date() if is_mostly_dates(_sample(column)) else label_encoding


def _id_encoding(
    data: PortColumns, name: str, column: Column, spec: TensorSpec, alone: bool
) -> Encoding:
    """Infer the encoding of a column of an int32 Input. `alone`: the Input has no other column."""
    is_sequence = alone and spec.rank > 0 and spec.shape[-1] != 1
    if is_list(column):
        return Words() if _holds_texts(column) else Ids()
    if is_date(column):
        return Category()
    if is_number(column):
        return Number()
    if is_sequence:
        cells = _sample(column)
        id_list_count = matches_pattern(cells, ID_LIST_PATTERN).sum()
        return Ids() if len(cells) and 2 * id_list_count > len(cells) else Words()
    return Number() if data.mostly_numbers(name, column) else Category()


def default_target_encodings(
    data: PortColumns, columns: list[Column], port: TargetSpec
) -> list[Encoding]:
    """Return the encoding of each column of a target, in the order of `columns`.

    If the data mapping defines an encoding for a column, the result has this encoding. Otherwise
    the encoding is inferred from the cells of the column and from `port`.
    """
    return [
        encoding or _target_encoding(data, name, column, port, alone=len(columns) == 1)
        for encoding, name, column in _encodings_by_column(data, columns)
    ]


def _target_encoding(
    data: PortColumns, name: str, column: Column, port: TargetSpec, alone: bool
) -> Encoding:
    if port.form == "number" or not alone:
        return Number()
    is_multilabel = port.form == "binary" and bool(port.shape) and port.shape[-1] != 1
    if is_list(column) and _holds_texts(column):
        return Multilabel()
    has_labels = data.source.labels is not None and _can_be_labels(column)
    if has_labels or (is_text(column) and not data.mostly_numbers(name, column)):
        return Multilabel() if is_multilabel else Boolean() if port.form == "binary" else Category()
    return Number()


def _can_be_labels(column: Column) -> bool:
    """Return whether cells can be the labels of classes: each cell is a text or one integer."""
    return is_text(column) or (is_number(column) and column.dtype.kind in "iu" and column.ndim == 1)


def _holds_texts(lists: Any) -> bool:
    return is_text(lists.values)


def _sample(column: TextArray) -> TextArray:
    """Return the cells of the first 10,000 rows, without missing cells."""
    cells = column[:SAMPLE_SIZE]
    return cells.filter(~missing_label_mask(cells))
