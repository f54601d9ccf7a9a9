"""A Qt tree model: the ports (Inputs and Outputs) of a document, with their first data rows."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from app.controls.selection import ROOT, Index
from app.text.phrases import capitalize, plain_tooltip
from engine.core.formatting.counts import count_noun
from engine.core.formatting.numbers import format_value
from engine.data.preview.preview_schema import PADDING_WORD, DataPreview, PortPreview, PreviewRow

PORT, CELLS, VALUES = range(3)
TITLES = ("Port", "Cells", "Values")
PORT_ROLE, ROW_ROLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
MASKED_TEXT = "No target: ignored for this output's loss"
_NO_VALUES = "No values: see Checks"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_DISPLAY = Qt.ItemDataRole.DisplayRole


class PortModel(QAbstractItemModel):
    """A tree model of ports, whose children are data rows.

    The internal id of the index of a port is 0. The internal id of the index of a data row is the
    row number of its port plus 1.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ports: tuple[PortPreview, ...] = ()  # from top to bottom

    def set_preview(self, preview: DataPreview) -> bool:
        """Show the ports of a data preview; return whether they differ from those shown before."""
        if preview.ports == self.ports:
            return False
        self.beginResetModel()
        self.ports = preview.ports
        self.endResetModel()
        return True

    def port_row(self, index: Index) -> int:
        """Return the row of the port that an index belongs to, -1 for an invalid index."""
        if not index.isValid():
            return -1
        return index.row() if index.internalId() == 0 else index.internalId() - 1

    def port(self, index: Index) -> PortPreview:
        """Return the port that an index belongs to."""
        return self.ports[self.port_row(index)]

    def data_row(self, index: Index) -> PreviewRow | None:
        """Return the data row at an index, None if the index is a port."""
        return None if index.internalId() == 0 else self.port(index).rows[index.row()]

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return ROOT
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        if not index.isValid() or index.internalId() == 0:
            return ROOT
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(self.ports)
        is_leaf = parent.internalId() != 0 or parent.column() != 0
        return 0 if is_leaf else len(self.ports[parent.row()].rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        is_title = role == _DISPLAY and orientation == Qt.Orientation.Horizontal
        return TITLES[section] if is_title else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        port, row = self.port(index), self.data_row(index)
        if role == PORT_ROLE:
            return port
        if role == ROW_ROLE:
            return row
        if role not in (_DISPLAY, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        text = port_text(port, index.column()) if row is None else row_text(row, index)
        return plain_tooltip(text) if role == Qt.ItemDataRole.ToolTipRole else text


def port_text(port: PortPreview, column: int) -> str:
    """Return the text of a port in a tree column: port name, data columns, or kind of values."""
    if column == PORT:
        return port.port
    if column == CELLS:
        return ", ".join(port.columns)
    if not port.dtype:
        return _NO_VALUES
    noun = "number" if port.dtype.startswith("float") else "id" if port.kind else "integer"
    sizes = " x ".join(map(str, port.shape))
    size = count_noun(port.shape[0], noun) if len(port.shape) == 1 else f"{sizes} {noun}s"
    transform = _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.4g}", port.does)
    return f"{size if port.shape else f'1 {noun}'}, {transform or 'unchanged'}"


def row_text(row: PreviewRow, index: Index) -> str:
    """Return what a data row shows in the column of `index`: row number, cells, or port values."""
    if index.column() == PORT:
        return f"Row {index.row()}"
    if index.column() == CELLS:
        return " | ".join(cell or "(empty)" for cell in row.cells)
    if row.fault:
        return capitalize(row.fault)
    if row.masked:
        return MASKED_TEXT
    if row.picture:
        return "An image"
    words = row.words or ("",) * len(row.values)
    return ", ".join(
        number_text(value, row) + (f" ({word})" if word and word != PADDING_WORD else "")
        for value, word in zip(row.values, words, strict=True)
    )


def number_text(value: float | None, row: PreviewRow) -> str:
    """Return `value`, an encoded value of the data row `row`, with four significant digits.

    If `value` is None, return "empty" if a table cell of `row` is empty, else "NaN".
    """
    if value is None:
        return "empty" if "" in row.cells else "NaN"
    return format_value(value, grouped=False)
