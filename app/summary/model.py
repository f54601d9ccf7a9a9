"""The Qt table model of the layers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QIcon

from app.controls.selection import ROOT, Index
from app.summary.rows import PARAMS, TITLES, UNKNOWN, Line, SummaryTable
from app.text.layer_search import layer_icon
from app.theme.icons import icon
from app.theme.theme import Theme

SHAPE = 2
LINE, SORT_KEY = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1

_DISPLAY = Qt.ItemDataRole.DisplayRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class SummaryModel(QAbstractTableModel):
    """A table model with a row per layer, in topological order."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[Line, ...] = ()
        self._icons: dict[str, QIcon] = {}

    def show(self, table: SummaryTable) -> None:
        """Set the table."""
        self.beginResetModel()
        self._lines = table.lines
        self.endResetModel()

    def rows_of(self, names: set[str]) -> list[int]:
        return [row for row, line in enumerate(self._lines) if line.node in names]

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
        if role == LINE:
            return line
        if role == SORT_KEY:
            return float(line.params) if column == PARAMS else text.casefold()
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


def _color_token(column: int, line: Line) -> str:
    if column == SHAPE:
        return "warning" if line.cells[SHAPE] == UNKNOWN else "shape"
    if column == PARAMS and not line.params:
        return "dim"
    return "text" if column in (0, PARAMS) else "dim"
