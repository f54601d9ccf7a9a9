"""What gestures and keys do to a project: pure functions made of the engine's edits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from app.canvas.gestures.connection_check import reached, why_not
from app.canvas.scene_sync import End
from engine.check.report import Report
from engine.core.tensor_spec import TensorSpec
from engine.graph.edits import node_edits
from engine.graph.edits.wire_edits import ports_of, takes_many
from engine.graph.model import Node, Project
from engine.graph.view import places
from engine.layers import catalogue
from engine.layers.input_output import usual_loss

_MOST_BRIDGED = 40  # deleting more nodes at once than this bridges nothing

_ROOM, _ROW = 260, 100  # scene units that a node takes with the gap behind it; a row's height


def wired(project: Project, reference: str, end: End, instead_of: End | None = None) -> Project:
    """Draw a wire to a port; one at a taken place is replaced.

    Args:
        project: the project.
        reference: what the wire comes from.
        end: where it ends.
        instead_of: the wire that was pulled off to draw this one.
    """
    if instead_of == end:
        return node_edits.rewire(project, reference, end.node, end.port, end.place)
    place = end.place
    if instead_of is not None:
        project = unwired(project, [instead_of])
        together = (instead_of.node, instead_of.port) == (end.node, end.port)
        if together and place is not None and (instead_of.place or 0) < place:
            place -= 1
    node = project.graph[end.node]
    if takes_many(project.graph, node, end.port):
        count = sum(port == end.port for port, _, _ in node.wires())
        if place is not None and place < count:
            return node_edits.rewire(project, reference, end.node, end.port, place)
        return node_edits.connect(project, reference, end.node, end.port)
    return node_edits.connect(project, reference, end.node, end.port)


def unwired(project: Project, ends: Iterable[End]) -> Project:
    """Take wires away; of several at one port the last goes first, so that places hold."""
    for end in sorted(ends, key=lambda end: (end.node, end.port, -(end.place or 0))):
        project = node_edits.disconnect(project, end.node, end.port, end.place)
    return project


def deleted(project: Project, names: Collection[str], report: Report, bridge: bool) -> Project:
    """Delete nodes; where the shapes fit, what they fed is wired to what fed them."""
    if not bridge or len(names) > _MOST_BRIDGED:
        return node_edits.remove_nodes(project, list(names))
    for name in names:
        fits = _bridge_fits(project, name, report)
        project = node_edits.remove_node(project, name, bridge=fits)
    return project


def _bridge_fits(project: Project, name: str, report: Report) -> bool:
    node = project.graph[name]
    before = next((reference for _, _, reference in node.wires()), None)
    if before is None:
        return False
    spec = report.shapes.spec(project.graph.behind(before))
    fed = [project.graph[other] for other in project.graph.consumers[name]]
    return spec is None or all(_takes_instead(other, name, spec, report) for other in fed)


def _takes_instead(node: Node, gone: str, spec: TensorSpec, report: Report) -> bool:
    layer, fed = report.shapes.layers.get(node.name), report.shapes.fed.get(node.name)
    if layer is None or fed is None or len(fed) != sum(1 for _ in node.wires()):
        return True
    sources = node.sources()
    specs = [spec if source == gone else old for source, old in zip(sources, fed, strict=True)]
    return not why_not(layer, specs)


def added(
    project: Project,
    kind: str,
    at: Sequence[float],
    source: str | None = None,
    end: End | None = None,
    wire: End | None = None,
) -> Project:
    """Draw a node with the parameters that its kind starts with, wired as wished.

    Args:
        project: the project.
        kind: the kind.
        at: where it stands.
        source: what feeds its first port.
        end: the port that it feeds.
        wire: the wire that it is put into; an Output is fed by what flows there.
    """
    cls = catalogue.find(kind)
    params: dict[str, object] = dict(cls.starts) if cls else {}
    ports = ports_of(kind) or ()
    if wire is not None and kind == "Output":
        source = carried_by(project, wire)
    elif wire is not None and ports:
        project = node_edits.insert_on_wire(
            project, wire.node, wire.port, kind, wire.place, params=params, at=at
        )
        return _with_room(project, project.graph.nodes[-1].name, wire.node)
    if kind == "Output" and source is not None:
        params |= _loss_after(project, source)
    inputs: Mapping[str, str] = {ports[0].name: source} if source and ports else {}
    project = node_edits.add_node(project, kind, params=params, inputs=inputs, at=at)
    if end is not None and kind != "Output":
        project = wired(project, project.graph.nodes[-1].name, end)
    return project


def _loss_after(project: Project, reference: str) -> dict[str, object]:
    """Return the loss that fits the layer in front of an Output."""
    node = project.graph.layer_node(project.graph[project.graph.behind(reference).split(".")[0]])
    layer = catalogue.layer(node.kind, node.params)
    loss = None if isinstance(layer, list) else usual_loss(layer)
    return {"loss": loss} if loss else {}


def inserted(project: Project, name: str, wire: End, at: Mapping[str, Sequence[float]]) -> Project:
    """Put a node that is drawn already into a wire, and at its new place."""
    port = (ports_of(project.graph[name].kind) or ())[0].name
    reference = carried_by(project, wire)
    project = node_edits.move(project, at)
    project = node_edits.connect(project, reference, name, port)
    project = node_edits.rewire(project, name, wire.node, wire.port, wire.place)
    return _with_room(project, name, wire.node)


def _with_room(project: Project, name: str, after: str) -> Project:
    """Push what follows a node to the right, if it would lie on the node that it follows."""
    at = places(project)
    if after not in at:
        return project
    (x, y), (left, top) = at[name], at[after]
    needed = x + _ROOM - left
    if left < x or needed <= 0 or abs(top - y) > _ROW:
        return project
    following = {after, *reached(project.graph, after, lambda node: project.graph.consumers[node])}
    pushed = {
        node: (at[node][0] + needed, at[node][1])
        for node in following
        if node in at and node != name and at[node][0] >= left
    }
    return node_edits.move(project, pushed)


def carried_by(project: Project, wire: End) -> str:
    """Return the reference that a wire comes from."""
    wired_here = project.graph[wire.node].inputs[wire.port]
    return wired_here if isinstance(wired_here, str) else wired_here[wire.place or 0]


def can_be_inserted(project: Project, name: str, wire: End) -> bool:
    """Return whether a node has a port free for being put into a wire that is not its own."""
    node = project.graph[name]
    ports = ports_of(project.graph.layer_node(node).kind) or ()
    alone = not node.inputs and not project.graph.consumers[name]
    return bool(ports) and alone and node.kind != "Output" and wire.node != name
