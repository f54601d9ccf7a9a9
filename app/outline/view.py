"""The tree view of the outline: keyboard control and synchronization of the selection."""

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
from app.documents.session import ItemKey
from app.outline.delegate import OutlineDelegate
from app.outline.model import OutlineModel
from app.theme.theme import Theme
from engine.check.report import Report

_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect
_KEEP = QItemSelectionModel.SelectionFlag.NoUpdate
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NONE = Qt.KeyboardModifier.NoModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class OutlineView(QTreeView):
    """A tree view of a graph, controlled by keyboard.

    Signals:
        nodes_selected: the user has selected other nodes or notes.
        reveal_requested: requests to show items on the canvas: the node or note of a row, the node
            at the other end of a wire, or the nodes of a frame.
        remove_requested: requests to remove the selected nodes, or the current wire or frame.
        connect_requested: requests to connect a new wire to the node or port of the current row.
        context_menu_requested: requests to open the context menu at a screen position.
    """

    nodes_selected = Signal(list)
    reveal_requested = Signal(list)
    remove_requested = Signal()
    connect_requested = Signal()
    context_menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme, report: Report, parent: QWidget | None = None) -> None:
        super().__init__(parent, accessibleName="Outline of the network", headerHidden=True)
        self.setAccessibleDescription(
            "Enter goes to a node, F2 renames it, Delete removes it, Ctrl+L connects it"
        )
        self.outline_model = OutlineModel(report, self)
        self._is_syncing = False
        self._expanded_nodes: set[str] = set()
        self.setModel(self.outline_model)
        self.setItemDelegate(OutlineDelegate(theme, self))
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
        for row in range(self.outline_model.rowCount()):
            self.setExpanded(self.outline_model.index(row, 0), True)

    def show_report(self, report: Report, filter_text: str | None = None) -> None:
        """Show the nodes of a report that match `filter_text`. None keeps the current filter."""
        current = self.outline_model.node_at(self.currentIndex())
        self._is_syncing = True
        self.outline_model.show_report(report, filter_text)
        self.expand_groups()
        for index in map(self.outline_model.node_index, list(self._expanded_nodes)):
            if index.isValid():
                self.setExpanded(index, True)
        row = self.outline_model.node_index(current)
        if row.isValid() and self.outline_model.node_at(self.currentIndex()) != current:
            self.selectionModel().setCurrentIndex(row, _KEEP)
        self._is_syncing = False
        self.viewport().update()

    def show_selection(self, keys: Iterable[ItemKey]) -> None:
        """Select the rows of these nodes and notes, unless exactly these are selected."""
        keys = [key for key in keys if self.outline_model.item_index(key).isValid()]
        if set(keys) == set(self.selected_keys()):
            return
        selection = QItemSelection()
        for parent, rows in self._rows_of(keys):
            for first, last in consecutive_ranges(rows):
                ends = (self.outline_model.index(row, 0, parent) for row in (first, last))
                selection.select(*ends)
        self._is_syncing = True
        self.selectionModel().select(selection, _SELECT)
        if keys:
            first_row = self.outline_model.item_index(keys[0])
            self.selectionModel().setCurrentIndex(first_row, _KEEP)
            self.scrollTo(first_row)
        self._is_syncing = False

    def selected_keys(self) -> list[ItemKey]:
        """Return the items of the selected rows. A wire row stands for the node of its parent."""
        rows = selected_rows(self.selectionModel())
        keys = [self._keys_at(self.outline_model.index(row, 0, parent)) for parent, row in rows]
        return list(dict.fromkeys(chain.from_iterable(keys)))

    def _keys_at(self, index: QModelIndex) -> Sequence[ItemKey]:
        model = self.outline_model
        frame, note, name = model.frame_at(index), model.note_at(index), model.node_at(index)
        if note is not None:
            return [note.index]
        return frame.nodes if frame is not None else [name] if name else []

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if not self._is_syncing:
            self.nodes_selected.emit(self.selected_keys())

    def event(self, event: QEvent) -> bool:
        # Some of these keys are shortcuts of the window, but the tree handles them itself.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2, *_ENTER_KEYS)
            is_tree_key = event.modifiers() == _NONE and event.key() in keys
            if is_tree_key or _is_connect(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        is_editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in _ENTER_KEYS and not is_editing and index.isValid():
            self._reveal(index)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not is_editing:
            self.remove_requested.emit()
        elif event.key() == Qt.Key.Key_F2 and not is_editing:
            self.edit_name()
        elif _is_connect(event):
            self.connect_requested.emit()
        else:
            super().keyPressEvent(event)

    def reveal_current(self) -> None:
        """Request to show the current row's node, or for a wire row, the node at its other end."""
        if self.currentIndex().isValid():
            self._reveal(self.currentIndex())

    def edit_name(self) -> None:
        """Open the name editor of the current row, or of its parent row if it is a wire row."""
        index = self.currentIndex()
        if self.outline_model.wire_row_at(index) is not None:
            index = self.outline_model.parent(index)
            self.setCurrentIndex(index)
        self.edit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self._reveal(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            position = self.visualRect(self.currentIndex()).center()
        self.context_menu_requested.emit(self.viewport().mapToGlobal(position))

    def _rows_of(self, keys: Iterable[ItemKey]) -> Iterator[tuple[QModelIndex, list[int]]]:
        """Yield, for each group, its model index and the row numbers of its items in `keys`.

        Groups without such items are left out.
        """
        indexes = map(self.outline_model.item_index, keys)
        rows = sorted((index.internalId(), index.row()) for index in indexes)
        for group, members in groupby(rows, key=itemgetter(0)):
            yield self.outline_model.index(group - 1, 0), [row for _, row in members]

    def _on_expanded(self, index: QModelIndex) -> None:
        self._expanded_nodes.add(self.outline_model.node_at(index))

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._expanded_nodes.discard(self.outline_model.node_at(index))

    def _reveal(self, index: QModelIndex) -> None:
        wire_row = self.outline_model.wire_row_at(index)
        if wire_row is not None and not wire_row.other_node:
            self.connect_requested.emit()
        elif wire_row is not None:
            self.reveal_requested.emit([wire_row.other_node])
        elif keys := self._keys_at(index):
            self.reveal_requested.emit(list(keys))
        else:
            self.setExpanded(index, not self.isExpanded(index))


def _is_connect(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_L and event.modifiers() == _CTRL
