"""A project as text: the same document gives the same bytes, one node a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.graph.model import Node, Project
from engine.graph.serialization.migration import FORMAT, VERSION

_WIDTH = 100


def dumps(project: Project) -> str:
    """Return the text of a project's file.

    Keys of the frame have a fixed order, everything else keeps the order it was given. A section
    that does not fit into a line is broken into one entry a line, so that differences stay small.
    """
    return "{\n " + ",\n ".join(_sections(project)) + "\n}\n"


def _sections(project: Project) -> Iterator[str]:
    yield f'"format": {_line(FORMAT)}, "version": {VERSION}'
    lines = ",\n  ".join(_line(node_value(node)) for node in project.graph)
    nodes = f"[\n  {lines}\n ]" if lines else "[]"
    beside = project.extra.get("graph", {})
    more = "".join(f", {_line(key)}: {_line(value)}" for key, value in beside.items())
    yield f'"graph": {{"nodes": {nodes}{more}}}'
    others = {key: value for key, value in project.extra.items() if key != "graph"}
    known = {"recipe": project.recipe, "data": project.data, "view": project.view}
    for key, value in {**{key: part for key, part in known.items() if part}, **others}.items():
        yield f"{_line(key)}: {_laid_out(value, 1, len(key) + 5)}"


def node_value(node: Node) -> dict[str, Any]:
    """Return a node as its line says it; what is at its default is left out."""
    return {
        "name": node.name,
        "kind": node.kind,
        **({"inputs": node.inputs} if node.inputs else {}),
        **({"params": node.params} if node.params else {}),
        **({"off": True} if node.off else {}),
        **({"shares": node.shares} if node.shares is not None else {}),
        **node.extra,
    }


def _line(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no plain JSON")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain)


def _laid_out(value: Any, indent: int, before: int) -> str:
    """Return a value on one line if it fits behind `before` characters, else an entry a line."""
    flat = _line(value)
    if before + len(flat) <= _WIDTH or not value or not isinstance(value, (Mapping, list, tuple)):
        return flat
    gap = "\n" + " " * (indent + 1)
    if isinstance(value, Mapping):
        heads = [f"{_line(key)}: " for key in value]
        bodies = list(value.values())
        ends = "{}"
    else:
        heads, bodies, ends = [""] * len(value), list(value), "[]"
    entries = [
        head + _laid_out(body, indent + 1, indent + 2 + len(head))
        for head, body in zip(heads, bodies, strict=True)
    ]
    return ends[0] + gap + f",{gap}".join(entries) + "\n" + " " * indent + ends[1]
