"""Differences between two projects as lines of text; the layout on the canvas is ignored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.graph.model import Graph, Project
from engine.graph.serialization.encoder import node_to_json
from engine.graph.serialization.parse_error import shorten

_MISSING = object()


def diff_projects(before: Project, after: Project) -> list[str]:
    """Return every difference, such as "hidden.params.units: 64, was 32"; [] if there is none."""
    return [
        *_diff_nodes(before.graph, after.graph),
        *_diff_values("recipe", before.recipe, after.recipe),
        *_diff_values("data", before.data, after.data),
        *_diff_values("", before.extra, after.extra),
    ]


def _diff_nodes(before: Graph, after: Graph) -> Iterator[str]:
    for node in before:
        if node.name not in after:
            yield f"{node.name}: removed"
    for node in after:
        if node.name not in before:
            yield f"{node.name}: new"
    common = [node.name for node in after if node.name in before]
    for name in common:
        yield from _diff_values(name, node_to_json(before[name]), node_to_json(after[name]))
    if common != [node.name for node in before if node.name in after]:
        yield "the nodes are in another order"


def _diff_values(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {**before, **after}:
            inner = f"{path}.{key}" if path else str(key)
            yield from _diff_values(inner, before.get(key, _MISSING), after.get(key, _MISSING))
    elif (was := _to_text(before)) != (now := _to_text(after)):
        yield f"{shorten(path, 100)}: {shorten(now, 40)}, was {shorten(was, 40)}"


def _to_text(value: Any) -> str:
    """Return a value as JSON, which distinguishes 1, 1.0 and true."""
    return "nothing" if value is _MISSING else json.dumps(value, sort_keys=True, default=dict)
