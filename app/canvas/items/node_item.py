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
from app.canvas.items.level_of_detail import DetailLevel, ReducedNodeLayout, reduced_layout
from app.canvas.items.node_layout import NodeLayout, node_layout, node_size
from app.canvas.items.node_painter import paint_node
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.items.port_item import PortItem
from app.canvas.items.repaint_property import RepaintProperty
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme

_MARGIN = 16  # for the shadow, the badge and half of the ports, which exceed the box
_SENDS_MOVES = QGraphicsItem.GraphicsItemFlag.ItemSendsGeometryChanges
_MOVED = QGraphicsItem.GraphicsItemChange.ItemPositionHasChanged
_SELECTED = QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged
_Z_NORMAL, _Z_SELECTED = 1, 2  # dragged nodes, which are selected, are drawn above others
_NO_CACHE = QGraphicsItem.CacheMode.NoCache


class NodeItem(AbstractNodeItem):
    """The item of a node, as a NodeGraphQt node item.

    Args:
        theme: the source of its colors.
        view_model: its first view model.

    `scene_rect` is its box in the scene. `highlight` is "dim" while a dragged wire does not fit
    it; `is_drop_target` is true while it is the target of a drag.
    """

    node_size = staticmethod(node_size)
    highlight = RepaintProperty[Literal["", "dim"]]("")
    is_drop_target = RepaintProperty(False)

    def __init__(self, theme: Theme, view_model: NodeViewModel) -> None:
        super().__init__(view_model.name)
        self.style: CanvasStyle = canvas_style(theme)
        self.inputs: list[PortItem] = []
        self.outputs: list[PortItem] = []
        self.widgets: dict[str, Any] = {}
        self._view_model = view_model
        self._width_in_use: int | None = None
        self.setFlag(_SENDS_MOVES, True)
        self.setCacheMode(_NO_CACHE)
        self.setAcceptHoverEvents(True)  # else a wire below it would get the hover events
        self._set_model(view_model)
        self.inputs = self._update_ports(view_model.inputs, [], IN)
        self.outputs = self._update_ports(view_model.outputs, [], OUT)
        self._position_ports()

    @property
    def view_model(self) -> NodeViewModel:
        """Its view model."""
        return self._view_model

    @property
    def layout(self) -> NodeLayout:
        """Its full layout."""
        return self._layout

    def reduced_layout(self, level: DetailLevel) -> ReducedNodeLayout:
        """Return its reduced layout at a level of detail."""
        if level not in self._reduced_layouts:
            self._reduced_layouts[level] = reduced_layout(self._view_model, self._layout, level)
        return self._reduced_layouts[level]

    @property
    def family_style(self) -> FamilyStyle:
        """The pens and brushes of its layer family."""
        return self.style.family_style(self._view_model.family, self._view_model.off)

    @property
    def width(self) -> int:
        """The width of its layout; NodeGraphQt's width is ignored."""
        return self._layout.width

    @width.setter
    def width(self, width: float) -> None:
        """Ignore the width that NodeGraphQt sets from its own model."""

    @property
    def height(self) -> int:
        """The height of its layout; NodeGraphQt's height is ignored."""
        return self._layout.height

    @height.setter
    def height(self, height: float) -> None:
        """Ignore the height that NodeGraphQt sets from its own model."""

    def set_view_model(self, view_model: NodeViewModel) -> None:
        """Set the view model; ports whose slot is unchanged keep their wires."""
        previous = self._view_model
        if view_model is previous or view_model == previous:
            self._view_model = view_model
            return
        self._set_model(view_model)
        if view_model.inputs != previous.inputs:
            self.inputs = self._update_ports(view_model.inputs, self.inputs, IN)
        if view_model.outputs != previous.outputs:
            self.outputs = self._update_ports(view_model.outputs, self.outputs, OUT)
        self._position_ports()
        self.update()

    def port_at(self, port: str, index: int | None, side: str) -> PortItem | None:
        """Return the port item of a slot, None if there is none.

        Args:
            port: the port name.
            index: the wire index, None at a port for one wire.
            side: IN or OUT.
        """
        ports = self.inputs if side == IN else self.outputs
        key = (side, port, index)
        return next((port_item for port_item in ports if port_item.key == key), None)

    def draw_node(self) -> None:
        """Repaint; the ports are positioned by `set_view_model`."""
        self.update()

    def post_init(self, viewer: Any, pos: Sequence[float] | None = None) -> None:
        """Set the position after the item was added to the scene."""
        if pos is not None:
            self.xy_pos = list(pos)

    def redraw_wires(self) -> None:
        """Update the paths of all connected wires."""
        for port_item in (*self.inputs, *self.outputs):
            for wire in port_item.wires:
                wire.update_path()

    def highlight_pipes(self) -> None:
        """Highlight the wires of this node."""
        self._highlight_wires(True)

    def reset_pipes(self) -> None:
        """Remove the highlight from the wires of this node."""
        self._highlight_wires(False)

    def boundingRect(self) -> QRectF:
        """Return the painted area with its margin."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Return the box without shadow and badge."""
        path = QPainterPath()
        path.addRect(self._layout.box)
        return path

    def contains(self, point: QPointF) -> bool:
        """Return whether a point lies in the box."""
        return self._layout.box.contains(point)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint the node."""
        painter.setRenderHint(SMOOTH, True)
        paint_node(painter, self)

    def itemChange(self, change: Any, value: Any) -> Any:
        """Update wires and stacking order after a move or a selection change."""
        if change == _MOVED:
            self._update_scene_rect()
            self.redraw_wires()
        elif change == _SELECTED:
            self.setZValue(_Z_SELECTED if value else _Z_NORMAL)
            for port_item in (*self.inputs, *self.outputs):
                for wire in port_item.wires:
                    wire.follow_selection()
            self.update()
        return super().itemChange(change, value)

    def _set_model(self, view_model: NodeViewModel) -> None:
        self._view_model = view_model
        self._properties.update(
            id=view_model.name, name=view_model.name, type_=view_model.kind, disabled=view_model.off
        )
        self._layout = node_layout(view_model, self._width_in_use if view_model.off else None)
        self._reduced_layouts: dict[DetailLevel, ReducedNodeLayout] = {}
        if not view_model.off:
            self._width_in_use = self._layout.width
        self.prepareGeometryChange()
        self._bounds = self._layout.box.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        self._update_scene_rect()
        if view_model.tooltip or self.toolTip():
            self.setToolTip(plain_tooltip(view_model.tooltip))

    def _update_scene_rect(self) -> None:
        self.scene_rect = self._layout.box.translated(self.pos())

    def _update_ports(
        self, slots: Sequence[PortSlot], previous: list[PortItem], side: str
    ) -> list[PortItem]:
        kept_ports = {port_item.key: port_item for port_item in previous}
        ports = []
        for slot in slots:
            port_item = kept_ports.pop((side, slot.port, slot.index), None)
            if port_item is None:
                port_item = PortItem(self, slot, side)
            elif port_item.slot is not slot:
                port_item.slot = slot
            ports.append(port_item)
        for port_item in kept_ports.values():
            self._remove_port(port_item)
        return ports

    def _remove_port(self, port_item: PortItem) -> None:
        for wire in list(port_item.wires):
            wire.delete()
        port_item.setParentItem(None)
        if port_item.scene() is not None:
            port_item.scene().removeItem(port_item)

    def _position_ports(self) -> None:
        layout, chips = self._layout, self._view_model.output_shapes
        for port_item, center in zip(self.inputs, layout.inputs, strict=True):
            port_item.move_center_to(center)
        for row, (port_item, center) in enumerate(zip(self.outputs, layout.outputs, strict=True)):
            port_item.move_center_to(center)
            port_item.set_shape(chips[row] if row < len(chips) else "")
        self.redraw_wires()

    def _highlight_wires(self, is_highlighted: bool) -> None:
        for port_item in (*self.inputs, *self.outputs):
            for wire in port_item.wires:
                wire.is_node_selected = is_highlighted
