"""The table of a file's columns: ticked by mouse or by keys."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.files.start.column_model import (
    ABOUT,
    KIND,
    LEARN,
    MISSING,
    NAME,
    PREDICT,
    Columns,
)

_ROW = 28
_WIDTHS = {PREDICT: 68, LEARN: 90, NAME: 180, KIND: 120, MISSING: 76}  # pixels
_LEAST = 160  # of the examples


class ColumnTable(QTableView):
    """Shows columns, a row each.

    Args:
        columns: what is shown.

    Space ticks where one is; on a column's name, whether it is learned from.
    """

    def __init__(self, columns: Columns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start-columns")
        self.setAccessibleName("Columns of the file")
        self.setModel(columns)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)

    def sizeHint(self) -> QSize:
        """Show some columns at once."""
        return QSize(820, 11 * _ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the examples reach to the edge."""
        super().resizeEvent(event)
        before = sum(self.columnWidth(column) for column in range(ABOUT))
        self.setColumnWidth(ABOUT, max(_LEAST, self.viewport().width() - before))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick with Space wherever in a row one is."""
        index = self.currentIndex()
        if event.key() != Qt.Key.Key_Space or not index.isValid():
            super().keyPressEvent(event)
            return
        if index.column() not in (PREDICT, LEARN):
            index = index.siblingAtColumn(LEARN)
        on = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) == Qt.CheckState.Checked
        state = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
        self.model().setData(index, state, Qt.ItemDataRole.CheckStateRole)
