"""The graphics item of a wire."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import PipeItem
from app.canvas.drawing.paint import NO_BRUSH, NO_PEN
from app.canvas.drawing.pens import CanvasStyle, canvas_style
from app.canvas.items.drag_wire import MARGIN, wire_path
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.item_revision import item_revision
from app.canvas.items.port_item import PortItem
from app.canvas.items.repaint_property import RepaintProperty
from app.canvas.items.wire_id import WireId
from app.canvas.items.wire_label import WireLabel, view_zoom
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme

_BELOW_NODES = -1
_HIT_WIDTH = 12.0  # width of the area that accepts the pointer, in logical pixels
_SELECTED = QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged
_SCENE_CHANGED = QGraphicsItem.GraphicsItemChange.ItemSceneHasChanged


class WireItem(PipeItem):
    """The item of a wire, in the color of its source node.

    `off` is true if one of the two connected nodes is bypassed. `is_node_selected` is true if one
    of these nodes is selected. `glow` is true if a dragged node would be inserted into the wire.
    `endpoints` are scene positions; `lines` are the straight lines between them, over the bends.
    `label` is shown while the wire is hovered. If the label would cover a node, a tool tip shows
    its text instead.
    """

    off = RepaintProperty(False)
    glow = RepaintProperty(False)
    is_node_selected = RepaintProperty(False)

    def __init__(self, theme: Theme) -> None:
        super(PipeItem, self).__init__()  # skip PipeItem.__init__, which creates an arrow item
        self.setZValue(_BELOW_NODES)
        self.setAcceptHoverEvents(True)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self._output_port: PortItem | None = None
        self._input_port: PortItem | None = None
        self._canvas_style: CanvasStyle = canvas_style(theme)
        self._points: tuple[tuple[float, float], ...] = ()
        self._anchors: tuple[FrameItem | None, FrameItem | None] = (None, None)
        self._bounds = QRectF()
        self._hit_shape: tuple[float, QPainterPath] | None = None
        self._label_item: WireLabel | None = None
        self._is_hovered = False
        self.endpoints = (QPointF(), QPointF())
        self.lines: list[QLineF] = []
        self.label = ""

    @property
    def source_port(self) -> PortItem:
        assert self._output_port is not None
        return self._output_port

    @property
    def target_port(self) -> PortItem:
        assert self._input_port is not None
        return self._input_port

    @property
    def wire_id(self) -> WireId:
        return self.target_port.wire_id

    @property
    def family(self) -> str:
        """The layer family of the source node, "" if the wire is not connected to ports."""
        return self._output_port.node.view_model.family if self._output_port is not None else ""

    @property
    def is_bendable(self) -> bool:
        """Whether the bends are used. A wire to or from a collapsed frame ignores its bends."""
        return self._anchors == (None, None)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """The bends of the wire, in scene coordinates."""
        return self._points

    def set_ports(self, source: PortItem, target: PortItem) -> None:
        if source is self._output_port and target is self._input_port:
            return
        self._disconnect()
        self._output_port, self._input_port = source, target
        source.add_pipe(self)
        target.add_pipe(self)
        self.follow_selection()
        self.update_path()

    def follow_selection(self) -> None:
        """Highlight the wire if one of its nodes is selected, else remove the highlight."""
        ports = (self._output_port, self._input_port)
        self.is_node_selected = any(port is not None and port.node.isSelected() for port in ports)

    def set_points(self, points: Sequence[tuple[float, float]]) -> None:
        """Set the bends of the wire, in scene coordinates."""
        if tuple(points) != self._points:
            self._points = tuple(points)
            self.update_path()

    def set_anchors(self, source: FrameItem | None, target: FrameItem | None) -> None:
        """Set the collapsed frames that the wire starts and ends at.

        If `source` is None, the wire starts at its output port. If `target` is None, the wire ends
        at its input port. A wire within one collapsed frame is hidden.
        """
        if source is not None or target is not None or self._anchors != (None, None):
            self._leave_frames()
            self._anchors = (source, target)
            for frame in self._anchors:
                if frame is not None:
                    frame.anchored_wires.add(self)
            self.setVisible(source is None or source is not target)
            self.update_path()

    def update_path(self) -> None:
        """Recompute the path from the end points and bends."""
        if self._output_port is None or self._input_port is None:
            return
        source_frame, target_frame = self._anchors
        first = source_frame.right_edge if source_frame else self._output_port.center
        last = target_frame.left_edge if target_frame else self._input_port.center
        self.endpoints = (first, last)
        inner = [QPointF(x, y) for x, y in self._points] if self.is_bendable else []
        points = [first, *inner, last]
        self.lines = [QLineF(a, b) for a, b in pairwise(points)]
        item_revision.increment()
        path = wire_path(points)
        self.prepareGeometryChange()
        self._hit_shape = None
        self._bounds = path.controlPointRect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        self.setPath(path)
        if self._label_item is not None:
            self._label_item.setPos(path.pointAtPercent(0.5))

    def delete(self) -> None:
        """Disconnect the wire and remove it from the scene."""
        self._disconnect()
        self._leave_frames()
        if self.scene() is not None:
            self.scene().removeItem(self)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        """Return the area that accepts the pointer: a stroke around the path."""
        hit_width = max(_HIT_WIDTH / view_zoom(self), _HIT_WIDTH)
        if self._hit_shape is None or self._hit_shape[0] != hit_width:
            stroker = QPainterPathStroker()
            stroker.setWidth(hit_width)
            stroker.setCurveThreshold(2.0)
            self._hit_shape = (hit_width, stroker.createStroke(self.path()))
        return self._hit_shape[1]

    def contains(self, point: QPointF) -> bool:
        return self.shape().contains(point)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        painter.setBrush(NO_BRUSH)
        if self.glow or self.isSelected():
            painter.setPen(self._canvas_style.halo_pen)
            painter.drawPath(self.path())
        painter.setPen(self._pen())
        painter.drawPath(self.path())
        if self._points and self.is_bendable:
            self._paint_points(painter)

    def hoverEnterEvent(self, event: Any) -> None:
        self._is_hovered = True
        if self.label and self.scene() is not None:
            self._label_item = WireLabel(self._canvas_style, self.label, self._is_free)
            self._label_item.setPos(self.path().pointAtPercent(0.5))
            self.scene().addItem(self._label_item)
            # Between nodes that are close together, a tool tip shows the label instead.
            self.setToolTip("" if self._label_item.has_space else plain_tooltip(self.label))
        self.update()

    def hoverLeaveEvent(self, event: Any) -> None:
        self._is_hovered = False
        self._remove_label()
        self.update()

    def itemChange(self, change: Any, value: Any) -> Any:
        item_revision.increment_on(change)
        if change == _SELECTED:
            self.update()
        elif change == _SCENE_CHANGED and value is None:
            self._remove_label()
        return value

    def _pen(self) -> QPen:
        style = self._canvas_style
        if self.glow or self.isSelected():
            return style.selected_wire_pen
        family_style = style.family_style(self.family, self.off)
        if self.off:
            return family_style.bypassed_wire_pen
        if self._is_hovered:
            return family_style.hovered_wire_pen
        return family_style.selected_wire_pen if self.is_node_selected else family_style.wire_pen

    def _is_free(self, rect: QRectF) -> bool:
        """Return whether a scene rectangle is outside the nodes or frames at both wire ends."""
        pairs = zip((self.source_port, self.target_port), self._anchors, strict=True)
        boxes = (
            frame.sceneBoundingRect() if frame else port.node.scene_rect for port, frame in pairs
        )
        return not any(box.intersects(rect) for box in boxes)

    def _paint_points(self, painter: QPainter) -> None:
        painter.setPen(NO_PEN)
        painter.setBrush(self._pen().color())
        for x, y in self._points:
            painter.drawEllipse(QPointF(x, y), 4, 4)

    def _disconnect(self) -> None:
        for port in (self._output_port, self._input_port):
            if port is not None:
                port.remove_pipe(self)
        self._output_port, self._input_port = None, None

    def _leave_frames(self) -> None:
        for frame in self._anchors:
            if frame is not None:
                frame.anchored_wires.discard(self)

    def _remove_label(self) -> None:
        label_item, self._label_item = self._label_item, None
        if label_item is not None and label_item.scene() is not None:
            label_item.scene().removeItem(label_item)
