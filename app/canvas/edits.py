"""Graph edits made by gestures and actions, as pure functions of a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.canvas.items.wire_id import WireId
from app.documents.session import ItemKey
from engine.core.traversal import reachable
from engine.graph.edits import field_edits, node_edits, note_edits, output_edits, wire_edits
from engine.graph.edits.frame_edits import put_in_frame
from engine.graph.edits.wire_edits import accepts_many, input_ports
from engine.graph.model import Project
from engine.graph.view import node_positions
from engine.layers import catalogue

_COLUMN_WIDTH, _ROW_HEIGHT = 260, 100  # space for a node and the gap around it, in scene units


def connect_wire(
    project: Project, reference: str, target: WireId, moved: WireId | None = None
) -> Project:
    """Connect an output to an input port and return the project; replace any wire at `target`.

    Args:
        reference: the output, such as "conv" or "lstm.state_h".
        target: the input port; if it accepts several wires, also the index of the wire to replace.
        moved: the wire that the user has moved to `target`; None for a new wire.
    """
    if moved == target:
        return wire_edits.rewire(project, reference, target.node, target.port, target.index)
    index = target.index
    if moved is not None:
        project = disconnect_wires(project, [moved])
        is_same_port = (moved.node, moved.port) == (target.node, target.port)
        if is_same_port and index is not None and (moved.index or 0) < index:
            index -= 1
    node = project.graph[target.node]
    if accepts_many(project.graph, node, target.port):
        count = sum(name == target.port for name, _, _ in node.wires())
        if index is not None and index < count:
            return wire_edits.rewire(project, reference, target.node, target.port, index)
    return output_edits.connect_with_objectives(project, reference, target.node, target.port)


def disconnect_wires(project: Project, wires: Iterable[WireId]) -> Project:
    """Remove wires. The last wire of each port is removed first, so that indices stay valid."""
    for wire in sorted(wires, key=lambda wire: (wire.node, wire.port, -(wire.index or 0))):
        project = wire_edits.disconnect(project, wire.node, wire.port, wire.index)
    return project


def add_node(
    project: Project,
    kind: str,
    at: Sequence[float],
    source: str | None = None,
    target: WireId | None = None,
    wire: WireId | None = None,
) -> Project:
    """Add a node with the default fields of its layer type, and connect it.

    Args:
        at: the position of the node.
        source: the output to connect to the first port of the node.
        target: the input port to connect the output of the node to.
        wire: the wire to insert the node into. An Output is not inserted, but connected to the
            output that the wire comes from.
    """
    cls = catalogue.find_layer_class(kind)
    params: dict[str, object] = dict(cls.initial_params) if cls else {}
    ports = input_ports(kind) or ()
    if wire is not None and kind == "Output":
        source = wire_source(project, wire)
    elif wire is not None and ports:
        project = node_edits.insert_on_wire(
            project, wire.node, wire.port, kind, wire.index, params=params, at=at
        )
        return _make_space(project, project.graph.nodes[-1].name, wire.node)
    if kind == "Output" and source is not None:
        params |= output_edits.objectives_after(project, source)
    inputs: Mapping[str, str] = {ports[0].name: source} if source and ports else {}
    project = node_edits.add_node(project, kind, params=params, inputs=inputs, at=at)
    if target is not None and kind != "Output":
        project = connect_wire(project, project.graph.nodes[-1].name, target)
    return project


def insert_into_wire(
    project: Project, name: str, wire: WireId, at: Mapping[str, Sequence[float]]
) -> Project:
    """Insert the existing node `name` into a wire; `at` are new node positions, by node name."""
    port = (input_ports(project.graph[name].kind) or ())[0].name
    reference = wire_source(project, wire)
    project = field_edits.move(project, at)
    project = wire_edits.connect(project, reference, name, port)
    project = wire_edits.rewire(project, name, wire.node, wire.port, wire.index)
    return _make_space(project, name, wire.node)


def move_into_frame(project: Project, at: Mapping[ItemKey, Sequence[float]], frame: int) -> Project:
    """Move items to the positions in `at`; add the nodes to the frame with this index."""
    names = [key for key in at if isinstance(key, str)]
    return put_in_frame(move_items(project, at), frame, names)


def move_items(project: Project, at: Mapping[ItemKey, Sequence[float]]) -> Project:
    """Move nodes and notes to the positions in `at`."""
    nodes = {key: point for key, point in at.items() if isinstance(key, str)}
    places = [(key, *point) for key, point in at.items() if isinstance(key, int)]
    project = field_edits.move(project, nodes) if nodes else project
    return note_edits.move_notes(project, places) if places else project


def _make_space(project: Project, name: str, after: str) -> Project:
    """If `name` overlaps `after`, move `after` and the nodes that depend on it to the right."""
    at = node_positions(project)
    if after not in at:
        return project
    (x, y), (left, top) = at[name], at[after]
    shift = x + _COLUMN_WIDTH - left
    if left < x or shift <= 0 or abs(top - y) > _ROW_HEIGHT:
        return project
    following = reachable([after], project.graph.consumers.__getitem__)
    moved = {
        node: (at[node][0] + shift, at[node][1])
        for node in following
        if node in at and node != name and at[node][0] >= left
    }
    return field_edits.move(project, moved)


def wire_source(project: Project, wire: WireId) -> str:
    """Return the output that a wire comes from, such as "conv" or "lstm.state_h"."""
    references = project.graph[wire.node].inputs[wire.port]
    return references if isinstance(references, str) else references[wire.index or 0]


def can_insert_into_wire(project: Project, name: str, wire: WireId) -> bool:
    """Return whether a node is unconnected and can be inserted into `wire`."""
    node = project.graph[name]
    ports = input_ports(project.graph.weight_owner(node).kind) or ()
    is_unconnected = not node.inputs and not project.graph.consumers[name]
    return bool(ports) and is_unconnected and node.kind != "Output" and wire.node != name
