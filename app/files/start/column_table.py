"""The table of the columns of a file, with check boxes for targets and features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.controls.selection import ROOT, Index
from app.documents.table_contents import TableContents
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme
from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.column_roles import (
    can_be_target,
    default_target,
    exclusion_reason,
    looks_like_classes,
)

TARGET, FEATURE, NAME, TYPE, CLASSES, MISSING, EXAMPLES = range(7)
TITLES = ("Target", "Feature", "Column", "Type", "Classes", "Missing", "Examples")
_TIPS = {
    TARGET: "Each target gets its own output",
    FEATURE: "Features are inputs of the network; other columns are not used",
    CLASSES: "Treat these integers as class labels, not as quantities",
}
_ROW_HEIGHT = 28
_CHECK_BOXES = (TARGET, FEATURE, CLASSES)
_WIDTHS = {TARGET: 68, FEATURE: 76, NAME: 180, TYPE: 120, CLASSES: 76, MISSING: 76}  # pixels
_MIN_EXAMPLES_WIDTH = 160
_NO_TARGET = "Only numbers and repeated labels can be targets"
_Role = Qt.ItemDataRole
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class ColumnModel(QAbstractTableModel):
    """A table model with a row per column of a file: a target, a feature or an unused column.

    Default roles (target or feature) never replace a role that the user has chosen.

    Signals:
        roles_changed: the target or feature columns may have changed.
    """

    roles_changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._statistics: Mapping[str, ColumnStatistics] = {}
        self._roles: dict[str, int] = {}  # TARGET or FEATURE; columns without a role are not used
        self._edited: set[str] = set()  # columns whose role the user has set
        self._chosen_classes: dict[str, bool] = {}  # what the user has chosen in place of defaults

    @property
    def targets(self) -> list[str]:
        """The target columns, in file order."""
        return [name for name in self._names if self._roles.get(name) == TARGET]

    @property
    def inputs(self) -> list[str]:
        """The feature columns, in file order."""
        return [name for name in self._names if self._roles.get(name) == FEATURE]

    @property
    def classes(self) -> dict[str, bool]:
        """Whether columns of whole numbers hold classes, where the user has chosen."""
        return dict(self._chosen_classes)

    def set_contents(self, contents: TableContents) -> None:
        """Show the columns of a file with the statistics known so far."""
        if contents.columns != self._names:
            self.beginResetModel()
            self._names, self._statistics = contents.columns, contents.column_statistics
            self._roles, self._edited, self._chosen_classes = {}, set(), {}
            self.endResetModel()
        self._statistics = contents.column_statistics
        self._set_default_roles(is_complete=not contents.is_reading)
        self._emit_all_changed()

    def _set_default_roles(self, is_complete: bool) -> None:
        """Set default features and, if all data was read, a target. Keep roles set by the user."""
        for name, statistics in self._statistics.items():
            if name not in self._edited and self._roles.get(name) != TARGET:
                self._roles |= {} if exclusion_reason(statistics) else {name: FEATURE}
        target = default_target(list(self._statistics.values())) if is_complete else None
        if target is not None and not self._edited and not self.targets:
            self._roles[target] = TARGET
        self.roles_changed.emit()

    def _emit_all_changed(self) -> None:
        if self._names:
            corner = self.index(len(self._names) - 1, len(TITLES) - 1)
            self.dataChanged.emit(self.index(0, 0), corner, [])

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.ToolTipRole and section in _TIPS:
            return plain_tooltip(_TIPS[section])
        if role == _Role.TextAlignmentRole:
            return _alignment(section)
        return TITLES[section] if role == _Role.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if index.column() not in _CHECK_BOXES:
            return flags
        if not self._is_checkable(index):
            return Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable

    def _is_checkable(self, index: Index) -> bool:
        statistics = self._statistics.get(self._names[index.row()])
        if statistics is None or statistics.missing == statistics.rows:
            return False
        if index.column() == CLASSES:
            return statistics.may_be_classes
        return can_be_target(statistics) if index.column() == TARGET else True

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name, column = self._names[index.row()], index.column()
        if column in _CHECK_BOXES:
            return self._check_box_data(name, index, role)
        if role == _Role.TextAlignmentRole:
            return _alignment(column)
        if role == _Role.ForegroundRole and column == EXAMPLES and self.unused_reason(name):
            return self._theme.color("dim")
        text = self._text(name, column)
        if role == _Role.ToolTipRole:
            return plain_tooltip(text)
        return text if role == _Role.DisplayRole else None

    def _check_box_data(self, name: str, index: Index, role: int) -> Any:
        is_checked = self._is_checked(name, index.column())
        if role == _Role.CheckStateRole:
            if index.column() == CLASSES and not self._is_checkable(index):
                return None
            return _CHECKED if is_checked else _UNCHECKED
        if role == _Role.AccessibleTextRole:
            return f"{TITLES[index.column()]} {name}: {'yes' if is_checked else 'no'}"
        if role == _Role.ToolTipRole and index.column() == TARGET and not self._is_checkable(index):
            return plain_tooltip(_NO_TARGET) if name in self._statistics else None
        return None

    def _is_checked(self, name: str, column: int) -> bool:
        if column != CLASSES:
            return self._roles.get(name) == column
        statistics = self._statistics.get(name)
        is_class = statistics is not None and looks_like_classes(statistics)
        return self._chosen_classes.get(name, is_class)

    def unused_reason(self, name: str) -> str:
        """Return why a column without a role is not a feature by default.

        If the column has a role, or if there is no reason, return "".
        """
        statistics = self._statistics.get(name)
        if statistics is None or name in self._roles:
            return ""
        return exclusion_reason(statistics)

    def _text(self, name: str, column: int) -> str:
        statistics = self._statistics.get(name)
        if column == NAME:
            return name
        if statistics is None:
            return "…" if column == TYPE else ""
        if column == TYPE:
            return statistics.kind
        if column == MISSING:
            return f"{statistics.missing:,}" if statistics.missing else ""
        reason = self.unused_reason(name)
        return f"Not used: {reason}" if reason else ", ".join(statistics.examples)

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        """When a check box is clicked, change the role or the kind of prediction of a column."""
        if role != _Role.CheckStateRole or not self._is_checkable(index):
            return False
        name = self._names[index.row()]
        if index.column() == CLASSES:
            self._chosen_classes[name] = Qt.CheckState(value) == _CHECKED
            self.dataChanged.emit(index, index, [])
            return True
        self._edited.add(name)
        if Qt.CheckState(value) == _CHECKED:
            self._roles[name] = index.column()
        elif self._roles.get(name) == index.column():
            del self._roles[name]
        self._emit_all_changed()
        self.roles_changed.emit()
        return True


class ColumnTable(QTableView):
    """A table with a row for each column of a file.

    If the current cell is a check box, Space toggles it. Otherwise, Space toggles the check box
    "Feature" of the row.
    """

    def __init__(self, columns: ColumnModel) -> None:
        super().__init__(accessibleName="Columns of the file", tabKeyNavigation=False)
        self.setModel(columns)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)

    def sizeHint(self) -> QSize:
        return QSize(820, 11 * _ROW_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        left = sum(self.columnWidth(column) for column in range(EXAMPLES))
        self.setColumnWidth(EXAMPLES, max(_MIN_EXAMPLES_WIDTH, self.viewport().width() - left))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() != Qt.Key.Key_Space or not index.isValid():
            super().keyPressEvent(event)
            return
        if index.column() not in _CHECK_BOXES:
            index = index.siblingAtColumn(FEATURE)
        role = Qt.ItemDataRole.CheckStateRole
        is_checked = Qt.CheckState(index.data(role)) == Qt.CheckState.Checked
        state = Qt.CheckState.Unchecked if is_checked else Qt.CheckState.Checked
        self.model().setData(index, state, role)


def _alignment(column: int) -> Qt.AlignmentFlag:
    alignment = Qt.AlignmentFlag.AlignRight if column == MISSING else Qt.AlignmentFlag.AlignLeft
    return alignment | Qt.AlignmentFlag.AlignVCenter
