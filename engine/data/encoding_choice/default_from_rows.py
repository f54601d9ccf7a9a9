"""How a column is encoded where the mapping does not say: by what it holds and its port takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.core.tensor_spec import TensorSpec
from engine.data.encoders.categories import absent
from engine.data.encoders.ids import PATTERN
from engine.data.ports.port_columns import Reading
from engine.data.ports.target_spec import TargetPort
from engine.data.table.column_types import Column, Text, flags, is_date, is_list, is_number, is_text
from engine.data.table.date_parser import mostly_dates
from engine.data.table.lazy_arrow import pa, pc
from engine.recipe.encoding import (
    Boolean,
    Category,
    Date,
    Encoding,
    Ids,
    Image,
    Multilabel,
    Number,
)
from engine.recipe.encoding import Text as Words

SAMPLE = 10_000  # cells that are looked at; more would tell the same


def for_input(reading: Reading, columns: list[Column], spec: TensorSpec) -> list[Encoding]:
    """Return how each column of an Input is encoded."""
    return [
        asked or _for_input(reading, name, column, spec, alone=len(columns) == 1)
        for asked, name, column in _each(reading, columns)
    ]


def _each(reading: Reading, columns: list[Column]) -> Iterator[tuple[Encoding | None, str, Column]]:
    return zip(reading.source.encodings, reading.source.names, columns, strict=True)


def _for_input(
    reading: Reading, name: str, column: Column, spec: TensorSpec, alone: bool
) -> Encoding:
    labelled: Encoding = Category()
    if spec.dtype == "float32" and spec.size == 1 and alone:
        labelled = Boolean()
    if reading.source.labels is not None and _names(column):
        return labelled
    if spec.dtype == "int32":
        return _ids(reading, name, column, spec, alone)
    if is_list(column):
        return Multilabel() if _of_texts(column) else Number()
    if is_date(column):
        return Date()
    if is_number(column) or reading.mostly_numbers(name, column):
        return Number()
    if spec.rank == 3:
        return Image()
    return Date() if mostly_dates(_sample(column)) else labelled


def _ids(reading: Reading, name: str, column: Column, spec: TensorSpec, alone: bool) -> Encoding:
    """Return what makes ids of a column."""
    sequence = alone and spec.rank > 0 and spec.shape[-1] != 1
    if is_list(column):
        return Words() if _of_texts(column) else Ids()
    if is_date(column):
        return Category()
    if is_number(column):
        return Number()
    if sequence:
        cells = _sample(column)
        fitting = flags(pc.match_substring_regex(cells, PATTERN)).sum()
        return Ids() if len(cells) and 2 * fitting > len(cells) else Words()
    return Number() if reading.mostly_numbers(name, column) else Category()


def for_target(reading: Reading, columns: list[Column], port: TargetPort) -> list[Encoding]:
    """Return how each column of a target is encoded."""
    return [
        asked or _for_target(reading, name, column, port, alone=len(columns) == 1)
        for asked, name, column in _each(reading, columns)
    ]


def _for_target(
    reading: Reading, name: str, column: Column, port: TargetPort, alone: bool
) -> Encoding:
    if port.form == "number" or not alone:
        return Number()
    several = port.form == "binary" and bool(port.shape) and port.shape[-1] != 1
    if is_list(column) and _of_texts(column):
        return Multilabel()
    labels = reading.source.labels is not None and _names(column)
    if labels or (is_text(column) and not reading.mostly_numbers(name, column)):
        return Multilabel() if several else Boolean() if port.form == "binary" else Category()
    return Number()


def _names(column: Column) -> bool:
    """Return whether the cells can be labels that were listed."""
    return is_text(column) or (is_number(column) and column.dtype.kind in "iu" and column.ndim == 1)


def _of_texts(lists: Any) -> bool:
    return bool(pa.types.is_large_string(lists.type.value_type))


def _sample(column: Text) -> Text:
    """Return some cells of the beginning, none of them missing."""
    cells = column[:SAMPLE]
    return cells.filter(pa.array(~absent(cells)))
