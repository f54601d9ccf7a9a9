"""What sets two projects apart, in a person's words; how they are laid out does not count."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.graph.model import Graph, Project
from engine.graph.serialization.encoder import node_value
from engine.graph.serialization.parse_error import short

_MISSING = object()


def differences(before: Project, after: Project) -> list[str]:
    """Return every difference, such as "hidden.params.units: 64, was 32"; [] if they are alike."""
    return [
        *_nodes(before.graph, after.graph),
        *_values("recipe", before.recipe, after.recipe),
        *_values("data", before.data, after.data),
        *_values("", before.extra, after.extra),
    ]


def _nodes(before: Graph, after: Graph) -> Iterator[str]:
    for node in before:
        if node.name not in after:
            yield f"{node.name}: gone"
    for node in after:
        if node.name not in before:
            yield f"{node.name}: new"
    both = [node.name for node in after if node.name in before]
    for name in both:
        yield from _values(name, node_value(before[name]), node_value(after[name]))
    if both != [node.name for node in before if node.name in after]:
        yield "the nodes stand in another order"


def _values(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {**before, **after}:
            inner = f"{path}.{key}" if path else str(key)
            yield from _values(inner, before.get(key, _MISSING), after.get(key, _MISSING))
    elif (was := _text(before)) != (now := _text(after)):
        yield f"{short(path, 100)}: {short(now, 40)}, was {short(was, 40)}"


def _text(value: Any) -> str:
    """Return a value in JSON, in which 1, 1.0 and true are three things."""
    return "nothing" if value is _MISSING else json.dumps(value, sort_keys=True, default=dict)
