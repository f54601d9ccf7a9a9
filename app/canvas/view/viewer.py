"""The view of the scene: its background, its painting from afar, and where the pointer goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
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

from app.canvas.view import bulk_painter
from app.canvas.view.background import paint_backdrop
from app.canvas.view.zoom import Zooming
from app.documents.column_mapping import COLUMNS_MIME, unpacked
from app.theme.theme import Theme

if TYPE_CHECKING:
    from app.canvas.gestures.column_drop import Dropping
    from app.canvas.gestures.dispatcher import Gestures
    from app.canvas.gestures.layer_drop import Inserting

OVERVIEW = 0.26  # below this, nodes are no longer readable and are drawn in bulk
_NO_GRID = 0  # as NodeGraphQt says it
_ANTIALIASING = QPainter.RenderHint.Antialiasing

KIND_MIME = "application/x-layerloom-kind"


class Viewer(Zooming):
    """Shows the scene; hands pointer and keys to the gestures.

    Why: NodeViewer reads Alt, Shift and Ctrl from key events, so that they can stick.

    Signals:
        menu_wanted: a context menu, at a place of the viewport.
        kind_dropped: a kind was dropped from the palette, at a place of the viewport, with the keys
            that were held.
    """

    menu_wanted = Signal(QPoint)
    kind_dropped = Signal(str, QPoint, Qt.KeyboardModifier)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.gestures: Gestures | None = None
        self.dropping: Dropping | None = None
        self.inserting: Inserting | None = None
        self._swipe: QPainterPath | None = None
        self._cursor_text.setVisible(False)
        # The background is drawn by the view; else an image of the scene has NodeGraphQt's.
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

    # Pointer and keys. NodeViewer's own handling is passed over.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        if self.gestures is not None:
            self.gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a gesture, else let items know that the pointer is over them."""
        if self.gestures is None or not self.gestures.move(event):
            QGraphicsView.mouseMoveEvent(self, event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a gesture."""
        if self.gestures is not None:
            self.gestures.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename, bend a wire, or add a node, whatever is under the pointer."""
        if self.gestures is not None:
            self.gestures.double_click(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let a gesture have Escape and Space, all else goes to the window's actions."""
        if self.gestures is None or not self.gestures.key_press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let a gesture know that Space was let go."""
        if self.gestures is None or not self.gestures.key_release(event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Pass over NodeViewer, which would fill a hidden menu bar with shortcuts."""
        QGraphicsView.focusInEvent(self, event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End what depends on a key being held."""
        if self.gestures is not None:
            self.gestures.let_go()
        QGraphicsView.focusOutEvent(self, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of what is under the pointer, or of what is selected."""
        at = event.pos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self._middle_of_selection()
        self.menu_wanted.emit(at)
        event.accept()

    def _middle_of_selection(self) -> QPoint:
        nodes = self.picture.nodes.values() if self.picture is not None else ()
        chosen = next((node for node in nodes if node.isSelected()), None)
        if chosen is None:
            return QPoint(self.viewport().rect().center())
        return QPoint(self.mapFromScene(chosen.spot.center()))

    # Drag and drop from the palette and from the table of the data.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take kinds and columns; files are the window's."""
        self._drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show which wire the node would be put into, or which node the columns would feed."""
        self._drag(event)
        at, columns = event.position().toPoint(), _columns_in(event)
        if columns and self.dropping is not None:
            self.dropping.drag(columns, at, event.modifiers())
        elif event.isAccepted() and self.inserting is not None:
            self.inserting.hover(_kind_in(event), at, event.modifiers())

    def _drag(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(KIND_MIME) or _columns_in(event):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QEvent) -> None:
        """Show no wire any more, nor any node."""
        if self.dropping is not None and self.dropping.active:
            self.dropping.leave()
        if self.inserting is not None:
            self.inserting.leave()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add a node of the kind that was dropped, or let columns feed one."""
        columns = _columns_in(event)
        if columns and self.dropping is not None:
            event.acceptProposedAction()
            self.dropping.drop(columns, event.position().toPoint(), event.modifiers())
            self.setFocus()
            return
        event.acceptProposedAction()
        self.kind_dropped.emit(_kind_in(event), event.position().toPoint(), event.modifiers())

    # Painting.

    def _on_theme_changed(self) -> None:
        self.scene().update()
        self.viewport().update()

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """Draw dots."""
        paint_backdrop(painter, self.theme, rect, self.zoom)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the swipe that cuts wires."""
        if self._swipe is not None:
            pen = QPen(self.theme.color("danger"), 2, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(self._swipe)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint items one by one, or from afar all in bulk."""
        if self.zoom >= OVERVIEW or self.picture is None:
            QGraphicsView.paintEvent(self, event)
            return
        painter = QPainter(self.viewport())
        painter.setWorldTransform(self.viewportTransform())
        exposed = QRectF(self.mapToScene(event.rect()).boundingRect())
        self.drawBackground(painter, exposed)
        painter.setRenderHint(_ANTIALIASING)
        picture = self.picture
        bulk_painter.paint(
            painter,
            self.theme,
            picture.nodes.values(),
            picture.wires.values(),
            exposed,
            picture.frames,
        )
        self.drawForeground(painter, exposed)
        painter.end()

    def show_swipe(self, path: QPainterPath | None) -> None:
        """Show the swipe that cuts wires, or hide it."""
        self._swipe = path
        self.viewport().update()

    def show_marquee(self, rect: QRect | None) -> None:
        """Show the rectangle that selects, or hide it."""
        if rect is None:
            self._rubber_band.hide()
        else:
            self._rubber_band.setGeometry(rect)
            self._rubber_band.show()


def _columns_in(event: QDropEvent) -> tuple[str, ...]:
    return unpacked(bytes(event.mimeData().data(COLUMNS_MIME).data()))


def _kind_in(event: QDropEvent) -> str:
    return bytes(event.mimeData().data(KIND_MIME).data()).decode("utf-8", "replace")
