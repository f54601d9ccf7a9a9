"""The runs of a folder as Qt's tables want them: rows, sorting and filtering."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)

from app.runs.columns import NAME, STAR, Column, columns
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.runs.comparison.run_table import Entry
from engine.runs.folder import notes

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
KEY = Qt.ItemDataRole.UserRole + 1
_Role = Qt.ItemDataRole
_TOKENS = {
    "running": "accent", "paused": "accent", "failed": "danger", "crashed": "danger",
    "finished": "success",
}  # fmt: skip


class RunModel(QAbstractTableModel):
    """One row a run.

    Signals:
        refused: a sentence that says why a run was not renamed or starred.
        noted: what is said of a run has changed.
    """

    refused = Signal(str)
    noted = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.entries: list[Entry] = []
        self.columns: list[Column] = columns(())

    def show_entries(self, entries: list[Entry]) -> None:
        """Show other runs; where they are the same ones, rows and selection stay."""
        wanted = columns(entries)
        same = [e.folder.path for e in entries] == [e.folder.path for e in self.entries]
        if same and [c.title for c in wanted] == [c.title for c in self.columns]:
            self.entries = entries
            if entries:
                last = self.index(len(entries) - 1, len(self.columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last, [])
            return
        self.beginResetModel()
        self.entries, self.columns = entries, wanted
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many runs there are."""
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, way: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        """Return a column's head."""
        if way != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == _Role.DisplayRole:
            return column.title
        if role == _Role.DecorationRole and section == STAR:
            return icon(self._theme, "star-outline", "dim")
        if role in (_Role.ToolTipRole, _Role.AccessibleTextRole):
            return column.tip
        if role == _Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """Return what stands in a cell."""
        entry, column = self.entries[index.row()], self.columns[index.column()]
        if role in (_Role.DisplayRole, _Role.EditRole):
            return column.text(entry)
        if role == ENTRY:
            return entry
        if role == KEY:
            return (column.key or column.text)(entry)
        if role == _Role.ToolTipRole:
            return plain_tooltip(self._tip(entry, index.column()))
        if role == _Role.AccessibleTextRole and index.column() == STAR:
            return "starred" if entry.notes.star else "not starred"
        return self._looks(entry, column, index.column(), role)

    def _looks(self, entry: Entry, column: Column, at: int, role: int) -> Any:
        if role == _Role.DecorationRole and at == STAR:
            starred = entry.notes.star
            return icon(self._theme, *(("star", "warning") if starred else ("star-outline", "dim")))
        if role == _Role.FontRole and column.number:
            return self._theme.mono_font(8.5)
        if role == _Role.ForegroundRole and column.title == "State":
            return self._theme.color(_TOKENS.get(entry.status, "dim"))
        if role == _Role.TextAlignmentRole and column.number:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _tip(self, entry: Entry, at: int) -> str:
        if at == STAR:
            return "Take the star away" if entry.notes.star else "Star this run"
        if at == NAME:
            return "\n".join(filter(None, (str(entry.folder.path), entry.notes.text)))
        return self.columns[at].text(entry)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let names be typed."""
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else found

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        """Rename a run."""
        if role != _Role.EditRole or index.column() != NAME:
            return False
        entry = self.entries[index.row()]
        wanted = str(value).strip()
        if wanted == entry.name:
            return False
        return self._note(lambda: notes.rename(entry.folder.path, wanted))

    def star(self, run: Path, on: bool) -> bool:
        """Star a run, or take the star away."""
        return self._note(lambda: notes.star(run, on))

    def _note(self, write: Any) -> bool:
        try:
            write()
        except DiagnosticError as refusal:
            self.refused.emit(refusal.diagnostics[0].message)
            return False
        self.noted.emit()
        return True


class RunFilter(QSortFilterProxyModel):
    """Sorts by what a column means, and leaves out what was not asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._starred = False
        self.setSortRole(KEY)

    def set_text(self, text: str) -> None:
        """Show runs that hold all of these words, in name, state, data, notes or changes."""
        self._words = text.lower().split()
        self.invalidate()

    def set_starred(self, only: bool) -> None:
        """Show only runs with a star."""
        self._starred = only
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Return whether a run is shown."""
        model = self.sourceModel()
        assert isinstance(model, RunModel)
        entry = model.entries[row]
        if self._starred and not entry.notes.star:
            return False
        held = (entry.name, entry.folder.name, entry.status, entry.data, entry.device,
                entry.notes.text, entry.changed)  # fmt: skip
        text = " ".join(held).lower()
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        """Return which of two runs stands first."""
        one, other = left.data(KEY), right.data(KEY)
        return bool(one < other)
