"""The findings as a tree for Qt: a row each, its details below, what its code means below those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.controls.diagnostics.entries import Entry, Line, sentence
from app.text.phrases import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOL_TIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


class ProblemModel(QAbstractItemModel):
    """Rows of findings.

    An index' internal id is 0 on a problem, 1 + 2 * row on the details of the problem at `row`,
    and 2 + 2 * row on what its code means.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[Entry] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        """Let the rows be these."""
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    @property
    def entries(self) -> Sequence[Entry]:
        """The findings, a top row each."""
        return self._entries

    def problem_row(self, index: Index) -> int:
        """Return the row of the problem that an index belongs to, -1 for none."""
        if not index.isValid():
            return -1
        number = index.internalId()
        return index.row() if number == 0 else (number - 1) // 2

    def line(self, index: Index) -> Line:
        """Return what a row says."""
        entry = self._entries[self.problem_row(index)]
        number = index.internalId()
        if number == 0:
            return entry.line
        return (entry.details if number % 2 else entry.meaning)[index.row()]

    def depth(self, index: Index) -> int:
        """Return how deep in the tree a row is, 1 for problems."""
        number = index.internalId()
        return 1 if number == 0 else 3 - number % 2

    def explain_index(self, row: int) -> QModelIndex:
        """Return the "explain" row of a problem."""
        return self.createIndex(len(self._entries[row].details) - 1, 0, 1 + 2 * row)

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        if not parent.isValid():
            return self.createIndex(row, column, 0)
        below = 1 if parent.internalId() == 0 else 2
        return self.createIndex(row, column, below + 2 * self.problem_row(parent))

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        number = index.internalId() if index.isValid() else 0
        if number == 0:
            return QModelIndex()
        row = (number - 1) // 2
        return self.createIndex(row, 0, 0) if number % 2 else self.explain_index(row)

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(self._entries)
        entry = self._entries[self.problem_row(parent)]
        if parent.internalId() == 0:
            return len(entry.details)
        explains = parent.internalId() % 2 and parent.row() == len(entry.details) - 1
        return len(entry.meaning) if explains else 0

    def columnCount(self, parent: Index = ROOT) -> int:
        return 1

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role not in (_DISPLAY, _TOOL_TIP, _ACCESSIBLE) or not index.isValid():
            return None
        line = self.line(index)
        if role == _TOOL_TIP:
            return _tool_tip(line)
        if role == _ACCESSIBLE and line.kind == "problem":
            return sentence(self._entries[index.row()])
        return f"{line.head}: {line.text}"


def _tool_tip(line: Line) -> str | None:
    """Return the whole text."""
    if line.kind == "problem" and line.fix:
        return plain_tooltip(line.text) + plain_tooltip(f"Fix: {line.fix.text}")
    if line.kind == "fix":
        return "<p>Press to apply this. Undo takes it back.</p>"
    return plain_tooltip(line.text) if line.kind == "problem" else None
