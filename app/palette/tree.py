"""The tree of the palette: recent layer types and collapsible families, or search hits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QDrag, QHoverEvent, QKeyEvent, QMouseEvent, QStandardItem
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QTreeView

from app.palette.row_painter import node_pixmap
from app.palette.rows import (
    SECTION_ROLE,
    LayerTypeDelegate,
    LayerTypeModel,
    hit_at,
    layer_type_item,
    section_item,
)
from app.settings import Settings
from app.text.layer_search import SearchHit, layer_families, layer_infos
from app.theme.theme import Theme

RECENT_KEY = "recent"
_DRAG_HOTSPOT = QPoint(-12, -8)  # beside the pixmap, so that a wire at the pointer stays visible
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LayerTypeTree(QTreeView):
    """A tree of layer types, added by Enter, double click or drag.

    Signals:
        add_requested: requests to add a node of a layer type.
        search_requested: requests to move the focus to the search field and insert typed text.
    """

    add_requested = Signal(str)
    search_requested = Signal(str)

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__(accessibleName="Layers")
        self._theme = theme
        self._settings = settings
        self._model = LayerTypeModel(self)
        self._delegate = LayerTypeDelegate(theme, self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self._set_up_view()
        self.expanded.connect(self._on_section_toggled)
        self.collapsed.connect(self._on_section_toggled)

    def show_families(self, recent: Sequence[str]) -> None:
        """Show a section with the recent layer types, then all layer types by family."""
        known = layer_infos()
        recent_kinds = tuple(kind for kind in recent if kind in known)
        groups = [(RECENT_KEY, "Recent", recent_kinds), *layer_families()]
        self._model.clear()
        self._delegate.shows_families = False
        for key, title, members in groups:
            if members:
                heading = section_item(key, title)
                heading.appendRows([layer_type_item(SearchHit(known[kind])) for kind in members])
                self._model.appendRow(heading)
        self._restore_collapsed()

    def add_recent(self, kind: str) -> None:
        """Add a layer type to the recent section without moving the visible rows.

        Why: if the rows moved under the pointer, a second double click would add another type.
        """
        top_index = self.indexAt(QPoint(0, 0))
        anchor, previous_top = QPersistentModelIndex(top_index), self.visualRect(top_index).top()
        heading = self._recent_heading()
        if all(heading.child(row).text() != kind for row in range(heading.rowCount())):
            heading.insertRows(0, [layer_type_item(SearchHit(layer_infos()[kind]))])
        self._restore_collapsed()
        offset = self.visualRect(QModelIndex(anchor)).top() - previous_top
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + offset)

    def show_hits(self, hits: Sequence[SearchHit]) -> None:
        """Show search hits and select the best one."""
        self._model.clear()
        self._delegate.shows_families = True
        for hit in hits:
            self._model.appendRow(layer_type_item(hit))
        self.setCurrentIndex(self._model.index(0, 0))

    def focus_first(self) -> None:
        """Take the focus, and select the first layer type if none is selected."""
        if not self.currentIndex().isValid():
            first = self._model.index(0, 0)
            below = self.indexBelow(first)
            self.setCurrentIndex(below if hit_at(below) else first)
        self.setFocus(Qt.FocusReason.TabFocusReason)

    def request_current(self) -> None:
        """Request to add the selected layer type."""
        self._request_at(self.currentIndex())

    def _request_at(self, index: QModelIndex) -> None:
        hit = hit_at(index)
        if hit is not None:
            self.add_requested.emit(hit.kind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """On Enter, add the current layer type, or toggle the current family.

        On typed text, or on Up in the first row, request a search.
        """
        index = self.currentIndex()
        modifiers = event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)
        typed = event.text().strip() if event.text().isprintable() and not modifiers else ""
        if event.key() in _ENTER_KEYS:
            self._activate(index)
        elif event.key() == Qt.Key.Key_Up and not self.indexAbove(index).isValid():
            self.search_requested.emit("")
        elif typed:
            self.search_requested.emit(typed)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Expand or collapse a family if its heading was clicked anywhere."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.data(SECTION_ROLE) is not None:
            self.setExpanded(index, not self.isExpanded(index))

    def startDrag(self, supported: Qt.DropAction) -> None:
        hit = hit_at(self.currentIndex())
        if hit is None:
            return
        drag = QDrag(self)
        drag.setMimeData(self._model.mimeData([self.currentIndex()]))
        pixmap = node_pixmap(self._theme, hit.info, self.devicePixelRatioF())
        drag.setPixmap(pixmap)
        drag.setHotSpot(_DRAG_HOTSPOT)
        drag.exec(Qt.DropAction.CopyAction)
        # Clear the hover state later, because Qt still has to handle the hover event of the press.
        QTimer.singleShot(0, self._clear_hover)

    def _set_up_view(self) -> None:
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "plain")
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.doubleClicked.connect(self._request_at)

    def _clear_hover(self) -> None:
        """Clear the hover state after a drag, because the view gets no leave event during drags."""
        outside = QPointF(-1, -1)
        leave_event = QHoverEvent(QEvent.Type.HoverLeave, outside, outside, outside)
        QApplication.sendEvent(self.viewport(), leave_event)

    def _recent_heading(self) -> QStandardItem:
        heading = self._model.item(0)
        if heading is None or heading.data(SECTION_ROLE) != RECENT_KEY:
            heading = section_item(RECENT_KEY, "Recent")
            self._model.insertRow(0, heading)
        return heading

    def _activate(self, index: QModelIndex) -> None:
        if index.data(SECTION_ROLE) is not None:
            self.setExpanded(index, not self.isExpanded(index))
        else:
            self.request_current()

    def _restore_collapsed(self) -> None:
        """Restore the collapsed families from the settings."""
        collapsed = self._settings.collapsed_families
        self.blockSignals(True)
        for row in range(self._model.rowCount()):
            heading = self._model.index(row, 0)
            self.setExpanded(heading, heading.data(SECTION_ROLE) not in collapsed)
        self.blockSignals(False)

    def _on_section_toggled(self, heading: QModelIndex) -> None:
        key = str(heading.data(SECTION_ROLE))
        collapsed, is_open = self._settings.collapsed_families, self.isExpanded(heading)
        self._settings.collapsed_families = collapsed - {key} if is_open else collapsed | {key}
