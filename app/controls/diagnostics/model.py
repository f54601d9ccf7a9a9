"""Item model of diagnostics: a row per diagnostic, with details and an explanation below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from app.controls.diagnostics.entries import DiagnosticEntry, DiagnosticRow, accessible_text
from app.controls.selection import ROOT, Index
from app.text.phrases import plain_tooltip

_DISPLAY = Qt.ItemDataRole.DisplayRole
_TOOL_TIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


class DiagnosticModel(QAbstractItemModel):
    """A tree of diagnostics. Each has detail rows, and its last detail row has explanation rows.

    The internal id of an index is 0 for a diagnostic. Below the diagnostic in top-level row `row`,
    the internal id is 1 + 2 * row for detail rows and 2 + 2 * row for explanation rows.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[DiagnosticEntry] = ()

    def set_entries(self, entries: Sequence[DiagnosticEntry]) -> None:
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    @property
    def entries(self) -> Sequence[DiagnosticEntry]:
        """The diagnostics in the order of the top-level rows."""
        return self._entries

    def entry_row(self, index: Index) -> int:
        """Return the top-level row of the diagnostic that `index` belongs to; -1 if invalid."""
        if not index.isValid():
            return -1
        node_id = index.internalId()
        return index.row() if node_id == 0 else (node_id - 1) // 2

    def diagnostic_row(self, index: Index) -> DiagnosticRow:
        entry = self._entries[self.entry_row(index)]
        node_id = index.internalId()
        if node_id == 0:
            return entry.header
        return (entry.details if node_id % 2 else entry.explanation)[index.row()]

    def depth(self, index: Index) -> int:
        """Return the depth of a row: 1 for a diagnostic, 2 for a detail, 3 for an explanation."""
        node_id = index.internalId()
        return 1 if node_id == 0 else 3 - node_id % 2

    def explain_index(self, row: int) -> QModelIndex:
        """Return the index of the last detail row ("explain") below the top-level row `row`."""
        return self.createIndex(len(self._entries[row].details) - 1, 0, 1 + 2 * row)

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return ROOT
        if not parent.isValid():
            return self.createIndex(row, column, 0)
        level = 1 if parent.internalId() == 0 else 2
        return self.createIndex(row, column, level + 2 * self.entry_row(parent))

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        node_id = index.internalId() if index.isValid() else 0
        if node_id == 0:
            return ROOT
        row = (node_id - 1) // 2
        return self.createIndex(row, 0, 0) if node_id % 2 else self.explain_index(row)

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(self._entries)
        entry = self._entries[self.entry_row(parent)]
        if parent.internalId() == 0:
            return len(entry.details)
        has_explanation = parent.internalId() % 2 and parent.row() == len(entry.details) - 1
        return len(entry.explanation) if has_explanation else 0

    def columnCount(self, parent: Index = ROOT) -> int:
        return 1

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role not in (_DISPLAY, _TOOL_TIP, _ACCESSIBLE) or not index.isValid():
            return None
        line = self.diagnostic_row(index)
        if role == _TOOL_TIP:
            return _tool_tip(line)
        if role == _ACCESSIBLE and line.kind == "problem":
            return accessible_text(self._entries[index.row()])
        return f"{line.label}: {line.text}"


def _tool_tip(line: DiagnosticRow) -> str | None:
    if line.kind == "problem" and line.fix:
        return plain_tooltip(line.text) + plain_tooltip(f"Fix: {line.fix.text}")
    if line.kind == "fix":
        return "<p>Click to apply this fix. Undo reverts it.</p>"
    return plain_tooltip(line.text) if line.kind == "problem" else None
