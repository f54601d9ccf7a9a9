"""The tree of problems: what click and keys on a row do."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from app.controls.diagnostics.delegate import ProblemDelegate
from app.controls.diagnostics.entries import Entry
from app.controls.diagnostics.model import ProblemModel
from app.theme.theme import Theme
from engine.core.diagnostic import Fix

FEW = 3  # so many problems, errors first, are shown with their details when they turn up


class ProblemView(QTreeView):
    """Shows the findings and keeps what is opened and selected when they change.

    Signals:
        chosen: the person wants to see the node of a problem.
        fix_pressed: the person wants a fix done.
    """

    chosen = Signal(Entry)
    fix_pressed = Signal(Fix)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems-view")
        self.setAccessibleName("Problems")
        self.problems = ProblemModel(self)
        self.setModel(self.problems)
        self.delegate = ProblemDelegate(theme, self)
        self.setItemDelegate(self.delegate)
        self.setHeaderHidden(True)
        self.setIndentation(18)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._opened: dict[Hashable, bool] = {}
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        theme.changed.connect(self._on_theme_changed)

    def show_entries(self, entries: list[Entry]) -> None:
        """Let the rows be these; what was opened, current and in sight stays so."""
        current, place = self._current_key(), self.verticalScrollBar().value()
        self.problems.show(entries)
        errors = [entry.key for entry in entries if entry.found.is_error][:FEW]
        for row, entry in enumerate(entries):
            if self._opened.setdefault(entry.key, len(entries) <= FEW or entry.key in errors):
                self.expand(self.problems.index(row, 0))
            if self._opened.get(("explain", entry.key)):
                self.expand(self.problems.explain_index(row))
        rows = {entry.key: row for row, entry in enumerate(entries)}
        if current in rows:
            self.setCurrentIndex(self.problems.index(rows[current], 0))
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(place)

    def step(self, by: int) -> Entry | None:
        """Go to the next or the last problem, round the end, and answer it."""
        entries = self.problems.entries
        if not entries:
            return None
        row = self.problems.problem_row(self.currentIndex())
        row = (row + by) % len(entries) if row >= 0 else (0 if by > 0 else len(entries) - 1)
        self._open(self.problems.index(row, 0))
        return entries[row]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        rect = self.visualRect(index)
        if not index.isValid() or place.x() < rect.left():
            return
        if event.button() == Qt.MouseButton.LeftButton and index == self.currentIndex():
            line = self.problems.line(index)
            if line.fix and self.delegate.fix_rect(rect, line).contains(place):
                self.fix_pressed.emit(line.fix)
            elif line.kind != "fix":
                self._activate(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            line = self.problems.line(index)
            if line.kind == "fix" and line.fix:
                self.fix_pressed.emit(line.fix)
            else:
                self._activate(index)
        elif index.isValid() and event.key() == Qt.Key.Key_Space:
            self.setExpanded(index, not self.isExpanded(index))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.delegate.forget()
            self.scheduleDelayedItemsLayout()

    def _activate(self, index: QModelIndex) -> None:
        if self.problems.line(index).kind == "explain":
            self.setExpanded(index, not self.isExpanded(index))
            return
        row = self.problems.problem_row(index)
        if not index.parent().isValid():
            self._open(index)
        self.chosen.emit(self.problems.entries[row])

    def _open(self, index: QModelIndex) -> None:
        self.setCurrentIndex(index)
        self.expand(index)
        self.scrollTo(index)

    def _current_key(self) -> Hashable:
        row = self.problems.problem_row(self.currentIndex())
        return self.problems.entries[row].key if row >= 0 else None

    def _remember(self, index: QModelIndex, opened: bool) -> None:
        key = self.problems.entries[self.problems.problem_row(index)].key
        self._opened[key if not index.parent().isValid() else ("explain", key)] = opened

    def _on_expanded(self, index: QModelIndex) -> None:
        self._remember(index, True)

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._remember(index, False)

    def _on_theme_changed(self) -> None:
        self.scheduleDelayedItemsLayout()
