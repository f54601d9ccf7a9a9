"""A port's columns, brought to what its encoders read: numbers, labels, texts, lists, dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.data.encoders import ENCODERS, Beside, Encoder, dense
from engine.data.encoders.categories import Coded, coded
from engine.data.preprocessing.target_masks import filled
from engine.data.readers.table import Table
from engine.data.table.column_types import Column, empty_cells, is_date, is_list, is_number, is_text
from engine.data.table.number_parser import mostly, parse_numbers, plain_numbers
from engine.recipe.data_mapping import Side, Source
from engine.recipe.encoding import ENCODINGS, Encoding
from engine.recipe.split import Split

Array = NDArray[Any]
LABELLED = ("category", "boolean")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a port's columns are read by.

    Args:
        table: the data.
        source: the columns, and how they are encoded.
        precision: of real numbers.
        train: rows that encoders are fitted on; None for all.
        encoder: fitted earlier, if `refit` is False.
        refit: True to fit anew.
        split: how rows were divided, for fixes that divide them in another way.
        notes: how columns were read, added to while that goes on.
    """

    table: Table
    source: Source
    precision: str
    train: NDArray[np.int64] | None = None
    encoder: Encoder | None = None
    refit: bool = True
    split: Split | None = None
    notes: list[Diagnostic] = field(default_factory=list)
    _plain: dict[str, Array | None] = field(default_factory=dict)
    _coded: dict[str, Coded] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The columns, for findings."""
        return ", ".join(self.source.names)

    @property
    def folder(self) -> Path:
        """Where files that cells name lie."""
        return self.table.path if self.table.path.is_dir() else self.table.path.parent

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows that encoders are fitted on; none if they are not fitted anew."""
        if self.train is not None and self.refit:
            return self.train
        return np.arange(self.table.rows if self.refit else 0)

    def plain_numbers(self, name: str, column: Column) -> Array | None:
        """Return a text column's numbers if each cell surely holds one; worked out once."""
        if name not in self._plain:
            self._plain[name] = plain_numbers(column, self.table.decimal)
        return self._plain[name]

    def parsed(self, port: str, name: str, column: Column) -> Array:
        """Return a text column's numbers, NaN where one is missing; worked out once.

        Raises:
            Refused: naming the cells that hold none.
        """
        plain = self.plain_numbers(name, column)
        if plain is not None:
            return plain
        if not self.mostly_numbers(name, column) and (self.refit or filled(column)):
            raise Refused(holds_text(port, name, column))
        csv = self.table.dialect is not None
        values, notes = parse_numbers(column, name, self.table.decimal, csv)
        self.notes.extend(notes)
        self._plain[name] = values
        return values

    def mostly_numbers(self, name: str, column: Column) -> bool:
        """Return whether a text column is to be read as numbers."""
        if self.plain_numbers(name, column) is not None:
            return True
        cells = self.coded(name, column)
        return mostly(cells.texts, cells.times())

    def coded(self, name: str, column: Column) -> Coded:
        """Return a column as labels; worked out once."""
        if name not in self._coded:
            self._coded[name] = coded(column)
        return self._coded[name]

    def columns(self, port: str, side: Side) -> list[Column]:
        """Return the columns as the table holds them.

        Raises:
            Refused: if the table lacks one.
        """
        missing = [name for name in self.source.names if name not in self.table.columns]
        if missing:
            raise Refused(*(_absent(self, port, side, name) for name in missing))
        return [self.table.columns[name] for name in self.source.names]


def kind_of(each: Encoding | Encoder | None) -> str:
    """Return the name that an encoding shares with its encoders; numbers may have neither."""
    if each is None:
        return "number"
    return ENCODERS.name_of(each) if isinstance(each, Encoder) else ENCODINGS.name_of(each)


def kinds_of(encoder: Encoder | None, count: int) -> list[str]:
    """Return the kind of each column of a port that was fitted earlier."""
    if isinstance(encoder, Beside):
        return [kind_of(part) for part in encoder.parts]
    return [kind_of(encoder)] * count


