"""The columns of one port, converted to the types that its encoders read, such as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, nearest_word
from engine.data.encoders import ENCODERS, ConcatEncoder, Encoder, lists_to_array
from engine.data.encoders.categories import CategoricalColumn, to_categorical
from engine.data.profile.content import column_content
from engine.data.profile.statistics import NUMBER_TEXTS, ColumnContent
from engine.data.table.array import Array
from engine.data.table.column_types import (
    Column,
    is_date,
    is_list,
    is_number,
    is_text,
    missing_text_mask,
)
from engine.data.table.missing_values import has_values
from engine.data.table.number_parser import parse_numbers, try_cast_numbers
from engine.data.table.table import Table
from engine.recipe.data_mapping import PortSide, Source
from engine.recipe.encoding import ENCODINGS, Encoding
from engine.recipe.split import SplitSettings

CATEGORICAL_ENCODINGS = ("category", "boolean")


@dataclass(frozen=True, slots=True)
class PortColumns:
    """The columns of one port and the settings for encoding them; conversions are cached.

    Args:
        source: the names of the columns and their encodings.
        precision: the dtype of floats.
        train: the numbers of the rows that encoders are fitted on; None for all rows.
        encoder: the fitted encoder of the port, used if `refit` is False.
        refit: True to fit a new encoder.
        split: the split settings, for fixes that change the split.
        notes: infos about conversions. Methods that convert columns append infos here.
    """

    table: Table
    source: Source
    precision: str
    train: NDArray[np.int64] | None = None
    encoder: Encoder | None = None
    refit: bool = True
    split: SplitSettings | None = None
    notes: list[Diagnostic] = field(default_factory=list)
    _plain: dict[str, Array | None] = field(default_factory=dict)
    _coded: dict[str, CategoricalColumn] = field(default_factory=dict)
    _contents: dict[str, ColumnContent] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The names of the columns as one text, for messages."""
        return ", ".join(self.source.column_names)

    @property
    def folder(self) -> Path:
        """The folder to which paths in cells are relative."""
        return self.table.path if self.table.path.is_dir() else self.table.path.parent

    @property
    def fit_rows(self) -> NDArray[np.int64]:
        """The numbers of the rows to fit a new encoder on; empty if `refit` is False (fit none)."""
        if self.train is not None and self.refit:
            return self.train
        return np.arange(self.table.row_count if self.refit else 0)

    def plain_numbers(self, name: str, column: Column) -> Array | None:
        """Return a text column as floats, None if it can't be cast; cached by column `name`."""
        if name not in self._plain:
            self._plain[name] = try_cast_numbers(column, self.table.decimal)
        return self._plain[name]

    def parsed_numbers(self, port: str, name: str, column: Column) -> Array:
        """Return a text column's numbers, NaN for missing cells. The result is cached by `name`.

        Raises:
            DiagnosticError: if cells are not numbers. `port` and `name` are for its message.
        """
        plain = self.plain_numbers(name, column)
        if plain is not None:
            return plain
        is_number_text = self.content(name, column) in NUMBER_TEXTS
        if not is_number_text and (self.refit or has_values(column)):
            raise DiagnosticError(text_column_error(port, name, column))
        csv = self.table.dialect is not None
        values, notes = parse_numbers(column, name, self.table.decimal, csv)
        self.notes.extend(notes)
        self._plain[name] = values
        return values

    def content(self, name: str, column: Column) -> ColumnContent:
        """Return the content of `column`, the statistic that decides its default encoding.

        The result is cached under `name`.
        """
        if name not in self._contents:
            self._contents[name] = column_content(column)
        return self._contents[name]

    def contents(self, columns: Sequence[Column]) -> list[ColumnContent]:
        """Return the content of each of the port's columns."""
        names = self.source.column_names
        return [self.content(name, column) for name, column in zip(names, columns, strict=True)]

    def category_codes(self, name: str, column: Column) -> CategoricalColumn:
        """Return the distinct texts of `column` and each row's text index, cached under `name`."""
        if name not in self._coded:
            self._coded[name] = to_categorical(column)
        return self._coded[name]

    def raw_columns(self, port: str, side: PortSide) -> list[Column]:
        """Return the port's columns as they are in the table. `port` and `side` are for errors.

        Raises:
            DiagnosticError: if the table lacks a column.
        """
        missing = [name for name in self.source.column_names if name not in self.table.columns]
        if missing:
            raise DiagnosticError(*(_column_missing(self, port, side, name) for name in missing))
        return [self.table.columns[name] for name in self.source.column_names]


