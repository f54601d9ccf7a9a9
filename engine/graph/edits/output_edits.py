"""Wires to Outputs: an Output gets the usual loss and metrics of the layer that is wired to it."""

from __future__ import annotations

from engine.graph.edits.field_edits import set_params
from engine.graph.edits.wire_edits import connect
from engine.graph.model import Json, Project, source_node
from engine.layers import catalogue
from engine.layers.io import default_objectives


def connect_with_objectives(
    project: Project, source: str, node: str, port: str, place: int | None = None
) -> Project:
    """Add a wire, as `wire_edits.connect`. An Output whose loss was never set gets the default.

    Why: an Output without a loss is not trained, which is easily missed among several outputs.
    """
    project = connect(project, source, node, port, place)
    target = project.graph[node]
    if target.kind != "Output" or "loss" in target.params or target.shares:
        return project
    defaults = objectives_after(project, source)
    return set_params(project, node, {**defaults, **target.params}) if defaults else project


def objectives_after(project: Project, reference: str) -> dict[str, Json]:
    """Return the default loss and metrics of an Output that is wired to the output `reference`.

    Return {} if the layer before it is missing or invalid, or is an Output.
    """
    graph = project.graph
    node = graph.by_name.get(source_node(graph.resolve_bypassed(reference)))
    if node is None:
        return {}
    owner = graph.weight_owner(node)
    layer = catalogue.parse_layer(owner.kind, owner.params)
    return {} if isinstance(layer, list) else default_objectives(layer)
