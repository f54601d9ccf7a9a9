"""Drag and drop of a layer type from the palette onto a wire."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from app.canvas import edits
from app.canvas.connection_check import CONNECT_ANYWAY, ConnectionCheck, new_node_problem
from app.canvas.gestures.context import CanvasContext
from app.canvas.gestures.move import insertable_wire_at, set_wire_glow
from app.canvas.items.wire_end import WireEnd
from engine.graph.edits.wire_edits import input_ports

_CTRL = Qt.KeyboardModifier.ControlModifier
_HINT_OFFSET = QPoint(0, 52)  # below the drag image at the pointer


class LayerDrop:
    """The drag of a layer type: highlights the wire that the node would be inserted into.

    Args:
        context: the canvas.
    """

    def __init__(self, context: CanvasContext) -> None:
        self._context = context
        self._highlighted: WireEnd | None = None

    def drag(self, kind: str, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Update highlight and hint while the layer type is dragged."""
        wire = self._wire_at(kind, position)
        reason = "" if wire is None else self._refusal(kind, wire)
        is_refused = bool(reason) and not modifiers & _CTRL
        self._set_highlight(None if is_refused else wire)
        if wire is None:
            self._context.hint.hide_text()
        elif reason:
            self._context.hint.show_text(
                f"{reason}\n{CONNECT_ANYWAY}", position + _HINT_OFFSET, is_refused=True
            )
        else:
            self._context.hint.show_text(self._hint(kind, wire), position + _HINT_OFFSET)

    def leave(self) -> None:
        """End the drag: remove highlight and hint."""
        self._set_highlight(None)
        self._context.hint.hide_text()

    def drop(self, kind: str, position: QPoint, modifiers: Qt.KeyboardModifier) -> WireEnd | None:
        """Return the wire to insert a node into, None to add it unconnected."""
        self.leave()
        wire = self._wire_at(kind, position)
        if wire is None or modifiers & _CTRL:
            return wire
        reason = self._refusal(kind, wire)
        if reason:
            self._context.session.message.emit(reason)
        return None if reason else wire

    def _wire_at(self, kind: str, position: QPoint) -> WireEnd | None:
        return (
            insertable_wire_at(self._context, position, None) if input_ports(kind) != () else None
        )

    def _refusal(self, kind: str, wire: WireEnd) -> str:
        session = self._context.session
        fits = ConnectionCheck(session.current_report())
        return new_node_problem(kind, fits.spec(edits.wire_source(session.project, wire)))

    def _hint(self, kind: str, wire: WireEnd) -> str:
        source = edits.wire_source(self._context.session.project, wire)
        if kind == "Output":
            return f"An Output for {source}"
        return f"{kind} between {source} and {wire.node}"

    def _set_highlight(self, wire: WireEnd | None) -> None:
        if wire != self._highlighted:
            set_wire_glow(self._context, self._highlighted, False)
            set_wire_glow(self._context, wire, True)
            self._highlighted = wire
