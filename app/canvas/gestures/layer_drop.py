"""Drag and drop of a layer type from the palette onto a wire."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from app.canvas import edits
from app.canvas.gestures.connection_check import ANYWAY, Fits, misfit
from app.canvas.gestures.context import Stage
from app.canvas.gestures.move import glow, wire_under
from app.canvas.scene_sync import End
from engine.graph.edits.wire_edits import ports_of

_CTRL = Qt.KeyboardModifier.ControlModifier
_HINT_OFFSET = QPoint(0, 52)  # below the drag image at the pointer


class Inserting:
    """The drag of a layer type: highlights the wire that the node would be inserted into.

    Args:
        context: the canvas.
    """

    def __init__(self, context: Stage) -> None:
        self._context = context
        self._highlighted: End | None = None

    def hover(self, kind: str, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Update highlight and hint while the layer type is dragged."""
        wire = self._wire_at(kind, position)
        reason = "" if wire is None else self._refusal(kind, wire)
        is_refused = bool(reason) and not modifiers & _CTRL
        self._set_highlight(None if is_refused else wire)
        if wire is None:
            self._context.hint.hush()
        elif reason:
            self._context.hint.say(f"{reason}\n{ANYWAY}", position + _HINT_OFFSET, refused=True)
        else:
            self._context.hint.say(self._hint(kind, wire), position + _HINT_OFFSET)

    def leave(self) -> None:
        """End the drag: remove highlight and hint."""
        self._set_highlight(None)
        self._context.hint.hush()

    def drop(self, kind: str, position: QPoint, modifiers: Qt.KeyboardModifier) -> End | None:
        """Return the wire to insert a node into, None to add it unconnected."""
        self.leave()
        wire = self._wire_at(kind, position)
        if wire is None or modifiers & _CTRL:
            return wire
        reason = self._refusal(kind, wire)
        if reason:
            self._context.session.told.emit(reason)
        return None if reason else wire

    def _wire_at(self, kind: str, position: QPoint) -> End | None:
        return wire_under(self._context, position, None) if ports_of(kind) != () else None

    def _refusal(self, kind: str, wire: End) -> str:
        session = self._context.session
        fits = Fits(session.settle_report())
        return misfit(kind, fits.spec(edits.carried_by(session.project, wire)))

    def _hint(self, kind: str, wire: End) -> str:
        source = edits.carried_by(self._context.session.project, wire)
        if kind == "Output":
            return f"An Output for {source}"
        return f"{kind} between {source} and {wire.node}"

    def _set_highlight(self, wire: End | None) -> None:
        if wire != self._highlighted:
            glow(self._context, self._highlighted, False)
            glow(self._context, wire, True)
            self._highlighted = wire
