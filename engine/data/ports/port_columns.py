"""The columns of one port, converted to the types that its encoders read, such as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import (
    Diagnostic,
    DiagnosticError,
    Fix,
    diagnostic_error,
    nearest_word,
)
from engine.data.encoders import ENCODERS, Encoder, NumberEncoder, column_encoders
from engine.data.encoders.categories import CategoricalColumn, to_categorical
from engine.data.profile.content import column_content
from engine.data.profile.statistics import ColumnContent
from engine.data.table.array import Array
from engine.data.table.column_types import Column, blank_words, is_text, missing_text_mask
from engine.data.table.number_form import PLAIN_FORM, DetectedForm, NumberForm
from engine.data.table.number_parser import (
    detect_number_form,
    form_diagnostics,
    missing_quantity_mask,
    parse_numbers,
    read_numbers,
)
from engine.data.table.table import Table
from engine.recipe.data_mapping import PortSide, Source
from engine.recipe.encoding import ENCODINGS, Encoding
from engine.recipe.split import SplitSettings


@dataclass(frozen=True, slots=True)
class PortColumns:
    """The columns of one port and the settings for encoding them; conversions are cached.

    Args:
        source: the names of the columns and their encodings.
        precision: the dtype of floats.
        train: the numbers of the rows that encoders are fitted on; None for all rows.
        encoder: the fitted encoder of the port, used if `refit` is False.
        refit: True to fit a new encoder.
        is_own_fit: whether encoders are fitted on this table, not on that of a previous run.
        split: the split settings, for fixes that change the split.
        used: the columns that ports use, which no fix suggests for another port.
        notes: infos about conversions. Methods that convert columns append infos here.
    """

    table: Table
    source: Source
    precision: str
    train: NDArray[np.int64] | None = None
    encoder: Encoder | None = None
    refit: bool = True
    is_own_fit: bool = True
    split: SplitSettings | None = None
    used: frozenset[str] = frozenset()
    notes: list[Diagnostic] = field(default_factory=list)
    _numbers: dict[str, Array] = field(default_factory=dict)
    _forms: dict[str, DetectedForm] = field(default_factory=dict)
    _coded: dict[str, CategoricalColumn] = field(default_factory=dict)
    _contents: dict[str, ColumnContent] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The names of the columns as one text, for messages."""
        return ", ".join(self.source.column_names)

    @property
    def folder(self) -> Path:
        """The folder to which paths in cells are relative."""
        return self.table.folder

    @property
    def fit_rows(self) -> NDArray[np.int64]:
        """The numbers of the rows to fit a new encoder on; empty if `refit` is False (fit none)."""
        if self.train is not None and self.refit:
            return self.train
        return np.arange(self.table.row_count if self.refit else 0)

    def parsed_numbers(self, port: str, name: str, column: Column) -> Array:
        """Return a text column's numbers, NaN for missing cells. The result is cached by `name`.

        Raises:
            DiagnosticError: if cells are not numbers. `port` and `name` are for its message.
        """
        if name not in self._numbers:
            self._numbers[name] = self._parse_numbers(port, name, column)
        return self._numbers[name]

    def _parse_numbers(self, port: str, name: str, column: Column) -> Array:
        fitted = self._fitted_form(name)
        if fitted is not None:
            return self._parse_as_fitted(name, column, fitted)
        detected = self.number_form(name, column)
        if detected.problem == "text" or (detected.problem == "empty" and self.is_own_fit):
            rows = np.flatnonzero(~missing_text_mask(column))
            shown = str(column[int(rows[0])]) if len(rows) else ""
            raise diagnostic_error(
                "column-kind",
                f'"{name}" holds text where numbers are needed',
                "Write plain numbers into the column, without units or words.",
                f"Map another column to {port}.",
                'Encode it as labels: "encode": "category".',
                node=port,
                place=f"column {name}",
                found=repr(shown[:40]) if shown else "empty cells",
                expected="numbers",
            )
        values, notes = parse_numbers(column, name, detected)
        self.notes.extend([*form_diagnostics(name, detected, self.table.decimal), *notes])
        return values

    def _parse_as_fitted(self, name: str, column: Column, fitted: NumberForm) -> Array:
        """Return the numbers of a column, written as those that the encoder was fitted on.

        Cells that can't be read so, such as 3.5 among decimal commas, are read as detected.
        """
        column = blank_words(column, fitted.missing)
        values = read_numbers(column, fitted)
        is_unread = np.isnan(values) & ~missing_quantity_mask(column)
        if is_unread.any():
            detected = self.number_form(name, column)
            if detected.form.unit not in ("", fitted.unit):
                detected = DetectedForm(fitted, "unreadable")
            numbers, notes = parse_numbers(column, name, detected)
            values[is_unread] = numbers[is_unread]
            self.notes.extend(notes)
        return values

    def _fitted_form(self, name: str) -> NumberForm | None:
        """Return the form of a column's numbers that its fitted encoder stores, None if none is."""
        names = self.source.column_names
        encoder = column_encoders(self.encoder, len(names))[names.index(name)]
        if self.is_own_fit or not isinstance(encoder, NumberEncoder) or not encoder.forms:
            return None
        return encoder.forms[0]

    def number_form(self, name: str, column: Column) -> DetectedForm:
        """Return the form of the numbers in a text column, cached under `name`."""
        if name not in self._forms:
            self._forms[name] = detect_number_form(column, self.table.number_form_counter())
        return self._forms[name]

    def number_forms(
        self, columns: Sequence[Column], kinds: Sequence[str]
    ) -> tuple[NumberForm, ...]:
        """Return the form of each column of numbers. Other columns have the plain one.

        `kinds` has the name of each column's encoding.
        """
        return tuple(
            self.number_form(name, column).form
            if kind == "number" and is_text(column)
            else PLAIN_FORM
            for name, column, kind in zip(self.source.column_names, columns, kinds, strict=True)
        )

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
    return [encoding_name(part) for part in column_encoders(encoder, count)]


def _column_missing(data: PortColumns, port: str, side: PortSide, name: str) -> Diagnostic:
    known = list(data.table.columns)
    similar = nearest_word(name, [other for other in known if other not in data.used])
    is_only_choice = name == port and len(known) == 1
    nearest = known[0] if similar is None and is_only_choice else similar
    rename = Fix(f'Rename the column to "{name}", or map another column to {port}.')
    fixes = [*data.table.header_fixes(name), rename]
    if nearest is not None:
        params = data.source.params()
        if data.source.columns is None:
            params["column"] = nearest
        else:
            names = data.source.column_names
            params["columns"] = [nearest if item == name else item for item in names]
        edit = {"do": "set_mapping", "side": side, "node": port, "source": params}
        fixes.insert(0, Fix(f'Map column "{nearest}" to {port}.', edit))
    return data.table.column_missing(name, "", similar, *fixes, node=port)
