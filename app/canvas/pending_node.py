"""`PendingNode`: the position and connection of a node that is about to be added."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF

from app.canvas.items.wire_id import WireId


@dataclass(frozen=True)
class PendingNode:
    """The position and connection of a node that is about to be added.

    Args:
        source: the output to connect to the input of the node.
        target: the input port to connect the output of the node to.
        wire: the wire to insert the node into.
    """

    position: QPointF
    source: str | None = None
    target: WireId | None = None
    wire: WireId | None = None
