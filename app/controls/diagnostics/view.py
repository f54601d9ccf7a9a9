"""The tree view of diagnostics, with its mouse and keyboard handling."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from app.controls.diagnostics.delegate import ProblemDelegate
from app.controls.diagnostics.entries import DiagnosticEntry
from app.controls.diagnostics.model import DiagnosticModel
from app.theme.theme import Theme
from engine.core.diagnostic import Fix


class ProblemView(QTreeView):
    """A tree view of diagnostics that keeps expansion, selection and scroll position on updates.

    A single diagnostic is expanded. Several are collapsed until the user expands them, so that a
    low panel shows at least three.

    Signals:
        entry_activated: a diagnostic was clicked, or Enter was pressed on it.
        fix_requested: a fix button was pressed.
    """

    entry_activated = Signal(DiagnosticEntry)
    fix_requested = Signal(Fix)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, accessibleName="Problems", headerHidden=True, indentation=18)
        self.diagnostic_model = DiagnosticModel(self)
        self.setModel(self.diagnostic_model)
        self.delegate = ProblemDelegate(theme, self)
        self.setItemDelegate(self.delegate)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._is_expanded: dict[Hashable, bool] = {}
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        theme.changed.connect(self._on_theme_changed)

    def set_entries(self, entries: list[DiagnosticEntry]) -> None:
        """Replace the rows, and keep expansion, current row and scroll position."""
        current, scroll_position = self._current_key(), self.verticalScrollBar().value()
        self.diagnostic_model.set_entries(entries)
        set_by_user = dict(self._is_expanded)
        for row, entry in enumerate(entries):
            if self._is_expanded.get(entry.key, len(entries) == 1):
                self.expand(self.diagnostic_model.index(row, 0))
            if self._is_expanded.get(("explain", entry.key)):
                self.expand(self.diagnostic_model.explain_index(row))
        self._is_expanded = set_by_user
        rows = {entry.key: row for row, entry in enumerate(entries)}
        if current in rows:
            self.setCurrentIndex(self.diagnostic_model.index(rows[current], 0))
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(scroll_position)

    def step(self, by: int) -> DiagnosticEntry | None:
        """Select and return the next (`by` = 1) or previous (-1) diagnostic, wrapping around."""
        entries = self.diagnostic_model.entries
        if not entries:
            return None
        row = self.diagnostic_model.entry_row(self.currentIndex())
        row = (row + by) % len(entries) if row >= 0 else (0 if by > 0 else len(entries) - 1)
        self._show_details(self.diagnostic_model.index(row, 0))
        return entries[row]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        position = event.position().toPoint()
        index = self.indexAt(position)
        rect = self.visualRect(index)
        if not index.isValid() or position.x() < rect.left():
            return
        if event.button() == Qt.MouseButton.LeftButton and index == self.currentIndex():
            line = self.diagnostic_model.diagnostic_row(index)
            if line.fix and self.delegate.fix_rect(rect, line).contains(position):
                self.fix_requested.emit(line.fix)
            elif line.kind != "fix":
                self._activate(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            line = self.diagnostic_model.diagnostic_row(index)
            if line.kind == "fix" and line.fix:
                self.fix_requested.emit(line.fix)
            else:
                self._activate(index)
        elif index.isValid() and event.key() == Qt.Key.Key_Space:
            self.setExpanded(index, not self.isExpanded(index))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.delegate.clear_cache()
            self.scheduleDelayedItemsLayout()

    def _activate(self, index: QModelIndex) -> None:
        if self.diagnostic_model.diagnostic_row(index).kind == "explain":
            self.setExpanded(index, not self.isExpanded(index))
            return
        row = self.diagnostic_model.entry_row(index)
        if not index.parent().isValid():
            self._show_details(index)
        self.entry_activated.emit(self.diagnostic_model.entries[row])

    def _show_details(self, index: QModelIndex) -> None:
        self.setCurrentIndex(index)
        self.expand(index)
        self.scrollTo(index)

    @property
    def current_entry(self) -> DiagnosticEntry | None:
        """The diagnostic of the current row, None if there is none."""
        row = self.diagnostic_model.entry_row(self.currentIndex())
        return self.diagnostic_model.entries[row] if row >= 0 else None

    def _current_key(self) -> Hashable:
        entry = self.current_entry
        return entry.key if entry else None

    def _store_expanded(self, index: QModelIndex, expanded: bool) -> None:
        key = self.diagnostic_model.entries[self.diagnostic_model.entry_row(index)].key
        self._is_expanded[key if not index.parent().isValid() else ("explain", key)] = expanded

    def _on_expanded(self, index: QModelIndex) -> None:
        self._store_expanded(index, True)

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._store_expanded(index, False)

    def _on_theme_changed(self) -> None:
        self.scheduleDelayedItemsLayout()
