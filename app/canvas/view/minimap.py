"""The whole graph in a corner: where one is, and a way to go elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.canvas.drawing.paint import ANTIALIASING, NO_PEN, faded
from app.canvas.drawing.pens import look_of
from app.theme.theme import Theme

_SIZE = QSize(180, 120)
_MARGIN, _RADIUS, _LEAST = 10.0, 8.0, 2.0

Box = tuple[QRectF, str | QColor]


class Minimap(QWidget):
    """A small picture of all nodes, laid over the view as its sibling.

    It keeps its `picture`: the view repaints often, the nodes move seldom.

    Args:
        theme: its colours.

    Signals:
        centre_asked: show this point of the scene in the middle.
        let_go: nobody drags in it any more.

    `held` says that somebody does.
    """

    centre_asked = Signal(QPointF)
    let_go = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("minimap")
        self.setAccessibleName("Map of the graph")
        self.setToolTip("Click or drag to look elsewhere")
        self.resize(_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme = theme
        self._look = look_of(theme)
        self._boxes: Sequence[Box] = ()
        self._all = QRectF()
        self._view = QRectF()
        self.picture: QPixmap | None = None
        self.held = False
        self.hide()
        theme.changed.connect(self._on_theme_changed)

    def sizeHint(self) -> QSize:
        """Be small."""
        return _SIZE

    def set_boxes(self, boxes: Sequence[Box]) -> None:
        """Show these rectangles of the scene, each in a family's or in its own colour."""
        if boxes == self._boxes:
            return
        self._boxes = boxes
        bounds = QRectF()
        for rect, _ in boxes:
            bounds |= rect
        self._all = bounds
        self.picture = None
        self.setVisible(bool(boxes))
        self.update()

    def set_view(self, rect: QRectF) -> None:
        """Show which part of the scene is seen."""
        if rect != self._view:
            self._view = rect
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the picture in its new size."""
        self.picture = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        self.held = True
        self._ask(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let it go."""
        self.held = False
        self.let_go.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the kept picture, and what is seen on it."""
        ratio = self.devicePixelRatioF()
        if self.picture is None or self.picture.devicePixelRatio() != ratio:
            self.picture = self._drawn(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self.picture)
        painter.setRenderHint(ANTIALIASING)
        seen = self._seen()
        painter.setPen(self._look.map_view)
        painter.setBrush(faded(self._look.accent, 30))
        painter.drawRoundedRect(seen, 3, 3)

    def _drawn(self, ratio: float) -> QPixmap:
        look = self._look
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(ANTIALIASING)
        painter.setPen(look.edge)
        painter.setBrush(faded(look.body.color(), 235))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
        painter.setPen(NO_PEN)
        for rect, color in self._boxes:
            brush = color if isinstance(color, QColor) else look.named(color)
            painter.setBrush(brush)
            painter.drawRect(self._small(rect))
        painter.end()
        return picture

    def _scale(self) -> float:
        room = self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN
        wide, high = max(self._all.width(), 1.0), max(self._all.height(), 1.0)
        return min(room[0] / wide, room[1] / high, 0.12)

    def _small(self, rect: QRectF) -> QRectF:
        scale = self._scale()
        middle, own = self._all.center(), QRectF(self.rect()).center()
        return QRectF(
            own.x() + (rect.x() - middle.x()) * scale,
            own.y() + (rect.y() - middle.y()) * scale,
            max(rect.width() * scale, _LEAST),
            max(rect.height() * scale, _LEAST),
        )

    def _seen(self) -> QRectF:
        inside = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        seen = self._small(self._view)
        return seen & inside if seen.intersects(inside) else QRectF()

    def _ask(self, event: QMouseEvent) -> None:
        offset = (event.position() - QRectF(self.rect()).center()) / self._scale()
        self.centre_asked.emit(self._all.center() + offset)
        event.accept()

    def _on_theme_changed(self) -> None:
        self.picture = None
        self.update()
