"""The rows of a table as Qt's views want them; only cells that are seen are looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.data.table.column_summary import fed_in_words, whole_story
from app.documents.table_contents import TableContents
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme
from engine.data.profile.statistics import ColumnStatistics

if TYPE_CHECKING:
    from engine.data.table.table import Table

Index = QModelIndex | QPersistentModelIndex
FACTS = Qt.ItemDataRole.UserRole
FEEDS, USES = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
MISSING = "–"
_LONGEST = 300  # characters of a cell that are shown
_Role = Qt.ItemDataRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_MEASURES = ("number", "whole number")


class TableModel(QAbstractTableModel):
    """The table as far as it has been read, and what each of its columns feeds."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: Table | None = None
        self._facts: dict[str, ColumnStatistics] = {}
        self._feeds: dict[str, list[str]] = {}
        self._uses: Mapping[str, Sequence[str]] = {}
        self.names: tuple[str, ...] = ()

    def show_contents(self, contents: TableContents | None) -> None:
        """Show what is known of the data; rows that stay are not reset."""
        shown = None if contents is None else contents.table or contents.head
        names = () if shown is None else tuple(shown.columns)
        facts = {} if contents is None else dict(contents.column_statistics)
        if shown is not self._shown:
            kept = names == self.names and self._shown is not None and shown is not None
            if kept:
                self._grow(shown, facts)
            else:
                self.beginResetModel()
                self._shown, self.names, self._facts = shown, names, facts
                self.endResetModel()
        elif facts != self._facts:
            self._facts = facts
            self._tell_headers()

    def show_feeds(
        self, feeds: dict[str, list[str]], uses: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Say which nodes each column feeds, and what else it is read for."""
        if (feeds, uses or {}) != (self._feeds, self._uses):
            self._feeds, self._uses = feeds, uses or {}
            self._tell_headers()

    def _grow(self, shown: Table | None, facts: dict[str, ColumnStatistics]) -> None:
        """Show the same columns with other rows, so that place and selection stay."""
        before, after = self.rowCount(), 0 if shown is None else shown.row_count
        if after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
        elif after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
        self._shown, self._facts = shown, facts
        if after > before:
            self.endInsertRows()
        elif after < before:
            self.endRemoveRows()
        self._tell_headers()
        if self.names and after:
            self.dataChanged.emit(self.index(0, 0), self.index(after - 1, len(self.names) - 1), [])

    def _tell_headers(self) -> None:
        if self.names:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.names) - 1)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many rows are there."""
        inside = parent is not None and parent.isValid()
        return 0 if inside or self._shown is None else self._shown.row_count

    def columnCount(self, parent: Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.names)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """Return what a cell shows."""
        if role == _Role.DisplayRole:
            return self.cell(index.row(), index.column()) or MISSING
        if role == _Role.TextAlignmentRole:
            facts = self._facts.get(self.names[index.column()])
            measures = facts is not None and facts.kind in _MEASURES and not facts.shape
            return _RIGHT if measures else _LEFT
        if role == _Role.ForegroundRole and self._is_missing(index):
            return self._theme.color("dim")
        if role == _Role.ToolTipRole:
            text = self.cell(index.row(), index.column())
            return plain_tooltip(text) if len(text) > 24 else None
        return None

    def headerData(self, section: int, way: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        """Return a column's name and facts, or the number of a row, from 0 as findings count."""
        if way == Qt.Orientation.Vertical:
            if role == _Role.ToolTipRole:
                return f"Row {section:,}: rows count from 0, as in findings"
            return f"{section:,}" if role == _Role.DisplayRole else None
        name = self.names[section] if section < len(self.names) else ""
        facts, feeds = self._facts.get(name), self._feeds.get(name, [])
        if role == _Role.DisplayRole:
            return name
        if role == FACTS:
            return facts
        uses = self._uses.get(name, ())
        if role == FEEDS:
            return feeds
        if role == USES:
            return uses
        if role in (_Role.ToolTipRole, _Role.AccessibleDescriptionRole):
            fed = fed_in_words(feeds, uses)
            text = f"{name}\n{fed}." if facts is None else whole_story(facts, fed)
            return plain_tooltip(text).replace("\n", "<br>") if role == _Role.ToolTipRole else text
        return None

    def _is_missing(self, index: Index) -> bool:
        from engine.data.table.number_parser import (
            MISSING_WORDS as WORDS,  # where rows are, numpy is loaded
        )

        return self.cell(index.row(), index.column()) in WORDS

    def cell(self, row: int, column: int) -> str:
        """Return a cell as text, "" where it is missing."""
        from engine.data.table.cell_format import format_cell
        from engine.data.table.number_parser import with_decimal_point

        assert self._shown is not None
        name = self.names[column]
        value = self._shown.columns[name][row]
        text = format_cell(value.as_py() if hasattr(value, "as_py") else value, _LONGEST)
        facts = self._facts.get(name)
        return with_decimal_point(text) if facts is not None and facts.commas else text
