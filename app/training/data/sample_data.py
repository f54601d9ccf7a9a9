"""Which sample data fits a document: that of the template which it was made from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from app.documents.session import Session
from app.training.process.run_workspace import file_of
from engine.graph import templates
from engine.graph.model import Graph
from engine.graph.serialization import file

_ENOUGH = 0.5  # share of nodes that a document must have in common with a template


def sample_for(graph: Graph) -> str:
    """Return the template, and so the sample, whose inputs, outputs and most nodes a graph has."""
    best, most = "", _ENOUGH
    ports, names = _ports(graph), set(graph.by_name)
    for name in templates.template_names():
        template = _template(name)
        if _ports(template) == ports:
            theirs = set(template.by_name)
            alike = len(names & theirs) / len(names | theirs)
            if alike > most:
                best, most = name, alike
    return best


def sample_place(session: Session) -> Path:
    """Return the folder that sample data of a document goes to."""
    graph = file_of(session)
    return graph.with_name(f"{file.name_of(graph)}-data")


@cache
def _template(name: str) -> Graph:
    return file.parse(templates.read_template(name)).project.graph


def _ports(graph: Graph) -> frozenset[tuple[str, str]]:
    return frozenset((node.kind, node.name) for node in graph if node.kind in ("Input", "Output"))
