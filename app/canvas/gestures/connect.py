"""The gesture that draws, moves and pulls off a wire."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt

from app.canvas import edits
from app.canvas.gestures.connection_check import ANYWAY, Fits
from app.canvas.gestures.context import Stage, Wanted
from app.canvas.gestures.gesture import Gesture
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import Light, Place
from app.canvas.items.wire_item import LiveWire
from app.canvas.scene_sync import End

_CTRL = Qt.KeyboardModifier.ControlModifier


class Wiring(Gesture):
    """A wire that follows the pointer from a port until it is let go.

    A press on an input that has a wire pulls that wire's end off; let go over nothing, the wire is
    gone. A new wire that is let go over nothing asks for a node to wire it to.
    """

    def __init__(
        self, stage: Stage, start: Place, at: QPoint, ask: Callable[[Wanted, QPoint], None]
    ) -> None:
        super().__init__(stage, at)
        self._ask = ask
        self._start = start
        self._pulled = self._wire_of(start)
        wire = None if self._pulled is None else stage.picture.wires[self._pulled]
        self._fixed = start if wire is None else wire.start
        self._fits = Fits(stage.session.settle_report())
        self._target: Place | None = None
        self._refusal = ""
        self._live = LiveWire(stage.viewer.theme)
        self._live.family = self._fixed.node.face.family
        stage.viewer.scene().addItem(self._live)
        if wire is not None:
            wire.setVisible(False)
        self._light_up()

    def _wire_of(self, start: Place) -> End | None:
        if start.side != "in":
            return None
        end = end_at(start)
        return end if end in self.stage.picture.wires else None

    # While it is dragged.

    def drag(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the pointer, and say why a port under it can't be used."""
        target = self._wanted(at)
        if target is not self._target:
            self._mark(self._target, "")
            self._target = target
            self._refusal = self._judged(target) if target is not None else ""
            self._mark(target, "refused" if self._refusal else "target")
        here = self.stage.scene_at(at) if target is None else target.centre
        fits = None if target is None else not self._refusal
        self._live.draw(self._fixed.centre, here, fits, backward=self._fixed.side == "in")
        if self._refusal:
            more = "" if target is None or self._loops(target) else f"\n{ANYWAY}"
            self.stage.hint.say(self._refusal + more, at, refused=True)
        else:
            self.stage.hint.hush()

    def _wanted(self, at: QPoint) -> Place | None:
        """Return the port meant by the pointer: the one under it, or one of the node under it."""
        place = self.stage.place_at(at)
        if place is not None and place.side != self._fixed.side:
            # All ports of a collapsed node lie on one spot.
            return self._best_of(place.node) if place.node.face.collapsed else place
        node = self.stage.node_at(at)
        return None if node is None or node is self._fixed.node else self._best_of(node)

    def _best_of(self, node: NodeItem) -> Place | None:
        places = node.inputs if self._fixed.side == "out" else node.outputs
        free = [p for p in places if p.side == "out" or end_at(p) not in self.stage.picture.wires]
        fitting = [place for place in free or places if not self._judged(place)]
        return next(iter(fitting or free or places), None)

    def _judged(self, place: Place) -> str:
        start, stop = self._ends(place)
        end = end_at(stop)
        return self._fits.refusal(start.reference, end.node, end.port, end.place)

    def _loops(self, place: Place) -> bool:
        start, stop = self._ends(place)
        return bool(self._fits.loop(start.reference, stop.node.id))

    def _ends(self, place: Place) -> tuple[Place, Place]:
        return (self._fixed, place) if place.side == "in" else (place, self._fixed)

    # The end of it.

    def drop(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Draw the wire, take it off, or ask what it shall lead to."""
        self.drag(at, modifiers)
        self._start.hovered = False  # the pointer left it during the drag, of which it is not told
        target, refusal = self._target, self._refusal
        self._clear()
        if target is None:
            self._drop_on_nothing(at)
        elif refusal and (not modifiers & _CTRL or self._loops(target)):
            self.stage.session.told.emit(refusal)
            self.stage.picture.sync()
        else:
            start, stop = self._ends(target)
            self.stage.session.edit(
                "Connect", edits.wired, start.reference, end_at(stop), self._pulled
            )
            self.stage.picture.sync()

    def _drop_on_nothing(self, at: QPoint) -> None:
        if self._pulled is not None:
            self.stage.session.edit("Disconnect", edits.unwired, [self._pulled])
            self.stage.picture.sync()
            return
        here = self.stage.scene_at(at)
        if self._fixed.side == "out":
            self._ask(Wanted(here, source=self._fixed.reference), at)
        else:
            self._ask(Wanted(here, end=end_at(self._fixed)), at)

    def click(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """A port that was only clicked selects its node."""
        self._clear()
        self.stage.picture.sync()
        self.stage.session.select([self._fixed.node.id])

    def cancel(self) -> None:
        """Leave everything as it was."""
        self._clear()
        self.stage.picture.sync()

    # Lights.

    def _light_up(self) -> None:
        """Light the ports that would fit, dim the others; only those that are seen."""
        sight = self.stage.viewer.in_sight
        for node in self.stage.picture.nodes.values():
            if node.isVisible() and node.sceneBoundingRect().intersects(sight):
                self._light(node)

    def _light(self, node: NodeItem) -> None:
        if node is self._fixed.node:
            return
        others = node.inputs if self._fixed.side == "out" else node.outputs
        fits = [not self._judged(place) for place in others]
        for place, fit in zip(others, fits, strict=True):
            place.light = "fits" if fit else "dim"
        node.light = "" if any(fits) else "dim"

    def _mark(self, place: Place | None, light: Light) -> None:
        if place is not None:
            place.light = light or ("dim" if self._judged(place) else "fits")

    def _clear(self) -> None:
        self.stage.hint.hush()
        self.stage.viewer.scene().removeItem(self._live)
        for node in self.stage.picture.nodes.values():
            node.light = ""
            for place in (*node.inputs, *node.outputs):
                place.light = ""
        if self._pulled in self.stage.picture.wires:
            self.stage.picture.wires[self._pulled].setVisible(True)


def end_at(place: Place) -> End:
    """Return the end that a wire to an input would have."""
    return End(place.node.id, place.slot.port, place.slot.place)
