"""Finds the sample data of a document: the data of the template that it was created from."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from app.documents.session import Session
from app.training.process.run_files import graph_file_of
from engine.graph import templates
from engine.graph.model import Graph
from engine.graph.serialization import file

_MIN_SIMILARITY = 0.5  # Jaccard similarity of the node names


def matching_sample(graph: Graph) -> str:
    """Return the name of the most similar template, which is also the name of its sample data.

    The template must have the same Input and Output nodes as the graph, and at least about half of
    all node names in common. Return "" if no template matches.
    """
    best, best_similarity = "", _MIN_SIMILARITY
    ports, names = _ports(graph), set(graph.by_name)
    for name in templates.template_names():
        template = _template(name)
        if _ports(template) == ports:
            template_names = set(template.by_name)
            similarity = len(names & template_names) / len(names | template_names)
            if similarity > best_similarity:
                best, best_similarity = name, similarity
    return best


def sample_folder(session: Session) -> Path:
    """Return the folder to write the sample data of a document to."""
    graph = graph_file_of(session)
    return graph.with_name(f"{file.project_name(graph)}-data")


@cache
def _template(name: str) -> Graph:
    return file.parse(templates.read_template(name)).project.graph


def _ports(graph: Graph) -> frozenset[tuple[str, str]]:
    return frozenset((node.kind, node.name) for node in graph if node.kind in ("Input", "Output"))
