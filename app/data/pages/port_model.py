"""The ports of a document as a tree for Qt: a row each, its first rows of data below it."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.text.phrases import capitalize, count_noun, plain_tooltip
from engine.core.formatting.numbers import format_value
from engine.data.preview.preview_schema import PADDING_WORD, DataPreview, PortPreview, PreviewRow

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
PORT, CELLS, NUMBERS = range(3)
TITLES = ("Port", "Cells", "What the port receives")
VIEW, ROW = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
MASKED = "No target: this row counts for nothing here"
_NOTHING = "Nothing yet: see Checks"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_DISPLAY = Qt.ItemDataRole.DisplayRole


class PortModel(QAbstractItemModel):
    """Rows of ports. An index' internal id is 0 on a port, 1 + its row on a row of its data."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ports: tuple[PortPreview, ...] = ()

    def show(self, received: DataPreview) -> bool:
        """Let the ports be these; answer whether that is something else than before."""
        if received.ports == self._ports:
            return False
        self.beginResetModel()
        self._ports = received.ports
        self.endResetModel()
        return True

    @property
    def ports(self) -> tuple[PortPreview, ...]:
        """What is shown."""
        return self._ports

    def port_row(self, index: Index) -> int:
        """Return the row of the port that an index belongs to, -1 for none."""
        if not index.isValid():
            return -1
        return index.row() if index.internalId() == 0 else index.internalId() - 1

    def view(self, index: Index) -> PortPreview:
        """Return the port that an index belongs to."""
        return self._ports[self.port_row(index)]

    def row(self, index: Index) -> PreviewRow | None:
        """Return the row of data at an index, None on a port."""
        return None if index.internalId() == 0 else self.view(index).rows[index.row()]

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(self._ports)
        inner = parent.internalId() != 0 or parent.column() != 0
        return 0 if inner else len(self._ports[parent.row()].rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(TITLES)

    def headerData(self, section: int, way: Qt.Orientation, role: int = _DISPLAY) -> Any:
        return TITLES[section] if role == _DISPLAY and way == Qt.Orientation.Horizontal else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        port, row = self.view(index), self.row(index)
        if role == VIEW:
            return port
        if role == ROW:
            return row
        if role not in (_DISPLAY, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        text = port_text(port, index.column()) if row is None else row_text(row, index)
        return plain_tooltip(text) if role == Qt.ItemDataRole.ToolTipRole else text


def port_text(port: PortPreview, column: int) -> str:
    """Return what stands in a port's own row."""
    if column == PORT:
        return port.port
    if column == CELLS:
        return ", ".join(port.columns)
    if not port.dtype:
        return _NOTHING
    noun = "number" if port.dtype.startswith("float") else "id" if port.kind else "whole number"
    sizes = " x ".join(map(str, port.shape))
    size = count_noun(port.shape[0], noun) if len(port.shape) == 1 else f"{sizes} {noun}s"
    does = _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.4g}", port.does)
    stand = "as they stand" if port.shape and port.shape != (1,) else "as it stands"
    return f"{size if port.shape else f'1 {noun}'}, {does or f'{stand} in the table'}"


def row_text(row: PreviewRow, index: Index) -> str:
    """Return what stands in a row of data, as it is read out."""
    if index.column() == PORT:
        return f"Row {index.row()}"
    if index.column() == CELLS:
        return " | ".join(cell or "(empty)" for cell in row.cells)
    if row.fault:
        return capitalize(row.fault)
    if row.masked:
        return MASKED
    if row.picture:
        return "A picture"
    words = row.words or ("",) * len(row.values)
    return ", ".join(
        number_text(value, row) + (f" ({word})" if word and word != PADDING_WORD else "")
        for value, word in zip(row.values, words, strict=True)
    )


def number_text(value: float | None, row: PreviewRow) -> str:
    """Return a number of a row with four figures."""
    if value is None:
        return "empty" if "" in row.cells else "NaN"
    return format_value(value, grouped=False)
