"""A layer dragged from the palette over the canvas: which wire it would go into, and if it fits."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from app.canvas import edits
from app.canvas.gestures.connection_check import ANYWAY, Fits, misfit
from app.canvas.gestures.context import Stage
from app.canvas.gestures.move import glow, wire_under
from app.canvas.scene_sync import End
from engine.graph.edits.wire_edits import ports_of

_CTRL = Qt.KeyboardModifier.ControlModifier
_BELOW = QPoint(0, 52)  # the small node that hangs on the pointer


class Inserting:
    """Lights a wire up, says what a drop would do there, and answers which wire it goes into.

    Args:
        stage: the canvas.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._glowing: End | None = None

    def hover(self, kind: str, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the pointer."""
        wire = self._wire_at(kind, at)
        reason = "" if wire is None else self._refusal(kind, wire)
        refused = bool(reason) and not modifiers & _CTRL
        self._light(None if refused else wire)
        if wire is None:
            self._stage.hint.hush()
        elif reason:
            self._stage.hint.say(f"{reason}\n{ANYWAY}", at + _BELOW, refused=True)
        else:
            self._stage.hint.say(self._in_words(kind, wire), at + _BELOW)

    def leave(self) -> None:
        """Put the light out."""
        self._light(None)
        self._stage.hint.hush()

    def drop(self, kind: str, at: QPoint, modifiers: Qt.KeyboardModifier) -> End | None:
        """Return the wire that a kind goes into; None if it is drawn for itself."""
        self.leave()
        wire = self._wire_at(kind, at)
        if wire is None or modifiers & _CTRL:
            return wire
        reason = self._refusal(kind, wire)
        if reason:
            self._stage.session.told.emit(reason)
        return None if reason else wire

    def _wire_at(self, kind: str, at: QPoint) -> End | None:
        return wire_under(self._stage, at, None) if ports_of(kind) != () else None

    def _refusal(self, kind: str, wire: End) -> str:
        session = self._stage.session
        fits = Fits(session.settle_report())
        return misfit(kind, fits.spec(edits.carried_by(session.project, wire)))

    def _in_words(self, kind: str, wire: End) -> str:
        source = edits.carried_by(self._stage.session.project, wire)
        if kind == "Output":
            return f"An Output for {source}"
        return f"{kind} between {source} and {wire.node}"

    def _light(self, wire: End | None) -> None:
        if wire != self._glowing:
            glow(self._stage, self._glowing, False)
            glow(self._stage, wire, True)
            self._glowing = wire
