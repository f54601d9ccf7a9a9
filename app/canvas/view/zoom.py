"""Zoom, panning and fitting of the canvas view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QGraphicsView

from app.canvas.drawing.nodegraphqt import NodeViewer
from app.canvas.items.level_of_detail import DETAIL_ZOOMS
from app.canvas.view.protocols import SceneItems

MIN_ZOOM, MAX_ZOOM = 0.05, 3.0  # a graph that does not fit at MIN_ZOOM may be shown smaller
_HALF = 1_100_000.0  # half the side of the scene; node positions are limited to a little less
_FIT_MARGINS = (60, 28)
_WITHOUT_ANCHOR = QGraphicsView.ViewportAnchor.NoAnchor


class ZoomableViewer(NodeViewer):
    """A view with zoom limits, and with panning that does not repaint everything.

    Why: NodeViewer pans by changing the scene rectangle, and has no zoom limits.

    The canvas sets `scene_items` (the items of the graph) and `is_fitted`. `is_fitted` is true
    from fitting the whole graph until the view is moved.

    Signals:
        view_changed: the visible part of the scene changed.
    """

    view_changed = Signal()

    def __init__(self) -> None:
        super().__init__(undo_stack=None)
        self.scene_items: SceneItems | None = None
        self.is_fitted = False
        self.setTransformationAnchor(_WITHOUT_ANCHOR)
        self.setResizeAnchor(_WITHOUT_ANCHOR)
        self.setSceneRect(-_HALF, -_HALF, 2 * _HALF, 2 * _HALF)
        self.resetTransform()
        self.centerOn(0, 0)
        self.horizontalScrollBar().valueChanged.connect(self.view_changed)
        self.verticalScrollBar().valueChanged.connect(self.view_changed)

    def _update_scene(self) -> None:
        """Keep the scene rectangle, which NodeViewer would change here."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the graph again if it was fitted, else keep the center of the view.

        Why: a graph may be fitted before the first show, when Qt sends the first resize event.
        """
        old = event.oldSize()
        center = self.mapToScene(old.width() // 2, old.height() // 2) if old.isValid() else None
        QGraphicsView.resizeEvent(self, event)
        if self.is_fitted and self.scene_items is not None:
            self.fit(self.scene_items.nodes_rect())
            self.is_fitted = True
        elif center is not None:
            self.centerOn(center)
        self.view_changed.emit()

    @property
    def zoom(self) -> float:
        """Logical pixels per scene unit."""
        return float(self.transform().m11())

    @property
    def visible_rect(self) -> QRectF:
        return QRectF(self.mapToScene(self.viewport().rect()).boundingRect())

    def set_zoom_at(self, zoom: float, position: QPoint | None = None) -> None:
        """Set the zoom within limits, and keep the part of the scene at `position` where it is.

        `position` is a viewport position, by default the center of the viewport.
        """
        position = position if position is not None else self.viewport().rect().center()
        anchor = self.mapToScene(position)
        zoom = min(max(zoom, self._min_zoom(zoom)), MAX_ZOOM)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.is_fitted = False
        self.pan_by(self.mapFromScene(anchor) - position)
        self.view_changed.emit()

    def pan_by(self, delta: QPoint) -> None:
        """Scroll by `delta` logical pixels; if positive, the visible area moves right and down."""
        self.is_fitted = False
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(horizontal.value() + delta.x())
        vertical.setValue(vertical.value() + delta.y())

    def fit(self, rect: QRectF, max_zoom: float = 1.0, context_rect: QRectF | None = None) -> None:
        """Zoom and scroll so that a scene rectangle fits into the view with a wide margin.

        If a narrow margin allows a zoom at which nodes show more detail, the margin is narrow.

        Args:
            rect: the rectangle to show with a margin.
            max_zoom: the maximum zoom.
            context_rect: a larger rectangle that must be visible too, but without a margin.
        """
        if rect.isEmpty():
            return
        wide_rect, narrow_rect = (
            rect.adjusted(-margin, -margin, margin, margin) | (context_rect or rect)
            for margin in _FIT_MARGINS
        )
        zoom, max_zoom = self._zoom_for(wide_rect, max_zoom), self._zoom_for(narrow_rect, max_zoom)
        legible_zoom = max((step for step in DETAIL_ZOOMS if zoom < step <= max_zoom), default=None)
        zoom = min(legible_zoom or zoom, MAX_ZOOM)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn((narrow_rect if legible_zoom else wide_rect).center())
        self.is_fitted = False
        self.view_changed.emit()

    def _min_zoom(self, zoom: float) -> float:
        """Return the lower limit of a requested zoom, at which the whole graph is visible."""
        if zoom >= MIN_ZOOM or self.scene_items is None:
            return MIN_ZOOM
        rect, margin = self.scene_items.nodes_rect(), _FIT_MARGINS[0]
        return self._zoom_for(rect.adjusted(-margin, -margin, margin, margin), MIN_ZOOM)

    def _zoom_for(self, rect: QRectF, max_zoom: float) -> float:
        size = self.viewport().size()
        return float(min(size.width() / rect.width(), size.height() / rect.height(), max_zoom))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer. A trackpad pans unless Ctrl is held; Shift pans horizontally."""
        modifiers, pixels, angle = event.modifiers(), event.pixelDelta(), event.angleDelta()
        controlled = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        on_trackpad = event.phase() != Qt.ScrollPhase.NoScrollPhase and not pixels.isNull()
        if on_trackpad and not controlled:
            self.pan_by(-pixels)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.pan_by(-QPoint(angle.y() or angle.x(), 0))
        else:
            angle_delta = angle.y() or angle.x()
            self.set_zoom_at(self.zoom * 1.0015**angle_delta, event.position().toPoint())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom if the event is a pinch gesture."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.set_zoom_at(self.zoom * (1 + event.value()), event.position().toPoint())
            return True
        return bool(QGraphicsView.viewportEvent(self, event))
