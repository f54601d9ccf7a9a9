"""A Qt model of a data table. Cells are formatted only when they are visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from app.controls.selection import ROOT, Index
from app.data.table.column_summary import column_description, uses_text
from app.documents.table_contents import TableContents
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme
from engine.data.profile.statistics import ColumnStatistics

if TYPE_CHECKING:
    from engine.data.table.table import Table

STATISTICS_ROLE = Qt.ItemDataRole.UserRole
NODES_ROLE, USES_ROLE = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
MISSING_TEXT = "–"
_MAX_LENGTH = 300  # characters of a cell
_Role = Qt.ItemDataRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NUMBER_KINDS = ("number", "whole number")


class TableModel(QAbstractTableModel):
    """A model of the rows read so far. Its headers have the statistics and uses of each column."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._table: Table | None = None
        self._statistics: dict[str, ColumnStatistics] = {}
        self._nodes: dict[str, list[str]] = {}
        self._uses: Mapping[str, Sequence[str]] = {}
        self.column_names: tuple[str, ...] = ()

    def set_contents(self, contents: TableContents | None) -> None:
        """Show `contents`; None clears the model. Reset the model only if column names change."""
        table = None if contents is None else contents.table or contents.head
        names = () if table is None else tuple(table.columns)
        statistics = {} if contents is None else dict(contents.column_statistics)
        if table is not self._table:
            if names == self.column_names and self._table is not None and table is not None:
                self._replace_rows(table, statistics)
            else:
                self.beginResetModel()
                self._table, self.column_names, self._statistics = table, names, statistics
                self.endResetModel()
        elif statistics != self._statistics:
            self._statistics = statistics
            self._emit_header_changed()

    def set_column_uses(
        self, nodes: dict[str, list[str]], uses: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Set the nodes that use a column, and other `uses` like "split", both by column name."""
        if (nodes, uses or {}) != (self._nodes, self._uses):
            self._nodes, self._uses = nodes, uses or {}
            self._emit_header_changed()

    def _replace_rows(self, table: Table, statistics: dict[str, ColumnStatistics]) -> None:
        """Replace the rows; `table` has the same columns. Keep scroll position and selection."""
        old_count, new_count = self.rowCount(), table.row_count
        if new_count > old_count:
            self.beginInsertRows(ROOT, old_count, new_count - 1)
        elif new_count < old_count:
            self.beginRemoveRows(ROOT, new_count, old_count - 1)
        self._table, self._statistics = table, statistics
        if new_count > old_count:
            self.endInsertRows()
        elif new_count < old_count:
            self.endRemoveRows()
        self._emit_header_changed()
        if self.column_names and new_count:
            last = self.index(new_count - 1, len(self.column_names) - 1)
            self.dataChanged.emit(self.index(0, 0), last, [])

    def _emit_header_changed(self) -> None:
        if self.column_names:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.column_names) - 1)

    def rowCount(self, parent: Index = ROOT) -> int:
        is_cell = parent is not None and parent.isValid()
        return 0 if is_cell or self._table is None else self._table.row_count

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.column_names)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        if role == _Role.DisplayRole:
            return self.cell_text(index.row(), index.column()) or MISSING_TEXT
        if role == _Role.TextAlignmentRole:
            column = self._statistics.get(self.column_names[index.column()])
            is_number = column is not None and column.kind in _NUMBER_KINDS and not column.shape
            return _RIGHT if is_number else _LEFT
        if role == _Role.ForegroundRole and self._is_missing(index):
            return self._theme.color("dim")
        if role == _Role.ToolTipRole:
            text = self.cell_text(index.row(), index.column())
            return plain_tooltip(text) if len(text) > 24 else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            if role == _Role.ToolTipRole:
                return f"Row {section:,} (counted from 0)"
            return f"{section:,}" if role == _Role.DisplayRole else None
        name = self.column_names[section] if section < len(self.column_names) else ""
        statistics, nodes = self._statistics.get(name), self._nodes.get(name, [])
        if role == _Role.DisplayRole:
            return name
        if role == STATISTICS_ROLE:
            return statistics
        uses = self._uses.get(name, ())
        if role == NODES_ROLE:
            return nodes
        if role == USES_ROLE:
            return uses
        if role in (_Role.ToolTipRole, _Role.AccessibleDescriptionRole):
            used = uses_text(nodes, uses)
            text = (
                f"{name}\n{used}." if statistics is None else column_description(statistics, used)
            )
            return plain_tooltip(text).replace("\n", "<br>") if role == _Role.ToolTipRole else text
        return None

    def _is_missing(self, index: Index) -> bool:
        # Imported here, since it imports numpy.
        from engine.data.table.number_parser import MISSING_WORDS

        return self.cell_text(index.row(), index.column()) in MISSING_WORDS

    def cell_text(self, row: int, column: int) -> str:
        """Return a cell as text, "" if it is missing."""
        from engine.data.table.cell_format import format_cell
        from engine.data.table.number_parser import with_decimal_point

        assert self._table is not None
        name = self.column_names[column]
        value = self._table.columns[name][row]
        text = format_cell(value.as_py() if hasattr(value, "as_py") else value, _MAX_LENGTH)
        statistics = self._statistics.get(name)
        return with_decimal_point(text) if statistics is not None and statistics.commas else text
