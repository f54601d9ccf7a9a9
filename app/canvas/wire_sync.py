"""Synchronization of wire items with the document."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.canvas.drawing.nodegraphqt import IN, OUT
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_id import WireId
from app.canvas.items.wire_item import WireItem
from app.canvas.view.viewer import CanvasViewer
from app.theme.theme import Theme
from engine.check.report import Report
from engine.graph.model import Project, source_node
from engine.graph.view import Point, Route, routes


class WireSync:
    """Keeps the wire items in sync with the wires of one document.

    `items` are the wire items by wire identifier. `nodes` are the node items by name, kept up
    to date by the caller. `default_routes` are the bend points of wires that have none in the
    document.
    """

    def __init__(self, theme: Theme, viewer: CanvasViewer, nodes: Mapping[str, NodeItem]) -> None:
        self._theme, self._viewer, self._nodes = theme, viewer, nodes
        self.items: dict[WireId, WireItem] = {}
        self.default_routes: Mapping[Route, Sequence[Point]] = {}

    def sync(self, project: Project, report: Report) -> None:
        """Show the wires of `project` with shapes from `report`, except wires at unknown ports."""
        expected = {
            WireId(node.name, port, index): reference
            for node in project.graph
            for port, index, reference in node.wires()
            if source_node(reference) in self._nodes
        }
        routes_by_wire = {**self.default_routes, **routes(project)}
        for wire_id in [wire_id for wire_id in self.items if wire_id not in expected]:
            self._remove(wire_id)
        for wire_id, reference in expected.items():
            source, target = self._source_port(reference), self._target_port(wire_id)
            if source is None or target is None:
                if wire_id in self.items:
                    self._remove(wire_id)
                continue
            wire = self._item_of(wire_id)
            wire.set_ports(source, target)
            wire.set_points(routes_by_wire.get((reference, wire_id.node, wire_id.port), ()))
            wire.off = project.graph[wire_id.node].off or project.graph[source_node(reference)].off
        self.set_labels(report)

    def set_labels(self, report: Report, changed: Collection[str] | None = None) -> None:
        """Set the labels of the wires that come from `changed` nodes, by default of all wires."""
        for name in self._nodes if changed is None else changed:
            for port in self._nodes[name].outputs:
                spec = report.shapes.spec(port.reference)
                for wire in port.wires:
                    wire.label = str(spec) if spec is not None else ""

    def remove_at_nodes(self, names: Collection[str]) -> None:
        """Remove the wires at nodes that are about to be removed."""
        for wire_id, wire in list(self.items.items()):
            if wire.source_port.node.id in names or wire.target_port.node.id in names:
                self._remove(wire_id)

    def _item_of(self, wire_id: WireId) -> WireItem:
        wire = self.items.get(wire_id)
        if wire is None or wire.scene() is None:  # removed with its port
            wire = self.items[wire_id] = WireItem(self._theme)
            self._viewer.scene().addItem(wire)
        return wire

    def _remove(self, wire_id: WireId) -> None:
        self.items.pop(wire_id).delete()

    def _source_port(self, reference: str) -> PortItem | None:
        name, _, output = reference.partition(".")
        item = self._nodes[name]
        return item.port_at(output, None, OUT) or item.port_at("", None, OUT)

    def _target_port(self, wire_id: WireId) -> PortItem | None:
        return self._nodes[wire_id.node].port_at(wire_id.port, wire_id.index, IN)
