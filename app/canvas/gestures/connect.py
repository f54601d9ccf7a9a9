"""The gesture that connects, reconnects and disconnects wires."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt

from app.canvas import edits
from app.canvas.context import CanvasContext
from app.canvas.gestures.gesture import Gesture
from app.canvas.items.drag_wire import DragWireItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import PortHighlight, PortItem, PortOwner
from app.canvas.items.wire_id import WireId
from app.canvas.pending_node import PendingNode
from app.documents.connection_check import CONNECT_ANYWAY, ConnectionCheck

_CTRL = Qt.KeyboardModifier.ControlModifier


class ConnectGesture(Gesture):
    """Connects a port by dragging a wire from it.

    A press on a connected input port detaches its wire there. A detached wire is removed if it is
    dropped on the empty canvas. If a new wire is dropped on the empty canvas, the add menu opens,
    to choose the node to connect.
    """

    def __init__(
        self,
        context: CanvasContext,
        source: PortItem,
        position: QPoint,
        request_add_menu: Callable[[PendingNode, QPoint], None],
    ) -> None:
        super().__init__(context, position)
        self._request_add_menu = request_add_menu
        self._start = source
        # A detached wire, which keeps its source; None for a new wire.
        self._detached = self._wire_of(source)
        wire = None if self._detached is None else context.scene_sync.wires[self._detached]
        self._fixed = source if wire is None else wire.source_port
        self._check = ConnectionCheck(context.session.current_report())
        self._target: PortItem | None = None
        self._target_problem = ""
        self._drag_wire = DragWireItem(context.viewer.theme)
        self._drag_wire.family = self._fixed.node.view_model.family
        context.viewer.scene().addItem(self._drag_wire)
        if wire is not None:
            wire.setVisible(False)
        self._highlight_nodes()

    def _wire_of(self, source: PortItem) -> WireId | None:
        if source.side != "in":
            return None
        wire = source.wire_id
        return wire if wire in self.context.scene_sync.wires else None

    # Dragging.

    def drag(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Draw the wire to the pointer. If the port there can't be connected, show why."""
        target = self._port_for(position)
        if target is not self._target:
            self._set_highlight(self._target, "")
            self._target = target
            self._target_problem = self._problem(target) if target is not None else ""
            self._set_highlight(target, "rejected" if self._target_problem else "target")
        scene_position = self.context.to_scene(position) if target is None else target.center
        is_valid = None if target is None else not self._target_problem
        points = [self._fixed.center, scene_position]
        self._drag_wire.draw(points if self._fixed.side == "out" else points[::-1], is_valid)
        if self._target_problem:
            suffix = "" if target is None or self._makes_cycle(target) else f"\n{CONNECT_ANYWAY}"
            self.context.hint.show_text(self._target_problem + suffix, position, is_rejected=True)
        else:
            self.context.hint.hide()

    def _port_for(self, position: QPoint) -> PortItem | None:
        """Return the port that a wire dropped at a position would connect to, else None.

        If the position is on a node, but not at a port, return the best port of this node: if
        possible, a free port that accepts the wire.
        """
        port = self.context.port_at(position)
        if port is not None and port.side != self._fixed.side:
            # All ports of a collapsed node are at the same position.
            return self._best_port(port.node) if port.node.view_model.collapsed else port
        node = self.context.node_at(position)
        return None if node is None or node is self._fixed.node else self._best_port(node)

    def _best_port(self, node: PortOwner) -> PortItem | None:
        ports = node.inputs if self._fixed.side == "out" else node.outputs
        free_ports = [
            port
            for port in ports
            if port.side == "out" or port.wire_id not in self.context.scene_sync.wires
        ]
        valid_ports = [port for port in free_ports or ports if not self._problem(port)]
        return next(iter(valid_ports or free_ports or ports), None)

    def _problem(self, port: PortItem) -> str:
        reference, target = self._ports(port)
        check = self._check.connection_problem
        return check(reference, target.node, target.port, target.index) or ""

    def _makes_cycle(self, port: PortItem) -> bool:
        reference, target = self._ports(port)
        return bool(self._check.cycle_problem(reference, target.node))

    def _ports(self, port: PortItem) -> tuple[str, WireId]:
        """Return the output reference and input port of the wire that a drop at `port` creates."""
        source, target = (self._fixed, port) if port.side == "in" else (port, self._fixed)
        return source.reference, target.wire_id

    # Release.

    def drop(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self.drag(position, modifiers)
        self._start.hovered = False  # it gets no leave event during the drag
        target, problem = self._target, self._target_problem
        self._reset()
        if target is None:
            self._drop_on_canvas(position)
        elif problem and (not modifiers & _CTRL or self._makes_cycle(target)):
            self.context.session.message.emit(problem)
            self.context.scene_sync.sync()
        else:
            reference, target_port = self._ports(target)
            session = self.context.session
            session.edit("Connect", edits.connect_wire, reference, target_port, self._detached)

    def _drop_on_canvas(self, position: QPoint) -> None:
        if self._detached is not None:
            self.context.session.edit("Disconnect", edits.disconnect_wires, [self._detached])
            return
        scene_position, fixed = self.context.to_scene(position), self._fixed
        if fixed.side == "out":
            pending = PendingNode(scene_position, source=fixed.reference)
        else:
            pending = PendingNode(scene_position, target=fixed.wire_id)
        self._request_add_menu(pending, position)

    def click(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._reset()
        self.context.scene_sync.sync()
        self.context.session.select([self._fixed.node.id])

    def cancel(self) -> None:
        self._reset()
        self.context.scene_sync.sync()

    # Highlights.

    def _highlight_nodes(self) -> None:
        """Highlight visible ports that the dragged wire can connect to; dim nodes without any."""
        visible_rect = self.context.viewer.visible_rect
        for node in self.context.scene_sync.nodes.values():
            if node.isVisible() and node.sceneBoundingRect().intersects(visible_rect):
                self._highlight_node(node)

    def _highlight_node(self, node: NodeItem) -> None:
        if node is self._fixed.node:
            return
        candidates = node.inputs if self._fixed.side == "out" else node.outputs
        validity = [not self._problem(port) for port in candidates]
        for port, is_valid in zip(candidates, validity, strict=True):
            port.highlight = "fits" if is_valid else "dim"
        node.highlight = "" if any(validity) else "dim"

    def _set_highlight(self, port: PortItem | None, highlight: PortHighlight) -> None:
        if port is not None:
            port.highlight = highlight or ("dim" if self._problem(port) else "fits")

    def _reset(self) -> None:
        self.context.hint.hide()
        self.context.viewer.scene().removeItem(self._drag_wire)
        for node in self.context.scene_sync.nodes.values():
            node.highlight = ""
            for port in (*node.inputs, *node.outputs):
                port.highlight = ""
        wires = self.context.scene_sync.wires
        if self._detached is not None and self._detached in wires:
            wires[self._detached].setVisible(True)
