"""The table view of the layers, with bars for their shares of the parameters."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QRectF,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
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
from app.controls.selection import Index, consecutive_ranges, selected_rows
from app.summary.model import LINE, SORT_KEY, SummaryModel
from app.summary.rows import PARAMS, TITLES, Line, SummaryTable
from app.theme.theme import Theme

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect
_KEEP = QItemSelectionModel.SelectionFlag.NoUpdate
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PRECISION = 60  # how many rows are measured for the width of a column
_MAX_WIDTH = 260  # pixels
_ROW_HEIGHT = 26
_BAR_HEIGHT = 3
_MIN_SHARE = 0.005  # a smaller share has no bar
_LAST_COLUMN = len(TITLES) - 1


class SummaryView(QTableView):
    """A table with a row per layer, whose selection is synchronized with the canvas.

    Signals:
        nodes_selected: the names of the nodes that the user has selected.
        nodes_chosen: the names of the selected nodes, to show them on the canvas.
        copy_pressed: requests to copy the selected rows.
    """

    nodes_selected = Signal(list)
    nodes_chosen = Signal(list)
    copy_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, accessibleName="Layers", tabKeyNavigation=False, showGrid=False)
        self.layers = SummaryModel(theme, self)
        self._is_syncing = False
        self._has_widths = False
        self._note_width = 0
        self._sorted = QSortFilterProxyModel(self, sortRole=SORT_KEY, sourceModel=self.layers)
        self.setModel(self._sorted)
        self.setItemDelegateForColumn(PARAMS, _ShareDelegate(theme, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.setHorizontalHeader(SortHeader(self))
        header = self.horizontalHeader()
        header.setResizeContentsPrecision(_PRECISION)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self.viewport().update)

    def show_table(self, table: SummaryTable) -> None:
        """Set the table and keep the scroll position."""
        scroll_y = self.verticalScrollBar().value()
        self._is_syncing = True
        self.layers.show(table)
        self._is_syncing = False
        self.verticalScrollBar().setValue(scroll_y)
        if table.lines and not self._has_widths:
            self._has_widths = True
            self._set_initial_widths()
        elif table.lines:
            self._widen_columns()

    def show_selection(self, names: Iterable[str]) -> None:
        """Select the rows of these nodes and scroll to the first one.

        If exactly these rows are selected already, the view is not scrolled.
        """
        indexes = [self.layers.index(row, 0) for row in self.layers.rows_of(set(names))]
        rows = sorted(self._sorted.mapFromSource(index).row() for index in indexes)
        if rows == self._chosen_rows():
            return
        selection = QItemSelection()
        for first, last in consecutive_ranges(rows):
            selection.select(self._sorted.index(first, 0), self._sorted.index(last, _LAST_COLUMN))
        self._is_syncing = True
        self.selectionModel().select(selection, _SELECT)
        if rows:
            first_index = self._sorted.index(rows[0], 0)
            self.selectionModel().setCurrentIndex(first_index, _KEEP)
            self.scrollTo(first_index)
        self._is_syncing = False

    def chosen(self) -> list[Line]:
        """Return the layers of the selected rows, from top to bottom."""
        return [self._sorted.index(row, 0).data(LINE) for row in self._chosen_rows()]

    def _chosen_rows(self) -> list[int]:
        return sorted({row for _, row in selected_rows(self.selectionModel())})

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if not self._is_syncing:
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
        if self._has_widths:
            self._stretch_last_column()

    def _set_initial_widths(self) -> None:
        self.resizeColumnsToContents()
        for column in range(_LAST_COLUMN):
            self.setColumnWidth(column, min(self.columnWidth(column) + 8, _MAX_WIDTH))
        self._note_width = self.columnWidth(_LAST_COLUMN) + 8
        self._stretch_last_column()

    def _widen_columns(self) -> None:
        """Widen columns that are too narrow for new texts, but never make a column narrower."""
        for column in range(_LAST_COLUMN):
            needed = min(self.sizeHintForColumn(column) + 8, _MAX_WIDTH)
            if needed > self.columnWidth(column):
                self.setColumnWidth(column, needed)
        self._note_width = max(self._note_width, self.sizeHintForColumn(_LAST_COLUMN) + 8)
        self._stretch_last_column()

    def _stretch_last_column(self) -> None:
        """Widen the last column to the edge of the view; it is at least as wide as its texts."""
        left = sum(map(self.columnWidth, range(_LAST_COLUMN)))
        self.setColumnWidth(_LAST_COLUMN, max(self._note_width, self.viewport().width() - left))

    def _on_clicked(self, index: QModelIndex) -> None:
        self.nodes_chosen.emit([line.node for line in self.chosen()])


class _ShareDelegate(QStyledItemDelegate):
    """Draws a number of parameters, and below the number, a bar for the share of all parameters."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        share = index.data(LINE).share
        if share < _MIN_SHARE:
            return
        area = QRectF(option.rect).adjusted(6, 0, -6, -2)
        width = max(_BAR_HEIGHT, area.width() * share)
        bar = QRectF(area.right() - width, area.bottom() - _BAR_HEIGHT, width, _BAR_HEIGHT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(bar, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        painter.restore()
