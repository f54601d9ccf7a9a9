"""The minimap: an overview of the graph that shows and moves the visible area."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.canvas.drawing.paint import ANTIALIASING, NO_PEN, with_alpha
from app.canvas.drawing.pens import canvas_style
from app.theme.theme import Theme

_SIZE = QSize(180, 120)
_MARGIN, _RADIUS, _MIN_SIZE, _MIN_CROSS = 10.0, 8.0, 2.0, 4.0

Box = tuple[QRectF, str]


class Minimap(QWidget):
    """An overview of all nodes. It lies over the view, but is not a child of the view.

    Its drawing is cached in `pixmap`, because the view repaints often and nodes move rarely.

    Signals:
        center_requested: requests to center the view at a scene position.
        drag_finished: a drag in the minimap ended.

    `is_dragging` is true during a drag.
    """

    center_requested = Signal(QPointF)
    drag_finished = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, accessibleName="Minimap of the graph")
        self.setToolTip("Click or drag to move the view")
        self.resize(_SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme = theme
        self._canvas_style = canvas_style(theme)
        self._boxes: Sequence[Box] = ()
        self._graph_rect = QRectF()
        self._view = QRectF()
        self.pixmap: QPixmap | None = None
        self.is_dragging = False
        self.hide()
        theme.changed.connect(self._on_theme_changed)

    def set_boxes(self, boxes: Sequence[Box]) -> None:
        """Set the scene rectangles to draw, each with its layer family, "danger" or "note"."""
        if boxes == self._boxes:
            return
        self._boxes = boxes
        bounds = QRectF()
        for rect, _ in boxes:
            bounds |= rect
        self._graph_rect = bounds
        self.pixmap = None
        self.setVisible(bool(boxes))
        self.update()

    def set_view(self, rect: QRectF) -> None:
        if rect != self._view:
            self._view = rect
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.pixmap = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.is_dragging = True
        self._request_center(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._request_center(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.is_dragging = False
        self.drag_finished.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self.pixmap is None or self.pixmap.devicePixelRatio() != ratio:
            self.pixmap = self._draw_boxes(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self.pixmap)
        painter.setRenderHint(ANTIALIASING)
        view_rect = self._view_rect()
        painter.setPen(self._canvas_style.minimap_view_pen)
        painter.setBrush(with_alpha(self._canvas_style.accent, 30))
        painter.drawRoundedRect(view_rect, 3, 3)

    def _draw_boxes(self, ratio: float) -> QPixmap:
        style = self._canvas_style
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(ANTIALIASING)
        painter.setPen(style.border_pen)
        painter.setBrush(with_alpha(style.body_brush.color(), 235))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, _RADIUS, _RADIUS)
        painter.setPen(NO_PEN)
        for rect, color in self._boxes:
            is_error = color == "danger"
            other = {"danger": style.danger, "note": style.note_pen.color()}.get(color)
            painter.setBrush(other or style.family_style(color).color)
            box = self._to_minimap(rect)
            painter.drawRect(box)
            if is_error and box.height() >= _MIN_CROSS:  # not marked by color alone
                painter.setPen(style.on_status)
                painter.drawLine(box.topLeft(), box.bottomRight())
                painter.drawLine(box.bottomLeft(), box.topRight())
                painter.setPen(NO_PEN)
        painter.end()
        return pixmap

    def _scale(self) -> float:
        available = self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN
        width, height = max(self._graph_rect.width(), 1.0), max(self._graph_rect.height(), 1.0)
        return min(available[0] / width, available[1] / height, 0.12)

    def _to_minimap(self, rect: QRectF) -> QRectF:
        scale = self._scale()
        graph_center, center = self._graph_rect.center(), QRectF(self.rect()).center()
        return QRectF(
            center.x() + (rect.x() - graph_center.x()) * scale,
            center.y() + (rect.y() - graph_center.y()) * scale,
            max(rect.width() * scale, _MIN_SIZE),
            max(rect.height() * scale, _MIN_SIZE),
        )

    def _view_rect(self) -> QRectF:
        interior = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        view_rect = self._to_minimap(self._view)
        return view_rect & interior if view_rect.intersects(interior) else QRectF()

    def _request_center(self, event: QMouseEvent) -> None:
        offset = (event.position() - QRectF(self.rect()).center()) / self._scale()
        self.center_requested.emit(self._graph_rect.center() + offset)
        event.accept()

    def _on_theme_changed(self) -> None:
        self.pixmap = None
        self.update()
