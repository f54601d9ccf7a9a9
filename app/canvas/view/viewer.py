"""The view of the scene: it forwards events, accepts drops, and paints background and items."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessibleInterface,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

from app.canvas.items.node_item import NodeItem
from app.canvas.items.note_item import NoteItem
from app.canvas.view.background import paint_background
from app.canvas.view.bulk_painter import Overview, paint_in_bulk
from app.canvas.view.protocols import DropHandler, PointerHandler
from app.canvas.view.zoom import ZoomableViewer
from app.documents.column_mapping import COLUMNS_MIME, decode_columns
from app.theme.theme import Theme

BULK_PAINT_ZOOM = 0.26  # below this zoom, nodes are not legible and are painted in bulk
_NO_GRID = 0  # NodeGraphQt's grid mode without grid
_ANTIALIASING = QPainter.RenderHint.Antialiasing

LAYER_TYPE_MIME = "application/x-layerloom-kind"


class CanvasViewer(ZoomableViewer):
    """The view of the canvas; it forwards events to the handlers that the canvas connects to it.

    Why: the event handling of NodeViewer is not used, because it tracks Alt, Shift and Ctrl by key
    events. A missed release would leave these keys set.

    `pointer_handler` receives pointer and key events. If data columns are dragged onto the view,
    `column_drop` receives them. If a layer type is dragged onto the view, `layer_drop` receives it.
    The canvas sets all three before the view gets events.

    Signals:
        context_menu_requested: requests a context menu at a viewport position.
        focus_received: the view has got the keyboard focus.
    """

    context_menu_requested = Signal(QPoint)
    focus_received = Signal()

    pointer_handler: PointerHandler
    column_drop: DropHandler[Sequence[str]]
    layer_drop: DropHandler[str]
    # Kept here, since Qt keeps no reference; it may ask for it while `__init__` is running.
    accessible_interface: QAccessibleInterface | None = None

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._cut_path: QPainterPath | None = None
        self._overview = Overview()
        self._cursor_text.setVisible(False)
        # The view draws the background; else exported images would have NodeGraphQt's.
        self.scene().setBackgroundBrush(Qt.BrushStyle.NoBrush)
        self.scene().grid_mode = _NO_GRID
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        theme.changed.connect(self._on_theme_changed)

    # Pointer and keys. NodeViewer's own handling is not used.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pointer_handler.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Forward the event to the active gesture; if there is none, send hover events to items."""
        if not self.pointer_handler.move(event):
            QGraphicsView.mouseMoveEvent(self, event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointer_handler.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.pointer_handler.double_click(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass Escape and Space to `pointer_handler`, and other keys to the window's actions."""
        if not self.pointer_handler.key_press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.pointer_handler.key_release(event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Skip NodeViewer's handler, which would add shortcuts to a hidden menu bar."""
        QGraphicsView.focusInEvent(self, event)
        self.focus_received.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.pointer_handler.reset()
        QGraphicsView.focusOutEvent(self, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Request the context menu at the pointer or, for the menu key, at a selected item."""
        position = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            position = self._selection_center()
        self.context_menu_requested.emit(position)
        event.accept()

    def _selection_center(self) -> QPoint:
        items: list[NodeItem | NoteItem] = []
        if self.scene_items is not None:
            items += [*self.scene_items.nodes.values(), *self.scene_items.notes.values()]
        selected = next((item for item in items if item.isSelected()), None)
        if selected is None:
            return QPoint(self.viewport().rect().center())
        return QPoint(self.mapFromScene(selected.scene_rect.center()))

    # Drag and drop from the palette and from the column table of the Data panel.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept layer types and columns; the window handles files."""
        self._accept_drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._accept_drag(event)
        position, columns = event.position().toPoint(), _columns_of(event)
        if columns:
            self.column_drop.drag(columns, position, event.modifiers())
        elif event.isAccepted():
            self.layer_drop.drag(_kind_of(event), position, event.modifiers())

    def _accept_drag(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(LAYER_TYPE_MIME) or _columns_of(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QEvent) -> None:
        for handler in (self.column_drop, self.layer_drop):
            if handler.is_active:
                handler.leave()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        position, columns = event.position().toPoint(), _columns_of(event)
        if columns:
            self.column_drop.drop(columns, position, event.modifiers())
        else:
            self.layer_drop.drop(_kind_of(event), position, event.modifiers())
        self.setFocus()

    # Painting.

    def _on_theme_changed(self) -> None:
        self.scene().update()
        self.viewport().update()

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        paint_background(painter, self.theme, rect, self.zoom)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        if self._cut_path is not None:
            pen = QPen(self.theme.color("danger"), 2, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(self._cut_path)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint items one by one, or in bulk at small zooms."""
        if self.zoom >= BULK_PAINT_ZOOM or self.scene_items is None:
            QGraphicsView.paintEvent(self, event)
            return
        painter = QPainter(self.viewport())
        painter.setWorldTransform(self.viewportTransform())
        exposed = QRectF(self.mapToScene(event.rect()).boundingRect())
        self.drawBackground(painter, exposed)
        painter.setRenderHint(_ANTIALIASING)
        items = self.scene_items
        self._overview.update(items.nodes.values(), items.wires.values())
        paint_in_bulk(painter, self.theme, self._overview, items.frames, items.notes.values())
        self.drawForeground(painter, exposed)
        painter.end()

    def show_cut_path(self, path: QPainterPath | None) -> None:
        """Set the path that cuts wires, None to hide it."""
        self._cut_path = path
        self.viewport().update()

    def show_selection_rect(self, rect: QRect | None) -> None:
        """Set the selection rectangle, None to hide it."""
        if rect is None:
            self._rubber_band.hide()
        else:
            self._rubber_band.setGeometry(rect)
            self._rubber_band.show()


def _columns_of(event: QDropEvent) -> tuple[str, ...]:
    return decode_columns(bytes(event.mimeData().data(COLUMNS_MIME).data()))


def _kind_of(event: QDropEvent) -> str:
    return bytes(event.mimeData().data(LAYER_TYPE_MIME).data()).decode("utf-8", "replace")
