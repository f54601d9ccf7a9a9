"""Synchronization of wire items with the document."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.canvas.drawing.nodegraphqt import IN, OUT
from app.canvas.items.input_port import InputPort
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_item import WireItem
from app.canvas.view.viewer import CanvasViewer
from app.theme.theme import Theme
from engine.check.report import Report
from engine.graph.model import Project, source_node
from engine.graph.view import routes


class WireSync:
    """Keeps the wire items in sync with the wires of one document.

    `items` are the wire items by the input port of the wire. `nodes` are the node items by
    name, kept up to date by the caller.
    """

    def __init__(self, theme: Theme, viewer: CanvasViewer, nodes: Mapping[str, NodeItem]) -> None:
        self._theme, self._viewer, self._nodes = theme, viewer, nodes
        self.items: dict[InputPort, WireItem] = {}

    def sync(self, project: Project, report: Report) -> None:
        """Synchronize the wires and their labels; wires at unknown ports are not shown."""
        expected = {
            InputPort(node.name, port, index): reference
            for node in project.graph
            for port, index, reference in node.wires()
            if source_node(reference) in self._nodes
        }
        routes_by_wire = routes(project)
        for port in [port for port in self.items if port not in expected]:
            self._remove(port)
        for port, reference in expected.items():
            source, target = self._source_port(reference), self._target_port(port)
            if source is None or target is None:
                if port in self.items:
                    self._remove(port)
                continue
            wire = self._item_of(port)
            wire.set_ports(source, target)
            wire.set_points(routes_by_wire.get((reference, port.node, port.port), ()))
            wire.off = project.graph[port.node].off or project.graph[source_node(reference)].off
        self.set_labels(report)

    def set_labels(self, report: Report, changed: Collection[str] | None = None) -> None:
        """Set the labels of the wires that come from `changed` nodes, by default of all wires."""
        for wire in self.items.values():
            port = wire.source_port
            if changed is not None and port.node.id not in changed:
                continue
            spec = report.shapes.spec(port.reference)
            wire.label = str(spec) if spec is not None else ""

    def remove_at_nodes(self, names: Collection[str]) -> None:
        """Remove the wires at nodes that are about to be removed."""
        for port, wire in list(self.items.items()):
            if wire.source_port.node.id in names or wire.target_port.node.id in names:
                self._remove(port)

    def input_port_of(self, wire: WireItem) -> InputPort | None:
        return next((port for port, item in self.items.items() if item is wire), None)

    def _item_of(self, port: InputPort) -> WireItem:
        wire = self.items.get(port)
        if wire is None or wire.scene() is None:  # removed with its port
            wire = self.items[port] = WireItem(self._theme)
            self._viewer.scene().addItem(wire)
        return wire

    def _remove(self, port: InputPort) -> None:
        self.items.pop(port).delete()

    def _source_port(self, reference: str) -> PortItem | None:
        name, _, output = reference.partition(".")
        item = self._nodes[name]
        return item.port_at(output, None, OUT) or item.port_at("", None, OUT)

    def _target_port(self, port: InputPort) -> PortItem | None:
        return self._nodes[port.node].port_at(port.port, port.index, IN)
