"""The wire that a dragged node would be inserted into."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from app.canvas import edits
from app.canvas.context import CanvasContext
from app.canvas.items.wire_id import WireId


class InsertionTarget:
    """The wire that a dragged node would be inserted into; it is highlighted during the drag."""

    def __init__(self, context: CanvasContext) -> None:
        self._context = context
        self._wire: WireId | None = None

    @property
    def wire(self) -> WireId | None:
        """The wire into which the dragged node would be inserted, None if there is none."""
        return self._wire

    @wire.setter
    def wire(self, wire: WireId | None) -> None:
        if wire != self._wire:
            self._set_glow(False)
            self._wire = wire
            self._set_glow(True)

    def _set_glow(self, is_on: bool) -> None:
        wires = self._context.scene_sync.wires
        if self._wire is not None and self._wire in wires:
            wires[self._wire].glow = is_on


def insertable_wire_at(context: CanvasContext, position: QPoint, name: str | None) -> WireId | None:
    """Return the wire at a viewport position if a node can be inserted into it, otherwise None.

    `name` is the name of the node, None for a new node, which can be inserted into every wire.
    """
    item = context.wire_at(position)
    wire = None if item is None else item.wire_id
    if wire is None or name is None:
        return wire
    return wire if edits.can_insert_into_wire(context.session.project, name, wire) else None
