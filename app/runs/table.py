"""The table view of the runs, with its selection, keys and context menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.controls.layout.sort_header import SortHeader
from app.runs.columns import NAME, STAR, START_TIME
from app.runs.model import ENTRY, RunFilter, RunModel
from app.theme.theme import Theme
from engine.runs.comparison.run_table import RunEntry

# Widths in pixels of the star column, of two columns (minimum), and of the sort arrow.
_STAR_WIDTH, _MIN_NAME_WIDTH, _MIN_CHANGED_WIDTH, _ARROW_WIDTH = 30, 120, 260, 16


class RunTable(QTableView):
    """A sortable table of runs with multiple selection.

    Signals:
        selection_changed: the selection has changed.
        show_requested: a run was double-clicked, or Enter was pressed on it.
        delete_requested: Delete was pressed.
        menu_requested: the user requests the menu of the selected runs, at a screen position.
    """

    selection_changed = Signal()
    show_requested = Signal(Path)
    delete_requested = Signal()
    menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme) -> None:
        super().__init__(accessibleName="Runs")
        self.runs = RunModel(theme, self)
        self.filter = RunFilter(self)
        self.filter.setSourceModel(self.runs)
        self.setModel(self.filter)
        self.setHorizontalHeader(SortHeader(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setSortingEnabled(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(_STAR_WIDTH)
        self.sortByColumn(START_TIME, Qt.SortOrder.DescendingOrder)  # the newest run first
        self.customContextMenuRequested.connect(self._on_menu_requested)
        self.doubleClicked.connect(self._on_double_clicked)
        self.selectionModel().selectionChanged.connect(self.selection_changed)
        self.filter.modelReset.connect(self._resize_columns)
        self._resize_columns()

    def show_entries(self, entries: list[RunEntry]) -> None:
        """Set the runs. Selected runs stay selected if they are in `entries`."""
        selected = {entry.folder.path for entry in self.selected}
        self.runs.show_entries(entries)
        if {entry.folder.path for entry in self.selected} != selected:
            self.select(selected)

    @property
    def selected(self) -> list[RunEntry]:
        """The selected runs, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows(NAME))
        return [self.filter.index(row, NAME).data(ENTRY) for row in rows]

    @property
    def listed(self) -> list[RunEntry]:
        """The runs that match the filter, from top to bottom."""
        return [self.filter.index(row, NAME).data(ENTRY) for row in range(self.filter.rowCount())]

    def select(self, runs: set[Path]) -> None:
        """Select the runs with these run folders, and no others."""
        selection = self.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag
        for row, entry in enumerate(self.listed):
            if entry.folder.path in runs:
                index = self.filter.index(row, NAME)
                selection.select(index, flags.Select | flags.Rows)
                selection.setCurrentIndex(index, flags.NoUpdate)

    def rename_selected(self) -> None:
        """Open the editor for the name of the first selected run."""
        rows = self.selectionModel().selectedRows(NAME)
        if rows:
            self.setFocus()
            self.setCurrentIndex(rows[0])
            self.edit(rows[0])

    def _resize_columns(self) -> None:
        header = self.horizontalHeader()
        header.setSectionResizeMode(STAR, QHeaderView.ResizeMode.Fixed)
        self.resizeColumnsToContents()
        for column in range(len(self.runs.columns)):
            self.setColumnWidth(column, self.columnWidth(column) + _ARROW_WIDTH)
        self.setColumnWidth(STAR, _STAR_WIDTH)
        self.setColumnWidth(NAME, max(_MIN_NAME_WIDTH, self.columnWidth(NAME)))
        last = len(self.runs.columns) - 1
        self.setColumnWidth(last, max(_MIN_CHANGED_WIDTH, self.columnWidth(last)))

    def _on_menu_requested(self, position: QPoint) -> None:
        if self.indexAt(position).isValid():
            self.menu_requested.emit(self.viewport().mapToGlobal(position))

    def _on_double_clicked(self, index: QModelIndex) -> None:
        if index.column() != STAR:
            self.show_requested.emit(index.data(ENTRY).folder.path)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == STAR:
            self._toggle_star(index)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle Enter (show), Space (star), Delete and F2 (rename) on the current run."""
        index, key = self.currentIndex(), event.key()
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)
        elif index.isValid() and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.show_requested.emit(index.data(ENTRY).folder.path)
        elif index.isValid() and key == Qt.Key.Key_Space:
            self._toggle_star(index)
        elif key == Qt.Key.Key_Delete:
            self.delete_requested.emit()
        elif key == Qt.Key.Key_F2:
            self.rename_selected()
        else:
            super().keyPressEvent(event)

    def _toggle_star(self, index: QModelIndex) -> None:
        entry: RunEntry = index.data(ENTRY)
        self.runs.set_star(entry.folder.path, not entry.notes.star)
