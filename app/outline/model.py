"""The Qt item model of the outline: Inputs, layers in topological order, Outputs, frames, notes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, Signal

from app.controls.selection import ROOT, Index
from app.documents.session import ItemKey
from app.outline.rows import GROUP_TITLES, Extra, changed_range, group_nodes, matching_extras
from app.outline.wire_rows import (
    WireRow,
    extra_description,
    node_description,
    wire_rows,
)
from app.text.phrases import plain_tooltip
from engine.check.report import Report
from engine.core.formatting.counts import count_noun
from engine.graph.notes import Note
from engine.graph.view import Frame

_EXTRA_GROUP = len(GROUP_TITLES)  # the first group that exists only while it has rows
_EXTRA_ROW_ID = 1 + _EXTRA_GROUP
_FIRST_WIRE_ID = 16  # internal ids are 0 for groups, 1 + group for their rows, >= 16 for wire rows
_DISPLAY = Qt.ItemDataRole.DisplayRole
_EDIT = Qt.ItemDataRole.EditRole
_TOOL_TIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class OutlineModel(QAbstractItemModel):
    """An item model of a graph that inserts and removes only the rows that changed.

    Signals:
        rename_requested: requests to rename a node; sends the old and the new name.
        frame_title_requested: requests to set a frame title; sends frame index and new title.
    """

    rename_requested = Signal(str, str)
    frame_title_requested = Signal(int, str)

    def __init__(self, report: Report, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.report = report
        self._filter = ""
        self._groups: list[list[str]] = [[], [], []]
        self._extras: list[tuple[Extra, ...]] = []  # frames, then notes
        self._positions: dict[str, tuple[int, int]] = {}
        self._next_id = count(_FIRST_WIRE_ID)
        self._ids: dict[str, int] = {}
        self._names_by_id: dict[int, str] = {}
        self._wire_rows: dict[str, tuple[WireRow, ...]] = {}
        self.show_report(report)

    def show_report(self, report: Report, filter_text: str | None = None) -> None:
        """Show another report. The caller must then repaint the viewport of the view.

        If `filter_text` is None, the current filter is kept.

        Why: any row may have changed, but emitting dataChanged for a thousand rows takes 2 ms, so
        only inserted, removed and renamed rows emit signals.
        """
        self.report = report
        self._filter = self._filter if filter_text is None else filter_text.strip().casefold()
        for group, names in enumerate(group_nodes(report.project.graph, self._filter)):
            self._update_group(group, names)
        self._update_extras(matching_extras(report.project, self._filter))
        for name in [name for name in self._ids if name not in report.project.graph]:
            del self._names_by_id[self._ids.pop(name)]
        self._update_wire_rows()

    def node_at(self, index: Index) -> str:
        """Return the name of a node row's node, or of a wire row's parent node; otherwise ""."""
        number = index.internalId() if index.isValid() else 0
        if number == 0 or _EXTRA_ROW_ID <= number < _FIRST_WIRE_ID:
            return ""
        if number < _FIRST_WIRE_ID:
            return self._groups[number - 1][index.row()]
        return self._names_by_id.get(number, "")

    def frame_at(self, index: Index) -> Frame | None:
        """Return the frame of a row, None for any other row."""
        extra = self._extra_at(index)
        return extra if isinstance(extra, Frame) else None

    def note_at(self, index: Index) -> Note | None:
        """Return the note of a row, None for any other row."""
        extra = self._extra_at(index)
        return extra if isinstance(extra, Note) else None

    def _extra_at(self, index: Index) -> Extra | None:
        number = index.internalId() if index.isValid() else 0
        is_extra = _EXTRA_ROW_ID <= number < _FIRST_WIRE_ID
        return self._extras[number - _EXTRA_ROW_ID][index.row()] if is_extra else None

    def wire_row_at(self, index: Index) -> WireRow | None:
        """Return the wire row at an index, None for nodes and groups."""
        if not index.isValid() or index.internalId() < _FIRST_WIRE_ID:
            return None
        return self._wire_rows_of(self.node_at(index))[index.row()]

    def item_index(self, key: ItemKey) -> QModelIndex:
        """Return the index of a node or note, an invalid index if it is not shown."""
        if isinstance(key, str):
            return self.node_index(key)
        for number, group in enumerate(self._extras, _EXTRA_ROW_ID):
            for row, extra in enumerate(group):
                if isinstance(extra, Note) and extra.index == key:
                    return self.createIndex(row, 0, number)
        return ROOT

    def node_index(self, name: str) -> QModelIndex:
        """Return the index of a node, an invalid index if the node is not shown."""
        if name not in self._positions:
            return ROOT
        group, row = self._positions[name]
        return self.createIndex(row, 0, group + 1)

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return ROOT
        if not parent.isValid():
            return self.createIndex(row, column, 0)
        if parent.internalId() == 0:
            return self.createIndex(row, column, 1 + parent.row())
        return self.createIndex(row, column, self._id_of(self.node_at(parent)))

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        number = index.internalId() if index.isValid() else 0
        if number == 0:
            return ROOT
        if number < _FIRST_WIRE_ID:
            return self.createIndex(number - 1, 0, 0)
        return self.node_index(self._names_by_id.get(number, ""))

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return _EXTRA_GROUP + len(self._extras)
        if parent.internalId() == 0:
            return self._group_size(parent.row())
        if parent.internalId() < _EXTRA_ROW_ID:
            return len(self._wire_rows_of(self.node_at(parent)))
        return 0

    def hasChildren(self, parent: Index = ROOT) -> bool:
        if not parent.isValid():
            return True
        if parent.internalId() == 0:
            return self._group_size(parent.row()) > 0
        # A node has at least one wire row, or a row for the missing wire.
        return parent.internalId() < _EXTRA_ROW_ID

    def _group_size(self, group: int) -> int:
        is_extra = group >= _EXTRA_GROUP
        return len(self._extras[group - _EXTRA_GROUP] if is_extra else self._groups[group])

    def columnCount(self, parent: Index = ROOT) -> int:
        return 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        has_name = 0 < index.internalId() < _FIRST_WIRE_ID and self.note_at(index) is None
        return _SELECTABLE | Qt.ItemFlag.ItemIsEditable if has_name else _SELECTABLE

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role not in (_DISPLAY, _EDIT, _TOOL_TIP, _ACCESSIBLE) or not index.isValid():
            return None
        wire_row, name, extra = self.wire_row_at(index), self.node_at(index), self._extra_at(index)
        if wire_row is not None:
            return str(wire_row)
        if extra is not None:
            if role in (_DISPLAY, _EDIT):
                return extra.title
            text = extra_description(extra)
            return text if role == _ACCESSIBLE else plain_tooltip(text)
        if not name:
            title, noun = self._group_title(index.row())
            size = count_noun(self._group_size(index.row()), noun)
            return f"{title}, {size}" if role == _ACCESSIBLE else title
        if role in (_DISPLAY, _EDIT) or name not in self.report.project.graph:
            return name
        description = node_description(self.report, name)
        return description if role == _ACCESSIBLE else plain_tooltip(description)

    def setData(self, index: Index, value: Any, role: int = _EDIT) -> bool:
        name, frame, text = self.node_at(index), self.frame_at(index), str(value).strip()
        if role != _EDIT or not text:
            return False
        if name and text != name:
            self.rename_requested.emit(name, text)
        elif frame is not None and text != frame.title:
            self.frame_title_requested.emit(frame.index, text)
        else:
            return False
        return True

    def _group_title(self, group: int) -> tuple[str, str]:
        """Return the title of a group, and the noun for its rows."""
        if group < _EXTRA_GROUP:
            return GROUP_TITLES[group], "node"
        is_frames = isinstance(self._extras[group - _EXTRA_GROUP][0], Frame)
        return ("Frames", "frame") if is_frames else ("Notes", "note")

    def _update_extras(self, new: list[tuple[Extra, ...]]) -> None:
        old = self._extras
        if [_identities(group) for group in new] == [_identities(group) for group in old]:
            self._extras = new
            return
        if old:
            self.beginRemoveRows(ROOT, _EXTRA_GROUP, _EXTRA_GROUP + len(old) - 1)
            self._extras = []
            self.endRemoveRows()
        if new:
            self.beginInsertRows(ROOT, _EXTRA_GROUP, _EXTRA_GROUP + len(new) - 1)
            self._extras = new
            self.endInsertRows()

    def _update_group(self, group: int, new: list[str]) -> None:
        """Set the node names in a group. Rename the row if only one changed, else replace rows."""
        old = self._groups[group]
        if new == old:
            return
        first, removed, added = changed_range(old, new)
        if len(removed) == len(added) == 1 and added[0] not in self._ids:
            self._rename_row(group, first, removed[0], added[0])
        else:
            self._replace_rows(group, first, removed, added)

    def _rename_row(self, group: int, row: int, old: str, new: str) -> None:
        """Rename the node in row `row` of an outline group. It stays expanded and current."""
        number = self._id_of(old)
        del self._ids[old]
        self._ids[new], self._names_by_id[number] = number, new
        if old in self._wire_rows:
            self._wire_rows[new] = self._wire_rows.pop(old)
        if self._positions.get(old) == (group, row):
            del self._positions[old]
        self._groups[group][row] = new
        self._positions[new] = (group, row)
        index = self.createIndex(row, 0, group + 1)
        self.dataChanged.emit(index, index, [])

    def _replace_rows(
        self, group: int, first: int, removed: Sequence[str], added: Sequence[str]
    ) -> None:
        above, names = self.createIndex(group, 0, 0), self._groups[group]
        if removed:
            self.beginRemoveRows(above, first, first + len(removed) - 1)
            del names[first : first + len(removed)]
            self._update_positions(group, removed)
            self.endRemoveRows()
        if added:
            self.beginInsertRows(above, first, first + len(added) - 1)
            names[first:first] = added
            self._update_positions(group, ())
            self.endInsertRows()

    def _update_positions(self, group: int, removed: Sequence[str]) -> None:
        for name in removed:
            if self._positions.get(name, (group, 0))[0] == group:
                self._positions.pop(name, None)
                self._wire_rows.pop(name, None)
        for row, name in enumerate(self._groups[group]):
            self._positions[name] = (group, row)

    def _update_wire_rows(self) -> None:
        """Update the wire rows, but only below nodes whose wire rows Qt has requested before."""
        graph = self.report.project.graph
        for name, old in list(self._wire_rows.items()):
            new = wire_rows(graph, name) if name in graph else ()
            if new == old:
                continue
            above = self.node_index(name)
            if not above.isValid():
                del self._wire_rows[name]
                continue
            if old:
                self.beginRemoveRows(above, 0, len(old) - 1)
                self._wire_rows[name] = ()
                self.endRemoveRows()
            if new:
                self.beginInsertRows(above, 0, len(new) - 1)
                self._wire_rows[name] = new
                self.endInsertRows()

    def _wire_rows_of(self, name: str) -> tuple[WireRow, ...]:
        if name not in self._wire_rows:
            graph = self.report.project.graph
            self._wire_rows[name] = wire_rows(graph, name) if name in graph else ()
        return self._wire_rows[name]

    def _id_of(self, name: str) -> int:
        if name not in self._ids:
            self._ids[name] = next(self._next_id)
            self._names_by_id[self._ids[name]] = name
        return self._ids[name]


def _identities(group: tuple[Extra, ...]) -> list[tuple[type, int]]:
    return [(type(extra), extra.index) for extra in group]
