"""The table's widget: rows that are nodes, and a thin bar that shows a layer's share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.controls.layout.sort_header import SortHeader
from app.controls.selection import consecutive_ranges, selected_rows
from app.summary.model import Index, SummaryModel
from app.summary.rows import PARAMS, TITLES, Line, Table
from app.theme.theme import Theme

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect
_KEEP = QItemSelectionModel.SelectionFlag.NoUpdate
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MEASURED = 60  # rows that decide how wide a column is
_WIDEST = 260
_ROW = 26
_BAR = 3
_LEAST = 0.005  # a share below this has no bar
_LAST = len(TITLES) - 1


class SummaryView(QTableView):
    """Shows layers, a row each.

    Signals:
        nodes_selected: other rows are selected by the person.
        nodes_chosen: the person wants to see the nodes of the selected rows.
        copy_pressed: the selected rows shall be copied.
    """

    nodes_selected = Signal(list)
    nodes_chosen = Signal(list)
    copy_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("summary-view")
        self.setAccessibleName("Layers")
        self.layers = SummaryModel(theme, self)
        self._syncing = False
        self._measured = False
        self._note_width = 0
        self.setModel(self.layers)
        self.setItemDelegateForColumn(PARAMS, _ShareDelegate(theme, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.setHorizontalHeader(SortHeader(self))
        header = self.horizontalHeader()
        header.setResizeContentsPrecision(_MEASURED)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self.viewport().update)

    def show_table(self, table: Table) -> None:
        """Let the rows be those of a table; the place in it stays."""
        down = self.verticalScrollBar().value()
        self._syncing = True
        self.layers.show(table)
        self._syncing = False
        self.verticalScrollBar().setValue(down)
        if table.lines and not self._measured:
            self._measured = True
            self._measure()
        elif table.lines:
            self._widen()

    def show_selection(self, names: Iterable[str]) -> None:
        """Select the rows of nodes, unless they are what is selected here already."""
        wanted = set(names)
        rows = self.layers.rows_of(wanted)
        if {self.layers.lines[row].node for row in rows} == {x.node for x in self.chosen()}:
            return
        chosen = QItemSelection()
        for first, last in consecutive_ranges(rows):
            chosen.select(self.layers.index(first, 0), self.layers.index(last, _LAST))
        self._syncing = True
        self.selectionModel().select(chosen, _SELECT)
        if rows:
            self.selectionModel().setCurrentIndex(self.layers.index(rows[0], 0), _KEEP)
            self.scrollTo(self.layers.index(rows[0], 0))
        self._syncing = False

    def chosen(self) -> list[Line]:
        """Return the layers of the selected rows, from top to bottom."""
        rows = {row for _, row in selected_rows(self.selectionModel())}
        return [self.layers.lines[row] for row in sorted(rows)]

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if not self._syncing:
            self.nodes_selected.emit([line.node for line in self.chosen()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self.nodes_chosen.emit([line.node for line in self.chosen()])
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_pressed.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._measured:
            self._fill()

    def _measure(self) -> None:
        self.resizeColumnsToContents()
        for column in range(_LAST):
            self.setColumnWidth(column, min(self.columnWidth(column) + 8, _WIDEST))
        self._note_width = self.columnWidth(_LAST) + 8
        self._fill()

    def _widen(self) -> None:
        """Give columns more room where a new text needs it; what a person has set stays else."""
        for column in range(_LAST):
            needed = min(self.sizeHintForColumn(column) + 8, _WIDEST)
            if needed > self.columnWidth(column):
                self.setColumnWidth(column, needed)
        self._note_width = max(self._note_width, self.sizeHintForColumn(_LAST) + 8)
        self._fill()

    def _fill(self) -> None:
        """Let the last column reach to the edge, but never be narrower than its texts."""
        before = sum(map(self.columnWidth, range(_LAST)))
        self.setColumnWidth(_LAST, max(self._note_width, self.viewport().width() - before))

    def _on_clicked(self, index: QModelIndex) -> None:
        self.nodes_chosen.emit([line.node for line in self.chosen()])


class _ShareDelegate(QStyledItemDelegate):
    """Draws a bar under the number of parameters, as long as its share of all."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        share = cast(SummaryModel, index.model()).lines[index.row()].share
        if share < _LEAST:
            return
        room = QRectF(option.rect).adjusted(6, 0, -6, -2)
        width = max(_BAR, room.width() * share)
        bar = QRectF(room.right() - width, room.bottom() - _BAR, width, _BAR)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(bar, _BAR / 2, _BAR / 2)
        painter.restore()
