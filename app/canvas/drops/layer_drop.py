"""The drop of a layer type from the palette onto the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint

from app.canvas import edits
from app.canvas.context import CanvasContext
from app.canvas.gestures.gesture import Modifiers
from app.canvas.gestures.insertion_target import InsertionTarget, insertable_wire_at
from app.canvas.items.wire_id import WireId
from app.canvas.pending_node import PendingNode
from app.documents.connection_check import CONNECT_ANYWAY, ConnectionCheck, new_node_problem
from engine.graph.edits.wire_edits import input_ports

_CTRL = Modifiers.ControlModifier
_HINT_OFFSET = QPoint(0, 52)  # below the drag image at the pointer


class LayerDropHandler:
    """Adds a node of a dragged layer type. On a wire, the node is inserted if it fits there."""

    def __init__(
        self, context: CanvasContext, add_node: Callable[[str, PendingNode], object]
    ) -> None:
        self._context, self._add_node = context, add_node
        self._insertion = InsertionTarget(context)
        self.is_active = False

    def drag(self, kind: str, position: QPoint, modifiers: Modifiers) -> None:
        """Highlight the wire at `position` if a `kind` node fits in it. If not, show why not."""
        self.is_active = True
        wire = self._wire_at(kind, position)
        reason = "" if wire is None else self._problem(kind, wire)
        is_rejected = bool(reason) and not modifiers & _CTRL
        self._insertion.wire = None if is_rejected else wire
        hint = self._context.hint
        if wire is None:
            hint.hide()
        elif reason:
            text = f"{reason}\n{CONNECT_ANYWAY}"
            hint.show_text(text, position + _HINT_OFFSET, is_rejected=True)
        else:
            hint.show_text(self._hint(kind, wire), position + _HINT_OFFSET)

    def leave(self) -> None:
        """End the drag: remove the highlight and the hint."""
        self.is_active = False
        self._insertion.wire = None
        self._context.hint.hide()

    def drop(self, kind: str, position: QPoint, modifiers: Modifiers) -> None:
        """Add a node of layer type `kind` at `position`. If there is a wire, insert the node there.

        A node that does not fit there is added unconnected, or inserted anyway if Ctrl is pressed.
        """
        self.leave()
        wire = self._wire_at(kind, position)
        reason = "" if wire is None or modifiers & _CTRL else self._problem(kind, wire)
        if reason:
            self._context.session.message.emit(reason)
            wire = None
        self._add_node(kind, PendingNode(self._context.to_scene(position), wire=wire))

    def _wire_at(self, kind: str, position: QPoint) -> WireId | None:
        has_input = input_ports(kind) != ()
        return insertable_wire_at(self._context, position, None) if has_input else None

    def _problem(self, kind: str, wire: WireId) -> str:
        session = self._context.session
        fits = ConnectionCheck(session.current_report())
        return new_node_problem(kind, fits.spec(edits.wire_source(session.project, wire)))

    def _hint(self, kind: str, wire: WireId) -> str:
        source = edits.wire_source(self._context.session.project, wire)
        if kind == "Output":
            return f"An Output for {source}"
        return f"{kind} between {source} and {wire.node}"
