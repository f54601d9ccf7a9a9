"""The graphics item of a node. It paints its ports too, except highlighted ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import IN, OUT, AbstractNodeItem
from app.canvas.drawing.paint import SMOOTH
from app.canvas.drawing.pens import CanvasStyle, FamilyStyle, canvas_style
from app.canvas.items.item_revision import item_revision
from app.canvas.items.level_of_detail import DetailLevel, ReducedNodeLayout, reduced_layout
from app.canvas.items.node_layout import NodeLayout
from app.canvas.items.node_painter import paint_node
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.items.port_item import ConnectedWire, PortItem
from app.canvas.items.repaint_property import RepaintProperty
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme

_MARGIN = 16  # space around the box for the shadow, the badge and the outer half of the ports
_SENDS_MOVES = QGraphicsItem.GraphicsItemFlag.ItemSendsGeometryChanges
_MOVED = QGraphicsItem.GraphicsItemChange.ItemPositionHasChanged
_SELECTED = QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged
_Z_NORMAL, _Z_SELECTED = 1, 2  # dragged nodes, which are selected, are drawn above others
_NO_CACHE = QGraphicsItem.CacheMode.NoCache


class NodeItem(AbstractNodeItem):
    """The graphics item that draws a node on the canvas.

    `scene_rect` is the box of the node in scene coordinates. `highlight` is "dim" while the user
    drags a wire or data columns that don't fit the node. `is_drop_target` is true while the user
    drags fitting data columns over the node. `is_current` is true if several nodes are selected,
    and the arrow keys start from this one.
    """

    highlight = RepaintProperty[Literal["", "dim"]]("")
    is_drop_target = RepaintProperty(False)
    is_current = RepaintProperty(False)

    def __init__(self, theme: Theme, view_model: NodeViewModel) -> None:
        super().__init__(view_model.name)
        self.style: CanvasStyle = canvas_style(theme)
        self.inputs: list[PortItem] = []
        self.outputs: list[PortItem] = []
        self.view_model = view_model
        self._width_in_use: int | None = None
        self._bounds = QRectF()
        self.setFlag(_SENDS_MOVES, True)
        self.setCacheMode(_NO_CACHE)
        self.setAcceptHoverEvents(True)  # else a wire below the node would get the hover events
        self._set_model(view_model)
        self.setToolTip(plain_tooltip(view_model.tooltip))
        self.inputs = self._update_ports(view_model.inputs, [], IN)
        self.outputs = self._update_ports(view_model.outputs, [], OUT)
        self._position_ports()

    def reduced_layout(self, level: DetailLevel) -> ReducedNodeLayout:
        if level not in self._reduced_layouts:
            self._reduced_layouts[level] = reduced_layout(self.view_model, self.layout, level)
        return self._reduced_layouts[level]

    @property
    def family_style(self) -> FamilyStyle:
        return self.style.family_style(self.view_model.family, self.view_model.off)

    @property
    def width(self) -> int:
        """The width of the node layout; NodeGraphQt's own width is ignored."""
        return self.layout.width

    @property
    def height(self) -> int:
        """The height of the node layout; NodeGraphQt's own height is ignored."""
        return self.layout.height

    @property
    def _wires(self) -> list[ConnectedWire]:
        return [wire for port in (*self.inputs, *self.outputs) for wire in port.wires]

    def set_view_model(self, view_model: NodeViewModel) -> None:
        """Set the view model and update the ports; ports that still exist keep their wires."""
        previous = self.view_model
        if view_model is previous or view_model == previous:
            self.view_model = view_model
            return
        self._set_model(view_model)
        if view_model.tooltip != previous.tooltip:
            self.setToolTip(plain_tooltip(view_model.tooltip))
        if view_model.inputs != previous.inputs:
            self.inputs = self._update_ports(view_model.inputs, self.inputs, IN)
        if view_model.outputs != previous.outputs:
            self.outputs = self._update_ports(view_model.outputs, self.outputs, OUT)
        self._position_ports()
        self.update()

    def port_at(self, port: str, index: int | None, side: str) -> PortItem | None:
        """Return the port item with this port name and index, None if there is none.

        `side` is IN for an input and OUT for an output.
        """
        ports = self.inputs if side == IN else self.outputs
        key = (side, port, index)
        return next((item for item in ports if item.key == key), None)

    def redraw_wires(self) -> None:
        for wire in self._wires:
            wire.update_path()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        """Return the node's rectangle without shadow and badge, for hit tests and selection."""
        path = QPainterPath()
        path.addRect(self.layout.box)
        return path

    def contains(self, point: QPointF) -> bool:
        return self.layout.box.contains(point)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        painter.setRenderHint(SMOOTH, True)
        paint_node(painter, self)

    def itemChange(self, change: Any, value: Any) -> Any:
        item_revision.increment_on(change)
        if change == _MOVED:
            self._update_scene_rect()
            self.redraw_wires()
        elif change == _SELECTED:
            self.setZValue(_Z_SELECTED if value else _Z_NORMAL)
            for wire in self._wires:
                wire.follow_selection()
            self.update()
        return super().itemChange(change, value)

    def _set_model(self, view_model: NodeViewModel) -> None:
        self.view_model = view_model
        self._properties.update(
            id=view_model.name, name=view_model.name, type_=view_model.kind, disabled=view_model.off
        )
        self.layout = NodeLayout(view_model, self._width_in_use if view_model.off else None)
        self._reduced_layouts: dict[DetailLevel, ReducedNodeLayout] = {}
        if not view_model.off:
            self._width_in_use = self.layout.width
        bounds = self.layout.box.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        self._update_scene_rect()

    def _update_scene_rect(self) -> None:
        self.scene_rect = self.layout.box.translated(self.pos())
        item_revision.increment()

    def _update_ports(
        self, slots: Sequence[PortSlot], previous: list[PortItem], side: str
    ) -> list[PortItem]:
        previous_ports = {port_item.key: port_item for port_item in previous}
        ports = []
        for slot in slots:
            port_item = previous_ports.pop((side, slot.port, slot.index), None)
            if port_item is None:
                port_item = PortItem(self, slot, side)
            port_item.slot = slot
            ports.append(port_item)
        for port_item in previous_ports.values():
            for wire in list(port_item.wires):
                wire.delete()
            port_item.setParentItem(None)
            if port_item.scene() is not None:
                port_item.scene().removeItem(port_item)
        return ports

    def _position_ports(self) -> None:
        layout, chips = self.layout, self.view_model.output_shapes
        for port_item, center in zip(self.inputs, layout.inputs, strict=True):
            port_item.move_center_to(center)
        for row, (port_item, center) in enumerate(zip(self.outputs, layout.outputs, strict=True)):
            port_item.move_center_to(center)
            port_item.shape_text = chips[row] if row < len(chips) else ""
