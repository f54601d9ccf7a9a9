"""A node in the scene: it shows a face, holds the places for wires, paints all but lit ports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.nodegraphqt import IN, OUT, AbstractNodeItem
from app.canvas.drawing.paint import SMOOTH
from app.canvas.drawing.pens import Look, Tint, look_of
from app.canvas.items.level_of_detail import Afar, Level, afar_of
from app.canvas.items.node_layout import Card, card_of, size_of
from app.canvas.items.node_painter import paint_node
from app.canvas.items.node_view import Face, Slot
from app.canvas.items.port_item import Place
from app.canvas.items.repaint_property import Shown
from app.text.phrases import plain_tip
from app.theme.theme import Theme

_MARGIN = 16  # shadow, badge and half a port lie outside the card
_TELLS_MOVES = QGraphicsItem.GraphicsItemFlag.ItemSendsGeometryChanges
_MOVED = QGraphicsItem.GraphicsItemChange.ItemPositionHasChanged
_SELECTED = QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged
_REST, _CHOSEN = 1, 2  # what is dragged lies above what it is dragged over
_NO_CACHE = QGraphicsItem.CacheMode.NoCache


class NodeItem(AbstractNodeItem):
    """A node of the graph, as NodeGraphQt's node.

    Args:
        theme: its colours.
        face: what it shows at first.

    `spot` is where its card lies in the scene. `light` is "dim" while a wire is dragged that does
    not fit it, `drop_target` says that what is dragged would be dropped on it.
    """

    size_of = staticmethod(size_of)
    light = Shown[Literal["", "dim"]]("")
    drop_target = Shown(False)

    def __init__(self, theme: Theme, face: Face) -> None:
        super().__init__(face.name)
        self.look: Look = look_of(theme)
        self.inputs: list[Place] = []
        self.outputs: list[Place] = []
        self.widgets: dict[str, Any] = {}
        self._face = face
        self._used_width: int | None = None
        self.setFlag(_TELLS_MOVES, True)
        self.setCacheMode(_NO_CACHE)
        self.setAcceptHoverEvents(True)  # else a wire below it is told of the pointer
        self._take(face)
        self.inputs = self._places(face.inputs, [], IN)
        self.outputs = self._places(face.outputs, [], OUT)
        self._settle()

    @property
    def face(self) -> Face:
        """What it shows."""
        return self._face

    @property
    def card(self) -> Card:
        """Where the parts of the face stand."""
        return self._card

    def afar(self, level: Level) -> Afar:
        """Return where they stand at a smaller zoom."""
        if level not in self._afar:
            self._afar[level] = afar_of(self._face, self._card, level)
        return self._afar[level]

    @property
    def tint(self) -> Tint:
        """The colours of its family."""
        return self.look.tint(self._face.family, self._face.off)

    @property
    def width(self) -> int:
        """How wide the face is; what NodeGraphQt would have it be is passed over."""
        return self._card.width

    @width.setter
    def width(self, width: float) -> None:
        """Pass over: NodeGraphQt pushes a width of its own model."""

    @property
    def height(self) -> int:
        """How high the face is."""
        return self._card.height

    @height.setter
    def height(self, height: float) -> None:
        """Pass over: NodeGraphQt pushes a height of its own model."""

    def show(self, face: Face) -> None:
        """Show another face; places whose slot stays keep their wires."""
        old = self._face
        if face is old or face == old:
            self._face = face
            return
        self._take(face)
        if face.inputs != old.inputs:
            self.inputs = self._places(face.inputs, self.inputs, IN)
        if face.outputs != old.outputs:
            self.outputs = self._places(face.outputs, self.outputs, OUT)
        self._settle()
        self.update()

    def place_at(self, port: str, place: int | None, side: str) -> Place | None:
        """Return where a wire of a port ends, None if there is no such place."""
        places = self.inputs if side == IN else self.outputs
        key = (side, port, place)
        return next((found for found in places if found.key == key), None)

    def draw_node(self) -> None:
        """Repaint; the places are where they should be."""
        self.update()

    def post_init(self, viewer: Any, pos: Sequence[float] | None = None) -> None:
        """Take a place in the scene."""
        if pos is not None:
            self.xy_pos = list(pos)

    def redraw_wires(self) -> None:
        """Let the wires follow."""
        for place in (*self.inputs, *self.outputs):
            for wire in place.connected_pipes:
                wire.redraw()

    def highlight_pipes(self) -> None:
        """Make the wires at this node stand out."""
        self._mark_wires(True)

    def reset_pipes(self) -> None:
        """Make the wires at this node ordinary again."""
        self._mark_wires(False)

    def boundingRect(self) -> QRectF:
        """Return all that may be painted."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Return what the pointer finds."""
        path = QPainterPath()
        path.addRect(self._card.box)
        return path

    def contains(self, point: QPointF) -> bool:
        """Return whether the pointer finds it there."""
        return self._card.box.contains(point)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it."""
        painter.setRenderHint(SMOOTH, True)
        paint_node(painter, self)

    def itemChange(self, change: Any, value: Any) -> Any:
        """Follow what Qt changes."""
        if change == _MOVED:
            self._spot()
            self.redraw_wires()
        elif change == _SELECTED:
            self.setZValue(_CHOSEN if value else _REST)
            for place in (*self.inputs, *self.outputs):
                for wire in place.connected_pipes:
                    wire.follow_selection()
            self.update()
        return super().itemChange(change, value)

    def _take(self, face: Face) -> None:
        self._face = face
        self._properties.update(id=face.name, name=face.name, type_=face.kind, disabled=face.off)
        self._card = card_of(face, self._used_width if face.off else None)
        self._afar: dict[Level, Afar] = {}
        if not face.off:
            self._used_width = self._card.width
        self.prepareGeometryChange()
        self._bounds = self._card.box.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        self._spot()
        if face.tooltip or self.toolTip():
            self.setToolTip(plain_tip(face.tooltip))

    def _spot(self) -> None:
        self.spot = self._card.box.translated(self.pos())

    def _places(self, slots: Sequence[Slot], old: list[Place], side: str) -> list[Place]:
        kept = {place.key: place for place in old}
        places = []
        for slot in slots:
            place = kept.pop((side, slot.port, slot.place), None)
            if place is None:
                place = Place(self, slot, side)
            elif place.slot is not slot:
                place.slot = slot
            places.append(place)
        for place in kept.values():
            self._drop(place)
        return places

    def _drop(self, place: Place) -> None:
        for wire in list(place.connected_pipes):
            wire.delete()
        place.setParentItem(None)
        if place.scene() is not None:
            place.scene().removeItem(place)

    def _settle(self) -> None:
        card, chips = self._card, self._face.output_shapes
        for place, at in zip(self.inputs, card.inputs, strict=True):
            place.stand_at(at)
        for row, (place, at) in enumerate(zip(self.outputs, card.outputs, strict=True)):
            place.stand_at(at)
            place.set_tip(chips[row] if row < len(chips) else "")
        self.redraw_wires()

    def _mark_wires(self, touched: bool) -> None:
        for place in (*self.inputs, *self.outputs):
            for wire in place.connected_pipes:
                wire.touched = touched
