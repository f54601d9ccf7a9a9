"""Deletes nodes and notes, and reconnects the neighbors of nodes where their shapes fit."""

from __future__ import annotations

from collections.abc import Collection

from app.documents.connection_check import specs_problem
from engine.check.report import Report
from engine.core.tensor_spec import TensorSpec
from engine.graph.edits import node_edits, note_edits
from engine.graph.model import Node, Project

_MAX_BRIDGED = 40  # when more nodes are deleted at once, their neighbors are not connected


def delete_items(
    project: Project, keys: Collection[str | int], report: Report, bridge: bool
) -> Project:
    """Delete nodes (by name) and notes (by index); see `delete_nodes` for `bridge`."""
    names = [key for key in keys if isinstance(key, str)]
    notes = [key for key in keys if isinstance(key, int)]
    project = note_edits.remove_notes(project, notes) if notes else project
    return delete_nodes(project, names, report, bridge)


def delete_nodes(project: Project, names: Collection[str], report: Report, bridge: bool) -> Project:
    """Delete nodes; if `bridge`, connect their sources to their consumers where shapes fit."""
    if not bridge or len(names) > _MAX_BRIDGED:
        return node_edits.remove_nodes(project, list(names))
    for name in names:
        fits = _bridge_fits(project, name, report)
        project = node_edits.remove_node(project, name, bridge=fits)
    return project


def _bridge_fits(project: Project, name: str, report: Report) -> bool:
    node = project.graph[name]
    reference = next((reference for _, _, reference in node.wires()), None)
    if reference is None:
        return False
    spec = report.shapes.spec(project.graph.resolve_bypassed(reference))
    consumers = [project.graph[consumer] for consumer in project.graph.consumers[name]]
    return spec is None or all(_accepts(node, name, spec, report) for node in consumers)


def _accepts(node: Node, removed: str, spec: TensorSpec, report: Report) -> bool:
    layer, specs = report.shapes.layers.get(node.name), report.shapes.inputs.get(node.name)
    if layer is None or specs is None or len(specs) != sum(1 for _ in node.wires()):
        return True
    sources = node.sources()
    changed = [
        spec if source == removed else old for source, old in zip(sources, specs, strict=True)
    ]
    return not specs_problem(layer, changed)