def prepared(
    reading: Reading, port: str, columns: Sequence[Column], kinds: Sequence[str]
) -> list[Any]:
    """Return each column as an encoder of its kind reads it.

    Raises:
        Refused: if a column can't be read so, or cells hold no numbers.
    """
    found: list[Diagnostic] = []
    answer: list[Any] = []
    for name, column, kind in zip(reading.source.names, columns, kinds, strict=True):
        try:
            answer.append(_prepared(reading, port, name, column, kind))
        except Refused as refused:
            found += (replace(each, node=each.node or port) for each in refused.diagnostics)
    if found:
        raise Refused(*found)
    return answer


def _prepared(reading: Reading, port: str, name: str, column: Column, kind: str) -> Any:
    if kind == "number":
        return numbers(reading, port, name, column)
    if not _reads(kind, column):
        raise Refused(_unread(port, name, column, kind))
    return reading.coded(name, column) if kind in LABELLED else column


def _reads(kind: str, column: Column) -> bool:
    if kind == "date":
        return is_date(column) or is_text(column)
    if kind == "ids":
        return not is_date(column)
    single = not is_number(column) or column.size == len(column)
    if kind in ("text", "multilabel"):
        return single and not is_date(column)
    return is_text(column) if kind == "image" else single and not is_list(column)


def numbers(reading: Reading, port: str, name: str, column: Column) -> Array:
    """Return a column's numbers, NaN where one is missing.

    Raises:
        Refused: if it holds none.
    """
    if is_number(column):
        return column
    if is_list(column):
        rows = dense(column)
        if rows is None:
            raise Refused(_unread(port, name, column, "number"))
        return rows
    if is_date(column):
        raise Refused(_unread(port, name, column, "number"))
    return reading.parsed(port, name, column)


_NOUNS = {
    "number": "numbers",
    "category": "one label a row",
    "boolean": "one of two labels a row",
    "text": "text",
    "ids": "lists of whole numbers",
    "multilabel": "labels with a sign between them, or lists",
    "date": "dates",
    "image": "paths of pictures",
}


def _unread(port: str, name: str, column: Column, kind: str) -> Diagnostic:
    noun = "lists" if is_list(column) else "dates" if is_date(column) else "numbers"
    if noun == "numbers" and column.ndim > 1:
        noun = "several numbers a row"
    return Diagnostic(
        "column-kind",
        f'"{name}" holds {noun} where {_NOUNS[kind]} are needed',
        node=port,
        place=f"column {name}",
        found=noun,
        expected=_NOUNS[kind],
        fixes=(Fix("Map another column."), Fix("Choose another encoding.")),
    )


def holds_text(port: str, name: str, column: Column) -> Diagnostic:
    """Return the finding for a column of texts where numbers are needed."""
    rows = np.flatnonzero(~empty_cells(column))
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


def _absent(reading: Reading, port: str, side: Side, name: str) -> Diagnostic:
    known = list(reading.table.columns)
    nearest = nearest_word(name, known)
    if nearest is None and name == port and len(known) == 1:
        nearest = known[0]
    fixes = [Fix(f'Call the port\'s data "{name}" in the file, or map a column to {port}.')]
    if nearest is not None:
        params = reading.source.params()
        if reading.source.columns is None:
            params["column"] = nearest
        else:
            params["columns"] = [nearest if each == name else each for each in reading.source.names]
        edit = {"do": "set_mapping", "side": side, "node": port, "source": params}
        fixes.insert(0, Fix(f'Map column "{nearest}" to {port}.', edit))
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return Diagnostic(
        "column-missing",
        f'the data has no column "{name}"{hint}',
        node=port,
        found=", ".join(known[:12]) + (", ..." if len(known) > 12 else ""),
        expected=name,
        fixes=tuple(fixes),
    )
