"""A wire from an output to an input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.paint import NO_BRUSH, NO_PEN
from app.canvas.drawing.pens import Look, look_of
from app.canvas.items.drag_wire import MARGIN, Line, LiveWire
from app.canvas.items.port_item import Place
from app.canvas.items.repaint_property import Shown
from app.canvas.items.wire_label import Tag
from app.canvas.items.wire_path import through
from app.text.phrases import plain_tip
from app.theme.theme import Theme

__all__ = ["LiveWire", "WireItem"]

_REACH = 12.0  # how wide, on the screen, a wire is for the pointer
_SELECTED = QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged
_LEFT = QGraphicsItem.GraphicsItemChange.ItemSceneHasChanged


class WireItem(Line):
    """A wire of the graph, in the colour of the node that it comes from.

    Args:
        theme: its colours.

    `off` says that a node at its ends is bypassed, `touched` that one is selected, `glow` that the
    node being dragged would be put into it. `ends` are in the scene, `chord` runs straight between.
    `label` is told on hover, on the wire where that covers no neighbour.
    """

    off = Shown(False)
    glow = Shown(False)
    touched = Shown(False)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._output_port: Place | None = None
        self._input_port: Place | None = None
        self._look: Look = look_of(theme)
        self._points: tuple[tuple[float, float], ...] = ()
        self._anchors: tuple[Any, Any] = (None, None)
        self._bounds = QRectF()
        self._hit: tuple[float, QPainterPath] | None = None
        self._tag: Tag | None = None
        self._over = False
        self.ends = (QPointF(), QPointF())
        self.chord = QLineF()
        self.label = ""

    @property
    def start(self) -> Place:
        """The output that it comes from."""
        assert self._output_port is not None
        return self._output_port

    @property
    def stop(self) -> Place:
        """The input that it goes to."""
        assert self._input_port is not None
        return self._input_port

    @property
    def family(self) -> str:
        """Of the node that it comes from."""
        return str(self._output_port.node.face.family) if self._output_port is not None else ""

    @property
    def bendable(self) -> bool:
        """Whether it is led through its points; at a collapsed frame it is not."""
        return self._anchors == (None, None)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Where it is led through, in the scene."""
        return self._points

    def touches(self, node: Any) -> bool:
        """Return whether it begins or ends at a node."""
        ends = (self._output_port, self._input_port)
        return any(place is not None and place.node is node for place in ends)

    def set_ends(self, start: Place, stop: Place) -> None:
        """Lead it from an output to an input."""
        if start is self._output_port and stop is self._input_port:
            return
        self._let_go()
        self._output_port, self._input_port = start, stop
        start.add_pipe(self)
        stop.add_pipe(self)
        self.follow_selection()
        self.redraw()

    def follow_selection(self) -> None:
        """Stand out while a node at one of its ends is selected."""
        ends = (self._output_port, self._input_port)
        self.touched = any(place is not None and place.node.isSelected() for place in ends)

    def set_points(self, points: Sequence[tuple[float, float]]) -> None:
        """Lead it through these points of the scene."""
        if tuple(points) != self._points:
            self._points = tuple(points)
            self.redraw()

    def anchor(self, start: Any, stop: Any) -> None:
        """Let it begin or end at a collapsed frame, None where the node itself is seen."""
        if start is not None or stop is not None or self._anchors != (None, None):
            self._leave_frames()
            self._anchors = (start, stop)
            for frame in self._anchors:
                if frame is not None:
                    frame.anchored.add(self)
            self.setVisible(start is None or start is not stop)
            self.redraw()

    def redraw(self) -> None:
        """Follow the ends."""
        if self._output_port is None or self._input_port is None:
            return
        before, after = self._anchors
        first = before.right_edge if before else self._output_port.centre
        last = after.left_edge if after else self._input_port.centre
        self.ends = (first, last)
        self.chord = QLineF(first, last)
        inner = [QPointF(x, y) for x, y in self._points] if self.bendable else []
        path = through([first, *inner, last])
        self.prepareGeometryChange()
        self._hit = None
        self._bounds = path.controlPointRect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        self.setPath(path)
        if self._tag is not None:
            self._tag.setPos(path.pointAtPercent(0.5))

    def draw_path(self, start_port: Any, end_port: Any = None, cursor_pos: Any = None) -> None:
        """Follow the ends, as NodeGraphQt asks."""
        self.redraw()

    def delete(self) -> None:
        """Leave the ports and the scene."""
        self._let_go()
        self._leave_frames()
        if self.scene() is not None:
            self.scene().removeItem(self)

    def boundingRect(self) -> QRectF:
        """Return all that may be painted."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Return what the pointer finds."""
        reach = max(_REACH / self._zoom(), _REACH)
        if self._hit is None or self._hit[0] != reach:
            stroker = QPainterPathStroker()
            stroker.setWidth(reach)
            stroker.setCurveThreshold(2.0)
            self._hit = (reach, stroker.createStroke(self.path()))
        return self._hit[1]

    def contains(self, point: QPointF) -> bool:
        """Return whether the pointer finds it there."""
        return self.shape().contains(point)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it."""
        painter.setBrush(NO_BRUSH)
        if self.glow or self.isSelected():
            painter.setPen(self._look.halo)
            painter.drawPath(self.path())
        painter.setPen(self._pen())
        painter.drawPath(self.path())
        if self._points and self.bendable:
            self._paint_points(painter)

    def hoverEnterEvent(self, event: Any) -> None:
        """Stand out."""
        self._over = True
        if self.label and self.scene() is not None:
            self._tag = Tag(self._look, self.label, self._is_free)
            self._tag.setPos(self.path().pointAtPercent(0.5))
            self.scene().addItem(self._tag)
            # Between nodes that stand close, a tool tip tells it, beside the pointer.
            self.setToolTip("" if self._tag.fits else plain_tip(self.label))
        self.update()

    def hoverLeaveEvent(self, event: Any) -> None:
        """Be as before."""
        self._over = False
        self._drop_tag()
        self.update()

    def itemChange(self, change: Any, value: Any) -> Any:
        """Follow what Qt changes."""
        if change == _SELECTED:
            self.update()
        elif change == _LEFT and value is None:
            self._drop_tag()
        return value

    def _pen(self) -> QPen:
        look = self._look
        if self.glow or self.isSelected():
            return look.chosen_wire
        tint = look.tint(self.family, self.off)
        if self.off:
            return tint.dashed
        if self._over:
            return tint.thick
        return tint.bright if self.touched else tint.wire

    def _is_free(self, rect: QRectF) -> bool:
        """Return whether a rectangle of the scene lies on none of what it leads from and to."""
        ends = zip((self.start, self.stop), self._anchors, strict=True)
        boxes = (frame.sceneBoundingRect() if frame else place.node.spot for place, frame in ends)
        return not any(box.intersects(rect) for box in boxes)

    def _paint_points(self, painter: QPainter) -> None:
        painter.setPen(NO_PEN)
        painter.setBrush(self._pen().color())
        for x, y in self._points:
            painter.drawEllipse(QPointF(x, y), 4, 4)

    def _zoom(self) -> float:
        views = self.scene().views() if self.scene() is not None else []
        return float(views[0].transform().m11()) if views else 1.0

    def _let_go(self) -> None:
        for place in (self._output_port, self._input_port):
            if place is not None:
                place.remove_pipe(self)
        self._output_port, self._input_port = None, None

    def _leave_frames(self) -> None:
        for frame in self._anchors:
            if frame is not None:
                frame.anchored.discard(self)

    def _drop_tag(self) -> None:
        tag, self._tag = self._tag, None
        if tag is not None and tag.scene() is not None:
            tag.scene().removeItem(tag)
