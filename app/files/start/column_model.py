"""The columns of a file as rows to tick: what shall be predicted, and what is learned from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.documents.table_contents import TableContents
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme
from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.column_roles import can_be_target, default_target, exclusion_reason

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
PREDICT, LEARN, NAME, KIND, MISSING, ABOUT = range(6)
TITLES = ("Predict", "Learn from", "Column", "Kind", "Missing", "Examples")
_TIPS = {
    PREDICT: "Each column that is ticked here gets an output of its own",
    LEARN: "What the network sees of a row; what is not ticked here is left out",
}
_NO_TARGET = "Only numbers, and labels that come again and again, can be predicted"
_Role = Qt.ItemDataRole
_ON, _OFF = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class Columns(QAbstractTableModel):
    """A row for each column of a file, ticked as is usual until the person ticks otherwise.

    Signals:
        ticked: other columns are to be predicted or learned from.
    """

    ticked = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._facts: Mapping[str, ColumnStatistics] = {}
        self._ticks: dict[str, int] = {}  # PREDICT or LEARN; a column without one is left out
        self._chosen: set[str] = set()  # by the person, so that nothing is ticked over them

    @property
    def targets(self) -> list[str]:
        """The columns that shall be predicted, in the file's order."""
        return [name for name in self._names if self._ticks.get(name) == PREDICT]

    @property
    def inputs(self) -> list[str]:
        """The columns that are learned from."""
        return [name for name in self._names if self._ticks.get(name) == LEARN]

    def show(self, contents: TableContents) -> None:
        """Show what is known of a file by now."""
        if contents.columns != self._names:
            self.beginResetModel()
            self._names, self._facts = contents.columns, contents.column_statistics
            self._ticks, self._chosen = {}, set()
            self.endResetModel()
        self._facts = contents.column_statistics
        self._tick_usual(last=not contents.is_reading)
        self._all_changed()

    def _tick_usual(self, last: bool) -> None:
        """Tick what nobody has chosen; the target once all columns are known."""
        for name, facts in self._facts.items():
            if name not in self._chosen and self._ticks.get(name) != PREDICT:
                self._ticks |= {} if exclusion_reason(facts) else {name: LEARN}
        usual = default_target(list(self._facts.values())) if last else None
        if usual is not None and not self._chosen and not self.targets:
            self._ticks[usual] = PREDICT
        self.ticked.emit()

    def _all_changed(self) -> None:
        if self._names:
            corner = self.index(len(self._names) - 1, len(TITLES) - 1)
            self.dataChanged.emit(self.index(0, 0), corner, [])

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, way: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if way != Qt.Orientation.Horizontal:
            return None
        if role == _Role.ToolTipRole and section in _TIPS:
            return plain_tooltip(_TIPS[section])
        if role == _Role.TextAlignmentRole:
            return _alignment(section)
        return TITLES[section] if role == _Role.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() not in (PREDICT, LEARN):
            return found
        if not self._can(index):
            return Qt.ItemFlag.ItemIsSelectable
        return found | Qt.ItemFlag.ItemIsUserCheckable

    def _can(self, index: Index) -> bool:
        facts = self._facts.get(self._names[index.row()])
        if facts is None or facts.missing == facts.rows:
            return False
        return can_be_target(facts) if index.column() == PREDICT else True

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name, column = self._names[index.row()], index.column()
        if column in (PREDICT, LEARN):
            return self._tick(name, index, role)
        if role == _Role.TextAlignmentRole:
            return _alignment(column)
        if role == _Role.ForegroundRole and column == ABOUT and self.reason(name):
            return self._theme.color("dim")
        text = self._text(name, column)
        if role == _Role.ToolTipRole:
            return plain_tooltip(text)
        return text if role == _Role.DisplayRole else None

    def _tick(self, name: str, index: Index, role: int) -> Any:
        on = self._ticks.get(name) == index.column()
        if role == _Role.CheckStateRole:
            return _ON if on else _OFF
        if role == _Role.AccessibleTextRole:
            return f"{TITLES[index.column()]} {name}: {'yes' if on else 'no'}"
        if role == _Role.ToolTipRole and index.column() == PREDICT and not self._can(index):
            return plain_tooltip(_NO_TARGET) if name in self._facts else None
        return None

    def reason(self, name: str) -> str:
        """Return why a column is left out that nobody has ticked, "" if it is not."""
        facts = self._facts.get(name)
        return exclusion_reason(facts) if facts is not None and name not in self._ticks else ""

    def _text(self, name: str, column: int) -> str:
        facts = self._facts.get(name)
        if column == NAME:
            return name
        if facts is None:
            return "…" if column == KIND else ""
        if column == KIND:
            return facts.kind
        if column == MISSING:
            return f"{facts.missing:,}" if facts.missing else ""
        reason = self.reason(name)
        return f"Left out: {reason}" if reason else ", ".join(facts.examples)

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        """Tick a column; what is predicted is not learned from."""
        if role != _Role.CheckStateRole or not self._can(index):
            return False
        name = self._names[index.row()]
        self._chosen.add(name)
        if Qt.CheckState(value) == _ON:
            self._ticks[name] = index.column()
        elif self._ticks.get(name) == index.column():
            del self._ticks[name]
        self._all_changed()
        self.ticked.emit()
        return True


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == MISSING else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
