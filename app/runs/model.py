"""The Qt table model of the runs of a folder, and its proxy that sorts and filters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, QSortFilterProxyModel, Qt, Signal

from app.controls.selection import ROOT, Index
from app.runs.columns import NAME, STAR, Column, columns
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.runs.comparison.run_table import RunEntry
from engine.runs.folder import notes

ENTRY = Qt.ItemDataRole.UserRole
KEY = Qt.ItemDataRole.UserRole + 1
_Role = Qt.ItemDataRole
_TOKENS = {
    "running": "accent", "paused": "accent", "failed": "danger", "crashed": "danger",
    "finished": "success",
}  # fmt: skip


class RunModel(QAbstractTableModel):
    """A table model with one row per run.

    Signals:
        write_failed: a run could not be renamed or starred; sends the error message.
        notes_changed: the name, star or note of a run was changed.
    """

    write_failed = Signal(str)
    notes_changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.entries: list[RunEntry] = []
        self.columns: list[Column] = columns(())

    def show_entries(self, entries: list[RunEntry]) -> None:
        """Set the runs. If runs and columns are the same as before, the selection is kept."""
        new_columns = columns(entries)
        is_same = [e.folder.path for e in entries] == [e.folder.path for e in self.entries]
        if is_same and [c.title for c in new_columns] == [c.title for c in self.columns]:
            self.entries = entries
            if entries:
                last = self.index(len(entries) - 1, len(self.columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last, [])
            return
        self.beginResetModel()
        self.entries, self.columns = entries, new_columns
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == _Role.DisplayRole:
            return column.title
        if role == _Role.DecorationRole and section == STAR:
            return icon(self._theme, "star-outline", "dim")
        if role in (_Role.ToolTipRole, _Role.AccessibleTextRole):
            return column.tip
        if role == _Role.TextAlignmentRole:
            align = Qt.AlignmentFlag
            alignment = align.AlignRight if column.is_numeric else align.AlignLeft
            return alignment | align.AlignVCenter
        return None

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """Return the data of a cell; role `ENTRY` returns the run, `KEY` the sort key."""
        entry, column = self.entries[index.row()], self.columns[index.column()]
        if role in (_Role.DisplayRole, _Role.EditRole):
            return column.text(entry)
        if role == ENTRY:
            return entry
        if role == KEY:
            return (column.key or column.text)(entry)
        if role == _Role.ToolTipRole:
            return plain_tooltip(self._tooltip(entry, index.column()))
        if role == _Role.AccessibleTextRole and index.column() == STAR:
            return "starred" if entry.notes.star else "not starred"
        return self._appearance(entry, column, index.column(), role)

    def _appearance(self, entry: RunEntry, column: Column, section: int, role: int) -> Any:
        if role == _Role.DecorationRole and section == STAR:
            shape, token = ("star", "warning") if entry.notes.star else ("star-outline", "dim")
            return icon(self._theme, shape, token)
        if role == _Role.FontRole and column.is_numeric:
            return self._theme.mono_font(8.5)
        if role == _Role.ForegroundRole and column.title == "State":
            return self._theme.color(_TOKENS.get(entry.status, "dim"))
        if role == _Role.TextAlignmentRole and column.is_numeric:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _tooltip(self, entry: RunEntry, section: int) -> str:
        if section == STAR:
            return "Remove the star" if entry.notes.star else "Star this run"
        if section == NAME:
            return "\n".join(filter(None, (str(entry.folder.path), entry.notes.text)))
        return self.columns[section].text(entry)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        if role != _Role.EditRole or index.column() != NAME:
            return False
        entry = self.entries[index.row()]
        name = str(value).strip()
        if name == entry.name:
            return False
        return self._write_notes(lambda: notes.set_name(entry.folder.path, name))

    def set_star(self, run: Path, on: bool) -> bool:
        """Add or remove the star of a run; return False if writing failed."""
        return self._write_notes(lambda: notes.set_star(run, on))

    def _write_notes(self, write: Callable[[], object]) -> bool:
        try:
            write()
        except DiagnosticError as error:
            self.write_failed.emit(error.diagnostics[0].message)
            return False
        self.notes_changed.emit()
        return True


class RunFilter(QSortFilterProxyModel):
    """A proxy model that sorts by the keys of the columns, and filters by text and star."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._is_starred_only = False
        self.setSortRole(KEY)

    def set_text(self, text: str) -> None:
        """Show only runs in which all words of the text occur.

        The words are searched in the names of the run and its folder, the state, the data, the
        device, the note, and the changes from the previous run.
        """
        self._words = text.lower().split()
        self.invalidate()

    def set_starred(self, only: bool) -> None:
        """Set whether only starred runs are shown."""
        self._is_starred_only = only
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, RunModel)
        entry = model.entries[row]
        if self._is_starred_only and not entry.notes.star:
            return False
        searched = (
            entry.name,
            entry.folder.name,
            entry.status,
            entry.data,
            entry.device,
            entry.notes.text,
            entry.changes,
        )
        text = " ".join(searched).lower()
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        return bool(left.data(KEY) < right.data(KEY))
