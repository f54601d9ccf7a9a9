"""What part of the scene a view shows, and how large: zoom, panning, fitting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QNativeGestureEvent, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QGraphicsView

from app.canvas.drawing.nodegraphqt import NodeViewer
from app.canvas.items.level_of_detail import STEPS

if TYPE_CHECKING:
    from app.canvas.scene_sync import Picture

LEAST_ZOOM, MOST_ZOOM = 0.05, 3.0
_HALF = 1_100_000.0  # a little more than places may be away
_FIT_MARGINS = (60, 28)
_WITHOUT_ANCHOR = QGraphicsView.ViewportAnchor.NoAnchor


class Zooming(NodeViewer):
    """A view that can be zoomed within limits, and panned without repainting everything.

    Why: NodeViewer pans by fitting a moving scene rectangle, which repaints everything, and zooms
    without limits.

    Signals:
        view_changed: another part of the scene is in sight.
    """

    view_changed = Signal()

    def __init__(self) -> None:
        super().__init__(undo_stack=None)
        self.picture: Picture | None = None
        self.fitted = False  # everything was brought into sight, and nobody has moved since
        self.setTransformationAnchor(_WITHOUT_ANCHOR)
        self.setResizeAnchor(_WITHOUT_ANCHOR)
        self.setSceneRect(-_HALF, -_HALF, 2 * _HALF, 2 * _HALF)
        self.resetTransform()
        self.centerOn(0, 0)
        self.horizontalScrollBar().valueChanged.connect(self._on_scrolled)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def _update_scene(self) -> None:
        """Leave the scene rectangle alone: it is large and stays."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep everything in sight, if it was brought there; else the middle in the middle.

        Why: Qt sends this late, at the first show, to a canvas that has been laid out before.
        """
        old = event.oldSize()
        middle = self.mapToScene(old.width() // 2, old.height() // 2) if old.isValid() else None
        QGraphicsView.resizeEvent(self, event)
        if self.fitted and self.picture is not None:
            self.fit(self.picture.rect_of())
            self.fitted = True
        elif middle is not None:
            self.centerOn(middle)
        self.view_changed.emit()

    @property
    def zoom(self) -> float:
        """How large a scene unit is on the screen, in logical pixels."""
        return float(self.transform().m11())

    @property
    def in_sight(self) -> QRectF:
        """The part of the scene that is seen."""
        return QRectF(self.mapToScene(self.viewport().rect()).boundingRect())

    def set_zoom_at(self, zoom: float, at: QPoint | None = None) -> None:
        """Zoom, within limits, so that what is at a place of the viewport stays there."""
        at = at if at is not None else self.viewport().rect().center()
        under = self.mapToScene(at)
        zoom = min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.fitted = False
        self.pan_by(self.mapFromScene(under) - at)
        self.view_changed.emit()

    def pan_by(self, delta: QPoint) -> None:
        """Move the view by logical pixels."""
        self.fitted = False
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + delta.x())
        down.setValue(down.value() + delta.y())

    def fit(self, rect: QRectF, most: float = 1.0, around: QRectF | None = None) -> None:
        """Show all of a part of the scene, no larger than `most`.

        Args:
            rect: the part, around which some space is left; less where more is legible so.
            most: the zoom at most.
            around: what lies around it and is shown too.
        """
        if rect.isEmpty():
            return
        roomy, tight = (
            rect.adjusted(-margin, -margin, margin, margin) | (around or rect)
            for margin in _FIT_MARGINS
        )
        zoom, most = self._zoom_for(roomy, most), self._zoom_for(tight, most)
        legible = max((step for step in STEPS if zoom < step <= most), default=None)
        zoom = min(max(legible or zoom, LEAST_ZOOM), MOST_ZOOM)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn((tight if legible else roomy).center())
        self.fitted = False
        self.view_changed.emit()

    def _zoom_for(self, rect: QRectF, most: float) -> float:
        size = self.viewport().size()
        return float(min(size.width() / rect.width(), size.height() / rect.height(), most))

    def _on_scrolled(self) -> None:
        self.view_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; a trackpad pans, and zooms with Ctrl; Shift pans sideways."""
        modifiers, pixels, angle = event.modifiers(), event.pixelDelta(), event.angleDelta()
        controlled = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        on_trackpad = event.phase() != Qt.ScrollPhase.NoScrollPhase and not pixels.isNull()
        if on_trackpad and not controlled:
            self.pan_by(-pixels)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.pan_by(-QPoint(angle.y() or angle.x(), 0))
        else:
            turned = angle.y() or angle.x()
            self.set_zoom_at(self.zoom * 1.0015**turned, event.position().toPoint())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom by pinching."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.set_zoom_at(self.zoom * (1 + event.value()), event.position().toPoint())
            return True
        return bool(QGraphicsView.viewportEvent(self, event))
