"""The tree of the outline: its keys, and the selection that it shares with the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QWidget

from app.controls.selection import consecutive_ranges, selected_rows
from app.outline.delegate import OutlineDelegate
from app.outline.model import OutlineModel
from app.theme.theme import Theme
from engine.check.report import Report

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect
_KEEP = QItemSelectionModel.SelectionFlag.NoUpdate
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NONE = Qt.KeyboardModifier.NoModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class OutlineView(QTreeView):
    """Walks a graph with the arrow keys.

    Signals:
        nodes_selected: other nodes are selected by the person.
        went: the person wants to see these nodes: of a row, at a link's other end, of a frame.
        remove_asked: what is selected shall go: nodes, or the wire of the current row.
        connect_asked: a wire shall be drawn at the current row.
        menu_asked: a menu is wanted at a place of the screen.
    """

    nodes_selected = Signal(list)
    went = Signal(list)
    remove_asked = Signal()
    connect_asked = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self, theme: Theme, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("outline-view")
        self.setAccessibleName("Outline of the network")
        self.setAccessibleDescription(
            "Enter goes to a node, F2 renames it, Delete removes it, Ctrl+L draws a wire"
        )
        self.outline = OutlineModel(report, self)
        self._syncing = False
        self._opened: set[str] = set()
        self.setModel(self.outline)
        self.setItemDelegate(OutlineDelegate(theme, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(16)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.expand_groups()
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        theme.changed.connect(self.viewport().update)

    def expand_groups(self) -> None:
        """Show the nodes of all groups."""
        for row in range(self.outline.rowCount()):
            self.setExpanded(self.outline.index(row, 0), True)

    def show_report(self, report: Report, wanted: str | None = None) -> None:
        """Let the rows be those of another report; see `OutlineModel.show`."""
        current = self.outline.node_at(self.currentIndex())
        self._syncing = True
        self.outline.show(report, wanted)
        self.expand_groups()
        for index in map(self.outline.node_index, list(self._opened)):
            if index.isValid():
                self.setExpanded(index, True)
        row = self.outline.node_index(current)
        if row.isValid() and self.outline.node_at(self.currentIndex()) != current:
            self.selectionModel().setCurrentIndex(row, _KEEP)
        self._syncing = False
        self.viewport().update()

    def show_selection(self, names: Iterable[str]) -> None:
        """Select the rows of nodes, unless they are what is selected here already."""
        names = [name for name in names if self.outline.node_index(name).isValid()]
        if set(names) == set(self.selected_names()):
            return
        chosen = QItemSelection()
        for above, rows in self._rows_of(names):
            for first, last in consecutive_ranges(rows):
                ends = (self.outline.index(row, 0, above) for row in (first, last))
                chosen.select(*ends)
        self._syncing = True
        self.selectionModel().select(chosen, _SELECT)
        if names:
            first_row = self.outline.node_index(names[0])
            self.selectionModel().setCurrentIndex(first_row, _KEEP)
            self.scrollTo(first_row)
        self._syncing = False

    def selected_names(self) -> list[str]:
        """Return the nodes of the selected rows; a wire stands for the node it is shown below."""
        rows = selected_rows(self.selectionModel())
        found = [self._names_at(self.outline.index(row, 0, above)) for above, row in rows]
        return list(dict.fromkeys(chain.from_iterable(found)))

    def _names_at(self, index: QModelIndex) -> Sequence[str]:
        frame, name = self.outline.frame_at(index), self.outline.node_at(index)
        return frame.nodes if frame is not None else [name] if name else []

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if not self._syncing:
            self.nodes_selected.emit(self.selected_names())

    def event(self, event: QEvent) -> bool:
        # The window has shortcuts for some of these keys; in the tree they are the tree's.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2, *_ENTER)
            plain = event.modifiers() == _NONE and event.key() in keys
            if plain or _is_connect(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in _ENTER and not editing and index.isValid():
            self._go(index)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not editing:
            self.remove_asked.emit()
        elif event.key() == Qt.Key.Key_F2 and not editing:
            self.rename()
        elif _is_connect(event):
            self.connect_asked.emit()
        else:
            super().keyPressEvent(event)

    def go(self) -> None:
        """Ask to see what the current row is, or leads to."""
        if self.currentIndex().isValid():
            self._go(self.currentIndex())

    def rename(self) -> None:
        """Let the person type another name for the current row; on a wire for the node above it."""
        index = self.currentIndex()
        self.edit(self._above(index) if self.outline.link_at(index) else index)

    def _above(self, index: QModelIndex) -> QModelIndex:
        above = self.outline.parent(index)
        self.setCurrentIndex(above)
        return above

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self._go(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).center()
        self.menu_asked.emit(self.viewport().mapToGlobal(place))

    def _rows_of(self, names: Iterable[str]) -> Iterator[tuple[QModelIndex, list[int]]]:
        """Yield, by group, the rows of nodes in order."""
        found = sorted(
            (index.internalId(), index.row()) for index in map(self.outline.node_index, names)
        )
        for group, members in groupby(found, key=itemgetter(0)):
            yield self.outline.index(group - 1, 0), [row for _, row in members]

    def _on_expanded(self, index: QModelIndex) -> None:
        self._opened.add(self.outline.node_at(index))

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._opened.discard(self.outline.node_at(index))

    def _go(self, index: QModelIndex) -> None:
        link = self.outline.link_at(index)
        if link is not None and not link.other:
            self.connect_asked.emit()
        elif link is not None:
            self.went.emit([link.other])
        elif names := self._names_at(index):
            self.went.emit(list(names))
        else:
            self.setExpanded(index, not self.isExpanded(index))


def _is_connect(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_L and event.modifiers() == _CTRL
