"""Where nodes stand: their places in the document, and a layout for those that have none."""

from __future__ import annotations

from collections.abc import Mapping

from app.canvas.card import HEAD
from engine.graph.model import Project
from engine.graph.view import Place, places
from engine.picture.layout import layout

Size = tuple[float, float]


def places_of(project: Project, sizes: Mapping[str, Size]) -> dict[str, Place]:
    """Answer a place for each node; nodes without one are laid out below the others."""
    standing = places(project)
    missing = [node.name for node in project.graph if node.name not in standing]
    if not missing:
        return standing
    chosen = missing if standing else None
    laid = layout(project.graph, sizes, chosen=chosen, header=HEAD).places
    shift = (0.0, 0.0)
    if standing:
        left = min(x for x, _ in standing.values())
        bottom = max(y + sizes[name][1] for name, (_, y) in standing.items())
        first = min(laid[name][0] for name in missing), min(laid[name][1] for name in missing)
        shift = (left - first[0], bottom + 60 - first[1])
    for name in missing:
        x, y = laid[name]
        standing[name] = (x + shift[0], y + shift[1])
    return standing
