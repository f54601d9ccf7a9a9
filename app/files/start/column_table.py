"""The table view of the columns of a file, with check boxes for targets and features."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.files.start.column_model import EXAMPLES, FEATURE, MISSING, NAME, TARGET, TYPE, ColumnModel

_ROW_HEIGHT = 28
_WIDTHS = {TARGET: 68, FEATURE: 90, NAME: 180, TYPE: 120, MISSING: 76}  # pixels
_MIN_EXAMPLES_WIDTH = 160


class ColumnTable(QTableView):
    """A table with a row for each column of a file.

    If the current cell is a check box, Space toggles it. Otherwise, Space toggles the check box
    "Feature" of the row.
    """

    def __init__(self, columns: ColumnModel) -> None:
        super().__init__()
        self.setObjectName("start-columns")
        self.setAccessibleName("Columns of the file")
        self.setModel(columns)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)

    def sizeHint(self) -> QSize:
        return QSize(820, 11 * _ROW_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        left = sum(self.columnWidth(column) for column in range(EXAMPLES))
        self.setColumnWidth(EXAMPLES, max(_MIN_EXAMPLES_WIDTH, self.viewport().width() - left))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() != Qt.Key.Key_Space or not index.isValid():
            super().keyPressEvent(event)
            return
        if index.column() not in (TARGET, FEATURE):
            index = index.siblingAtColumn(FEATURE)
        role = Qt.ItemDataRole.CheckStateRole
        is_checked = Qt.CheckState(index.data(role)) == Qt.CheckState.Checked
        state = Qt.CheckState.Unchecked if is_checked else Qt.CheckState.Checked
        self.model().setData(index, state, role)
