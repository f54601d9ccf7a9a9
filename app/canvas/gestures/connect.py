"""The gesture that connects, reconnects and disconnects wires."""

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
    """Connects a port by dragging a wire from it.

    A press on a connected input detaches the end of its wire; dropped on the empty canvas, the
    wire is removed. A new wire dropped on the empty canvas opens the add menu for a node to
    connect it to.
    """

    def __init__(
        self,
        context: Stage,
        source: Place,
        position: QPoint,
        request_add_menu: Callable[[Wanted, QPoint], None],
    ) -> None:
        super().__init__(context, position)
        self._request_add_menu = request_add_menu
        self._start = source
        # The end of the detached wire, None for a new wire. Its source port is the fixed end then.
        self._detached = self._wire_of(source)
        wire = None if self._detached is None else context.picture.wires[self._detached]
        self._fixed = source if wire is None else wire.start
        self._check = Fits(context.session.settle_report())
        self._target: Place | None = None
        self._target_problem = ""
        self._drag_wire = LiveWire(context.viewer.theme)
        self._drag_wire.family = self._fixed.node.face.family
        context.viewer.scene().addItem(self._drag_wire)
        if wire is not None:
            wire.setVisible(False)
        self._highlight_nodes()

    def _wire_of(self, source: Place) -> End | None:
        if source.side != "in":
            return None
        end = end_at(source)
        return end if end in self.stage.picture.wires else None

    # Dragging.

    def drag(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Draw the wire to the pointer and show why the port under it can't be connected."""
        target = self._port_for(position)
        if target is not self._target:
            self._set_highlight(self._target, "")
            self._target = target
            self._target_problem = self._problem(target) if target is not None else ""
            self._set_highlight(target, "refused" if self._target_problem else "target")
        scene_position = self.stage.scene_at(position) if target is None else target.centre
        is_valid = None if target is None else not self._target_problem
        self._drag_wire.draw(
            self._fixed.centre, scene_position, is_valid, backward=self._fixed.side == "in"
        )
        if self._target_problem:
            suffix = "" if target is None or self._makes_loop(target) else f"\n{ANYWAY}"
            self.stage.hint.say(self._target_problem + suffix, position, refused=True)
        else:
            self.stage.hint.hush()

    def _port_for(self, position: QPoint) -> Place | None:
        """Return the port under the pointer, or the best port of the node under it, else None."""
        port = self.stage.place_at(position)
        if port is not None and port.side != self._fixed.side:
            # All ports of a collapsed node are at the same position.
            return self._best_port(port.node) if port.node.face.collapsed else port
        node = self.stage.node_at(position)
        return None if node is None or node is self._fixed.node else self._best_port(node)

    def _best_port(self, node: NodeItem) -> Place | None:
        ports = node.inputs if self._fixed.side == "out" else node.outputs
        free_ports = [
            port
            for port in ports
            if port.side == "out" or end_at(port) not in self.stage.picture.wires
        ]
        valid_ports = [port for port in free_ports or ports if not self._problem(port)]
        return next(iter(valid_ports or free_ports or ports), None)

    def _problem(self, port: Place) -> str:
        source, target_input = self._ends(port)
        end = end_at(target_input)
        return self._check.refusal(source.reference, end.node, end.port, end.place)

    def _makes_loop(self, port: Place) -> bool:
        source, target_input = self._ends(port)
        return bool(self._check.loop(source.reference, target_input.node.id))

    def _ends(self, port: Place) -> tuple[Place, Place]:
        return (self._fixed, port) if port.side == "in" else (port, self._fixed)

    # Release.

    def drop(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Connect or disconnect the wire, or open the add menu."""
        self.drag(position, modifiers)
        self._start.hovered = False  # it gets no leave event during the drag
        target, problem = self._target, self._target_problem
        self._reset()
        if target is None:
            self._drop_on_canvas(position)
        elif problem and (not modifiers & _CTRL or self._makes_loop(target)):
            self.stage.session.told.emit(problem)
            self.stage.picture.sync()
        else:
            source, target_input = self._ends(target)
            self.stage.session.edit(
                "Connect", edits.wired, source.reference, end_at(target_input), self._detached
            )
            self.stage.picture.sync()

    def _drop_on_canvas(self, position: QPoint) -> None:
        if self._detached is not None:
            self.stage.session.edit("Disconnect", edits.unwired, [self._detached])
            self.stage.picture.sync()
            return
        scene_position = self.stage.scene_at(position)
        if self._fixed.side == "out":
            self._request_add_menu(Wanted(scene_position, source=self._fixed.reference), position)
        else:
            self._request_add_menu(Wanted(scene_position, end=end_at(self._fixed)), position)

    def click(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Select the node of a clicked port."""
        self._reset()
        self.stage.picture.sync()
        self.stage.session.select([self._fixed.node.id])

    def cancel(self) -> None:
        """Restore the wire."""
        self._reset()
        self.stage.picture.sync()

    # Highlights.

    def _highlight_nodes(self) -> None:
        """Highlight the ports that fit and dim the others; visible nodes only."""
        visible_rect = self.stage.viewer.in_sight
        for node in self.stage.picture.nodes.values():
            if node.isVisible() and node.sceneBoundingRect().intersects(visible_rect):
                self._highlight_node(node)

    def _highlight_node(self, node: NodeItem) -> None:
        if node is self._fixed.node:
            return
        candidates = node.inputs if self._fixed.side == "out" else node.outputs
        validity = [not self._problem(port) for port in candidates]
        for port, is_valid in zip(candidates, validity, strict=True):
            port.light = "fits" if is_valid else "dim"
        node.light = "" if any(validity) else "dim"

    def _set_highlight(self, port: Place | None, light: Light) -> None:
        if port is not None:
            port.light = light or ("dim" if self._problem(port) else "fits")

    def _reset(self) -> None:
        self.stage.hint.hush()
        self.stage.viewer.scene().removeItem(self._drag_wire)
        for node in self.stage.picture.nodes.values():
            node.light = ""
            for port in (*node.inputs, *node.outputs):
                port.light = ""
        if self._detached in self.stage.picture.wires:
            self.stage.picture.wires[self._detached].setVisible(True)


def end_at(port: Place) -> End:
    """Return the wire end at an input port."""
    return End(port.node.id, port.slot.port, port.slot.place)
