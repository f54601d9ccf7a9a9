"""Edits of several nodes at a time by the outline, and the search for possible wires."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.documents.connection_check import ConnectionCheck
from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.graph.edits import field_edits
from engine.graph.edits.wire_edits import input_ports
from engine.graph.model import Node, Project


@dataclass(frozen=True)
class WireCandidate:
    """A possible wire.

    Args:
        source: the output that the wire starts at, such as "conv" or "lstm.state_h".
        node, port: the input that the wire ends at.
        replaces: the source of the existing wire that would be replaced, "" if there is none.
        is_certain: True if the shapes fit, False if this could not be checked.
    """

    source: str
    node: str
    port: str
    replaces: str = ""
    is_certain: bool = True


def set_bypassed(project: Project, names: Iterable[str], off: bool) -> Project:
    """Bypass nodes if `off`, else stop bypassing them."""
    for name in names:
        project = field_edits.set_off(project, name, off)
    return project


def candidates_from(report: Report, name: str) -> list[WireCandidate]:
    """Return the possible wires from a node; wires to unconnected ports come first."""
    graph, check = report.project.graph, ConnectionCheck(report)
    candidates = [
        _candidate(check, source, target, port.name)
        for source in _references(report, name)
        for target in graph
        for port in input_ports(graph.weight_owner(target).kind) or ()
    ]
    return sorted(filter(None, candidates), key=_sort_key)


def candidates_to(report: Report, name: str, port: str) -> list[WireCandidate]:
    """Return the possible wires to a port of a node. Wires that would make a cycle are left out."""
    graph, check = report.project.graph, ConnectionCheck(report)
    candidates = [
        _candidate(check, source, graph[name], port)
        for node in graph
        for source in _references(report, node.name)
    ]
    return sorted(filter(None, candidates), key=_sort_key)


def _sort_key(candidate: WireCandidate) -> tuple[bool, bool]:
    return bool(candidate.replaces), not candidate.is_certain


def _references(report: Report, name: str) -> list[str]:
    if report.project.graph[name].kind == "Output":
        return []
    outs = [out for out in report.shapes.outputs.get(name, {}) if out != MAIN_OUTPUT]
    return [name, *(f"{name}.{out}" for out in outs[1:])]


def _candidate(
    check: ConnectionCheck, source: str, target: Node, port: str
) -> WireCandidate | None:
    """Return the possible wire from the output `source` to a port of the node `target`.

    If this wire exists as the only wire of the port, or if it can't be connected, return None.
    """
    current = target.inputs.get(port, ())
    problem = check.connection_problem(source, target.name, port, None)
    if source == current or problem:
        return None
    replaced = current if isinstance(current, str) else ""
    return WireCandidate(source, target.name, port, replaced, problem is not None)
