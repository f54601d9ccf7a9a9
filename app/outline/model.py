"""The graph as a tree for Qt: Inputs, layers in order of computation, Outputs, and frames."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.outline.rows import GROUPS, between, framed, grouped
from app.outline.wire_rows import Link, frame_sentence, links, sentence
from app.text.phrases import count_noun, plain_tooltip
from engine.check.report import Report
from engine.graph.view import Frame

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

_FRAMES = 3  # the group, which is there only while there are frames
_OF_FRAME = 1 + _FRAMES
_FIRST_LINK = 16  # internal ids: 0 on a group, 1 + group on what it holds, from here on links
_DISPLAY = Qt.ItemDataRole.DisplayRole
_EDIT = Qt.ItemDataRole.EditRole
_TOOL_TIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class OutlineModel(QAbstractItemModel):
    """Rows of a graph, changed where the graph changed.

    Signals:
        rename_asked: a node shall be called otherwise.
        title_asked: a frame, by its place in the file, shall have another title.
    """

    rename_asked = Signal(str, str)
    title_asked = Signal(int, str)

    def __init__(self, report: Report, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self._filter = ""
        self._groups: list[list[str]] = [[], [], []]
        self._frames: tuple[Frame, ...] = ()
        self._place: dict[str, tuple[int, int]] = {}
        self._numbers = count(_FIRST_LINK)
        self._number: dict[str, int] = {}
        self._name: dict[int, str] = {}
        self._links: dict[str, tuple[Link, ...]] = {}
        self.show(report)

    @property
    def report(self) -> Report:
        """What the rows are read from."""
        return self._report

    def show(self, report: Report, wanted: str | None = None) -> None:
        """Let the rows be those of another report; the view then paints what is in sight anew.

        Any row may say something else now. Telling Qt so costs 2 ms for a thousand rows, of which
        it would paint twenty, so it is told of rows that come, go or are renamed only.

        Args:
            report: of the graph to show.
            wanted: show only nodes with this in their name or kind; None for the same as before.
        """
        self._report = report
        self._filter = self._filter if wanted is None else wanted.strip().casefold()
        for group, names in enumerate(grouped(report.project.graph, self._filter)):
            self._change(group, names)
        self._change_frames(framed(report.project, self._filter))
        self._forget()
        self._relink()

    def node_at(self, index: Index) -> str:
        """Return the node that a row is, or that it stands below; "" for groups and frames."""
        number = index.internalId() if index.isValid() else 0
        if number in (0, _OF_FRAME):
            return ""
        if number < _FIRST_LINK:
            return self._groups[number - 1][index.row()]
        return self._name.get(number, "")

    def frame_at(self, index: Index) -> Frame | None:
        """Return the frame that a row is, None for any other row."""
        framed = index.isValid() and index.internalId() == _OF_FRAME
        return self._frames[index.row()] if framed else None

    def link_at(self, index: Index) -> Link | None:
        """Return the link that a row is, None for nodes and groups."""
        if not index.isValid() or index.internalId() < _FIRST_LINK:
            return None
        return self._links_of(self.node_at(index))[index.row()]

    def node_index(self, name: str) -> QModelIndex:
        """Return the row of a node, an invalid index if it is not shown."""
        if name not in self._place:
            return QModelIndex()
        group, row = self._place[name]
        return self.createIndex(row, 0, group + 1)

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        if not parent.isValid():
            return self.createIndex(row, column, 0)
        if parent.internalId() == 0:
            return self.createIndex(row, column, 1 + parent.row())
        return self.createIndex(row, column, self._number_of(self.node_at(parent)))

    def parent(self, index: Index) -> QModelIndex:  # type: ignore[override]
        number = index.internalId() if index.isValid() else 0
        if number == 0:
            return QModelIndex()
        if number < _FIRST_LINK:
            return self.createIndex(number - 1, 0, 0)
        return self.node_index(self._name.get(number, ""))

    def rowCount(self, parent: Index = ROOT) -> int:
        if not parent.isValid():
            return len(GROUPS) if self._frames else _FRAMES
        if parent.internalId() == 0:
            return self._count(parent.row())
        if parent.internalId() != _OF_FRAME and parent.internalId() < _FIRST_LINK:
            return len(self._links_of(self.node_at(parent)))
        return 0

    def hasChildren(self, parent: Index = ROOT) -> bool:
        if not parent.isValid():
            return True
        if parent.internalId() == 0:
            return self._count(parent.row()) > 0
        # A node has a wire, or a row that says it has none.
        return parent.internalId() != _OF_FRAME and parent.internalId() < _FIRST_LINK

    def _count(self, group: int) -> int:
        return len(self._frames) if group == _FRAMES else len(self._groups[group])

    def columnCount(self, parent: Index = ROOT) -> int:
        return 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        is_node = 0 < index.internalId() < _FIRST_LINK
        return _SELECTABLE | Qt.ItemFlag.ItemIsEditable if is_node else _SELECTABLE

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role not in (_DISPLAY, _EDIT, _TOOL_TIP, _ACCESSIBLE) or not index.isValid():
            return None
        link, name, frame = self.link_at(index), self.node_at(index), self.frame_at(index)
        if link is not None:
            return str(link)
        if frame is not None:
            if role in (_DISPLAY, _EDIT):
                return frame.title
            said = frame_sentence(frame)
            return said if role == _ACCESSIBLE else plain_tooltip(said)
        if not name:
            noun = "frame" if index.row() == _FRAMES else "node"
            held = f", {count_noun(self._count(index.row()), noun)}" if role == _ACCESSIBLE else ""
            return GROUPS[index.row()] + held
        if role in (_DISPLAY, _EDIT) or name not in self._report.project.graph:
            return name
        said = sentence(self._report, name)
        return said if role == _ACCESSIBLE else plain_tooltip(said)

    def setData(self, index: Index, value: Any, role: int = _EDIT) -> bool:
        name, frame, text = self.node_at(index), self.frame_at(index), str(value).strip()
        if role != _EDIT or not text:
            return False
        if name and text != name:
            self.rename_asked.emit(name, text)
        elif frame is not None and text != frame.title:
            self.title_asked.emit(frame.index, text)
        else:
            return False
        return True

    def _change_frames(self, new: tuple[Frame, ...]) -> None:
        old = self._frames
        if [frame.index for frame in new] == [frame.index for frame in old]:
            self._frames = new
            return
        if old:
            self.beginRemoveRows(ROOT, _FRAMES, _FRAMES)
            self._frames = ()
            self.endRemoveRows()
        if new:
            self.beginInsertRows(ROOT, _FRAMES, _FRAMES)
            self._frames = new
            self.endInsertRows()

    def _change(self, group: int, new: list[str]) -> None:
        """Replace only the rows that differ."""
        old = self._groups[group]
        if new == old:
            return
        first, gone, come = between(old, new)
        if len(gone) == len(come) == 1 and come[0] not in self._number:
            self._rename(group, first, gone[0], come[0])
        else:
            self._replace(group, first, gone, come)

    def _rename(self, group: int, row: int, old: str, new: str) -> None:
        """Let a row go by another name, so that it stays open and current."""
        number = self._number_of(old)
        del self._number[old]
        self._number[new], self._name[number] = number, new
        if old in self._links:
            self._links[new] = self._links.pop(old)
        if self._place.get(old) == (group, row):
            del self._place[old]
        self._groups[group][row] = new
        self._place[new] = (group, row)
        index = self.createIndex(row, 0, group + 1)
        self.dataChanged.emit(index, index, [])

    def _replace(self, group: int, first: int, gone: Sequence[str], come: Sequence[str]) -> None:
        above, names = self.createIndex(group, 0, 0), self._groups[group]
        if gone:
            self.beginRemoveRows(above, first, first + len(gone) - 1)
            del names[first : first + len(gone)]
            self._number_rows(group, gone)
            self.endRemoveRows()
        if come:
            self.beginInsertRows(above, first, first + len(come) - 1)
            names[first:first] = come
            self._number_rows(group, ())
            self.endInsertRows()

    def _number_rows(self, group: int, gone: Sequence[str]) -> None:
        for name in gone:
            if self._place.get(name, (group, 0))[0] == group:
                self._place.pop(name, None)
                self._links.pop(name, None)
        for row, name in enumerate(self._groups[group]):
            self._place[name] = (group, row)

    def _forget(self) -> None:
        for name in [name for name in self._number if name not in self._report.project.graph]:
            del self._name[self._number.pop(name)]

    def _relink(self) -> None:
        """Change the rows below those nodes that Qt has looked into."""
        graph = self._report.project.graph
        for name, old in list(self._links.items()):
            new = links(graph, name) if name in graph else ()
            if new == old:
                continue
            above = self.node_index(name)
            if not above.isValid():
                del self._links[name]
                continue
            if old:
                self.beginRemoveRows(above, 0, len(old) - 1)
                self._links[name] = ()
                self.endRemoveRows()
            if new:
                self.beginInsertRows(above, 0, len(new) - 1)
                self._links[name] = new
                self.endInsertRows()

    def _links_of(self, name: str) -> tuple[Link, ...]:
        if name not in self._links:
            graph = self._report.project.graph
            self._links[name] = links(graph, name) if name in graph else ()
        return self._links[name]

    def _number_of(self, name: str) -> int:
        if name not in self._number:
            self._number[name] = next(self._numbers)
            self._name[self._number[name]] = name
        return self._number[name]
