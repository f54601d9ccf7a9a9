"""The table of runs: what is chosen in it, its keys, and its menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.controls.layout.sort_header import SortHeader
from app.runs.columns import BEGAN, NAME, STAR
from app.runs.model import ENTRY, RunFilter, RunModel
from app.theme.theme import Theme
from engine.runs.comparison.run_table import Entry

_STAR, _NAME, _CHANGED, _ARROW = 30, 120, 260, 16  # pixels


class RunTable(QTableView):
    """Lists runs; several can be chosen.

    Signals:
        chosen_changed: other runs are chosen.
        show_asked: a run was double-clicked, or Enter was pressed on it.
        delete_asked: Delete was pressed.
        menu_asked: a menu for the chosen runs is wanted at a place of the screen.
    """

    chosen_changed = Signal()
    show_asked = Signal(Path)
    delete_asked = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunModel(theme, self)
        self.filter = RunFilter(self)
        self.filter.setSourceModel(self.runs)
        self.setModel(self.filter)
        self.setHorizontalHeader(SortHeader(self))
        self.setObjectName("runs-table")
        self.setAccessibleName("Runs")
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
        header.setMinimumSectionSize(_STAR)
        self.sortByColumn(BEGAN, Qt.SortOrder.DescendingOrder)  # the newest run first
        self.customContextMenuRequested.connect(self._on_menu_requested)
        self.doubleClicked.connect(self._on_double_clicked)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.filter.modelReset.connect(self._fit)
        self._fit()

    def show_entries(self, entries: list[Entry]) -> None:
        """Show other runs; those that were chosen stay chosen."""
        chosen = {entry.folder.path for entry in self.chosen}
        self.runs.show_entries(entries)
        if {entry.folder.path for entry in self.chosen} != chosen:
            self.choose(chosen)

    @property
    def chosen(self) -> list[Entry]:
        """The chosen runs, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows(NAME))
        return [self.filter.index(row, NAME).data(ENTRY) for row in rows]

    @property
    def listed(self) -> list[Entry]:
        """The runs that are not filtered out, from top to bottom."""
        return [self.filter.index(row, NAME).data(ENTRY) for row in range(self.filter.rowCount())]

    def choose(self, runs: set[Path]) -> None:
        """Choose these runs and no others."""
        selection = self.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag
        for row, entry in enumerate(self.listed):
            if entry.folder.path in runs:
                index = self.filter.index(row, NAME)
                selection.select(index, flags.Select | flags.Rows)
                selection.setCurrentIndex(index, flags.NoUpdate)

    def rename_chosen(self) -> None:
        """Put the name of the chosen run into a field."""
        rows = self.selectionModel().selectedRows(NAME)
        if rows:
            self.setFocus()
            self.setCurrentIndex(rows[0])
            self.edit(rows[0])

    def _fit(self) -> None:
        """Give columns the room that their texts need."""
        header = self.horizontalHeader()
        header.setSectionResizeMode(STAR, QHeaderView.ResizeMode.Fixed)
        self.resizeColumnsToContents()
        for column in range(len(self.runs.columns)):
            self.setColumnWidth(column, self.columnWidth(column) + _ARROW)
        self.setColumnWidth(STAR, _STAR)
        self.setColumnWidth(NAME, max(_NAME, self.columnWidth(NAME)))
        last = len(self.runs.columns) - 1
        self.setColumnWidth(last, max(_CHANGED, self.columnWidth(last)))

    def _on_selection_changed(self) -> None:
        self.chosen_changed.emit()

    def _on_menu_requested(self, at: QPoint) -> None:
        if self.indexAt(at).isValid():
            self.menu_asked.emit(self.viewport().mapToGlobal(at))

    def _on_double_clicked(self, index: QModelIndex) -> None:
        if index.column() != STAR:
            self.show_asked.emit(index.data(ENTRY).folder.path)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Star a run, or take the star away, where the star is."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == STAR:
            self._turn_star(index)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the current run with Enter, star it with Space."""
        index = self.currentIndex()
        editing = self.state() == QAbstractItemView.State.EditingState
        if index.isValid() and not editing and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.show_asked.emit(index.data(ENTRY).folder.path)
        elif index.isValid() and not editing and event.key() == Qt.Key.Key_Space:
            self._turn_star(index)
        elif not editing and event.key() == Qt.Key.Key_Delete:
            self.delete_asked.emit()
        elif not editing and event.key() == Qt.Key.Key_F2:
            self.rename_chosen()
        else:
            super().keyPressEvent(event)

    def _turn_star(self, index: QModelIndex) -> None:
        entry: Entry = index.data(ENTRY)
        self.runs.star(entry.folder.path, not entry.notes.star)