def encoding_name(encoding: Encoding | Encoder | None) -> str:
    """Return the name, such as "date", of an encoding or of an encoder; "number" for None."""
    if encoding is None:
        return "number"
    if isinstance(encoding, Encoder):
        return ENCODERS.name_of(encoding)
    return ENCODINGS.name_of(encoding)


def encoding_names(encoder: Encoder | None, count: int) -> list[str]:
    """Return the encoding name of each of `count` columns; without an encoder, it is "number"."""
    if isinstance(encoder, ConcatEncoder):
        return [encoding_name(part) for part in encoder.parts]
    return [encoding_name(encoder)] * count


def prepare_columns(
    data: PortColumns, port: str, columns: Sequence[Column], kinds: Sequence[str]
) -> list[Any]:
    """Return each column, converted to the type that its encoding reads.

    `kinds` has the name of each column's encoding.

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
    return converted


def _convert(data: PortColumns, port: str, name: str, column: Column, kind: str) -> Any:
    if kind == "number":
        return numeric_values(data, port, name, column)
    if not _accepts(kind, column):
        raise DiagnosticError(_wrong_column_type(port, name, column, kind))
    return data.category_codes(name, column) if kind in CATEGORICAL_ENCODINGS else column


def _accepts(kind: str, column: Column) -> bool:
    if kind == "date":
        return is_date(column) or is_text(column)
    if kind == "ids":
        return not is_date(column)
    single = not is_number(column) or column.size == len(column)
    if kind in ("text", "multilabel"):
        return single and not is_date(column)
    return is_text(column) if kind == "image" else single and not is_list(column)


def numeric_values(data: PortColumns, port: str, name: str, column: Column) -> Array:
    """Return a column's numbers, NaN for missing cells. `data` parses text columns.

    Raises:
        DiagnosticError: if cells are not numbers. `port` and `name` are for its message.
    """
    if is_number(column):
        return column
    if is_text(column):
        return data.parsed_numbers(port, name, column)
    rows = lists_to_array(column) if is_list(column) else None
    if rows is None:
        raise DiagnosticError(_wrong_column_type(port, name, column, "number"))
    return rows


_NOUNS = {
    "number": "numbers",
    "category": "one label per row",
    "boolean": "one of two labels per row",
    "text": "text",
    "ids": "lists of whole numbers",
    "multilabel": "labels with a separator, or lists",
    "date": "dates",
    "image": "image paths",
}


def _wrong_column_type(port: str, name: str, column: Column, kind: str) -> Diagnostic:
    noun = "lists" if is_list(column) else "dates" if is_date(column) else "numbers"
    if noun == "numbers" and column.ndim > 1:
        noun = "several numbers per row"
    return Diagnostic(
        "column-kind",
        f'"{name}" holds {noun} where {_NOUNS[kind]} are needed',
        node=port,
        place=f"column {name}",
        found=noun,
        expected=_NOUNS[kind],
        fixes=(Fix("Map another column."), Fix("Choose another encoding.")),
    )


def text_column_error(port: str, name: str, column: Column) -> Diagnostic:
    """Return the error for a text column where numbers are needed."""
    rows = np.flatnonzero(~missing_text_mask(column))
    shown = str(column[int(rows[0])]) if len(rows) else ""
    return Diagnostic(
        "column-kind",
        f'"{name}" holds text where numbers are needed',
        node=port,
        place=f"column {name}",
        found=repr(shown[:40]) if shown else "empty cells",
        expected="numbers",
        fixes=(Fix("Map another column."), Fix("Predict text as classes: softmax, cross-entropy.")),
    )


def _column_missing(data: PortColumns, port: str, side: PortSide, name: str) -> Diagnostic:
    known = list(data.table.columns)
    similar = nearest_word(name, known)
    is_only_choice = name == port and len(known) == 1
    nearest = known[0] if similar is None and is_only_choice else similar
    fixes = [Fix(f'Rename the column to "{name}", or map another column to {port}.')]
    if nearest is not None:
        params = data.source.params()
        if data.source.columns is None:
            params["column"] = nearest
        else:
            names = data.source.column_names
            params["columns"] = [nearest if item == name else item for item in names]
        edit = {"do": "set_mapping", "side": side, "node": port, "source": params}
        fixes.insert(0, Fix(f'Map column "{nearest}" to {port}.', edit))
    hint = f"; did you mean {similar!r}?" if similar else ""
    return Diagnostic(
        "column-missing",
        f'the data has no column "{name}"{hint}',
        node=port,
        found=", ".join(known[:12]) + (", ..." if len(known) > 12 else ""),
        expected=name,
        fixes=tuple(fixes),
    )
