"""The sortable Qt table model of the layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QIcon

from app.controls.selection import ROOT, Index
from app.summary.rows import PARAMS, TITLES, UNKNOWN, Line, SummaryTable
from app.text.layer_search import layer_icon
from app.theme.icons import icon
from app.theme.theme import Theme

SHAPE = 2

_ASCENDING = Qt.SortOrder.AscendingOrder
_DISPLAY = Qt.ItemDataRole.DisplayRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class SummaryModel(QAbstractTableModel):
    """A table model with a row per layer, in topological order or sorted by a column."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._table = SummaryTable()
        self._lines: list[Line] = []
        self._sort_order: tuple[int, Qt.SortOrder] = (-1, _ASCENDING)
        self._icons: dict[str, QIcon] = {}

    @property
    def lines(self) -> list[Line]:
        """The rows of the table, one per layer, in the order in which they are shown."""
        return self._lines

    def show(self, table: SummaryTable) -> None:
        """Set the table and keep the sort order."""
        self.beginResetModel()
        self._table = table
        self._lines = self._sorted_lines()
        self.endResetModel()

    def rows_of(self, names: set[str]) -> list[int]:
        return [row for row, line in enumerate(self._lines) if line.node in names]

    def sort(self, column: int, order: Qt.SortOrder = _ASCENDING) -> None:
        """Sort by a column, or in topological order if `column` is -1."""
        if (column, order) != self._sort_order:
            self._sort_order = (column, order)
            self.layoutAboutToBeChanged.emit()
            # Persistent indexes, such as those of the selection, must stay on the same layers.
            old_indexes = self.persistentIndexList()
            layers = [self._lines[index.row()] for index in old_indexes]
            self._lines = self._sorted_lines()
            rows = {line.node: row for row, line in enumerate(self._lines)}
            new_indexes = [
                self.index(rows[line.node], index.column())
                for line, index in zip(layers, old_indexes, strict=True)
            ]
            self.changePersistentIndexList(old_indexes, new_indexes)
            self.layoutChanged.emit()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section == PARAMS else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return "Click to sort; the third click restores the order of computation"
        return TITLES[section] if role == _DISPLAY else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        line, column = self._lines[index.row()], index.column()
        text = line.cells[column]
        if role == _DISPLAY:
            return text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column == PARAMS else _LEFT
        if role == Qt.ItemDataRole.FontRole:
            return self._theme.mono_font(8.5) if column in (SHAPE, PARAMS) else None
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.color(_color_token(column, line))
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(line.cells[1]) if column == 0 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[column]}: {text or 'none'}"
        return None

    def _icon(self, kind: str) -> QIcon:
        if kind not in self._icons:
            self._icons[kind] = icon(self._theme, *layer_icon(kind))
        return self._icons[kind]

    def _sorted_lines(self) -> list[Line]:
        column, order = self._sort_order
        if column < 0:
            return list(self._table.lines)
        return sorted(self._table.lines, key=_sort_key(column), reverse=order != _ASCENDING)


def _sort_key(column: int) -> Callable[[Line], int | str]:
    """Return the sort key of a column: its casefolded text, or a number for parameter counts."""
    if column == PARAMS:
        return lambda line: line.params
    return lambda line: line.cells[column].casefold()


def _color_token(column: int, line: Line) -> str:
    if column == SHAPE:
        return "warning" if line.cells[SHAPE] == UNKNOWN else "shape"
    if column == PARAMS and not line.params:
        return "dim"
    return "text" if column in (0, PARAMS) else "dim"
