"""Conversion of a project to the text of its file: deterministic, with one node per line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.graph.model import Node, Project
from engine.graph.serialization.migration import FORMAT, VERSION

_LINE_WIDTH = 100


def dumps(project: Project) -> str:
    """Return the text of a project's file.

    The known keys of the file and of nodes have a fixed order; other keys keep their order. A
    section that does not fit on one line is written with one entry per line, so that diffs of files
    are small.
    """
    return "{\n " + ",\n ".join(_sections(project)) + "\n}\n"


def _sections(project: Project) -> Iterator[str]:
    yield f'"format": {_line(FORMAT)}, "version": {VERSION}'
    if project.description:
        yield f'"description": {_line(project.description)}'
    lines = ",\n  ".join(_line(node_to_json(node)) for node in project.graph)
    nodes = f"[\n  {lines}\n ]" if lines else "[]"
    graph_extra = project.extra.get("graph", {})
    unknown = "".join(f", {_line(key)}: {_line(value)}" for key, value in graph_extra.items())
    yield f'"graph": {{"nodes": {nodes}{unknown}}}'
    extra = {key: value for key, value in project.extra.items() if key != "graph"}
    known = {"recipe": project.recipe, "data": project.data, "view": project.view}
    for key, value in {**{key: part for key, part in known.items() if part}, **extra}.items():
        yield f"{_line(key)}: {_wrapped(value, 1, len(key) + 5)}"


def node_to_json(node: Node) -> dict[str, Any]:
    """Return a node as plain JSON without default values."""
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
    raise TypeError(f"{type(value).__name__} is not plain JSON")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain)


def _wrapped(value: Any, indent: int, column: int) -> str:
    """Return the JSON text of a value: one line, or one entry per line if that line is too long.

    `column` is where the text starts in its line; `indent` is the indentation of that line.
    """
    flat = _line(value)
    is_container = isinstance(value, (Mapping, list, tuple))
    if column + len(flat) <= _LINE_WIDTH or not value or not is_container:
        return flat
    newline = "\n" + " " * (indent + 1)
    if isinstance(value, Mapping):
        prefixes, items = [f"{_line(key)}: " for key in value], list(value.values())
        brackets = "{}"
    else:
        prefixes, items, brackets = [""] * len(value), list(value), "[]"
    entries = [
        prefix + _wrapped(item, indent + 1, indent + 2 + len(prefix))
        for prefix, item in zip(prefixes, items, strict=True)
    ]
    body = newline + f",{newline}".join(entries)
    return brackets[0] + body + "\n" + " " * indent + brackets[1]
