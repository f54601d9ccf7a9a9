"""Plain JSON values to a project: types are refused at this border, all else is let in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.graph.model import EMPTY, Graph, Node, Project, Wires
from engine.graph.node_names import LONGEST
from engine.graph.serialization.json_positions import Path
from engine.graph.serialization.parse_error import Fault, dotted, quoted, short, too_many

MAX_NODES = 5000
MAX_WIRES = 20_000

FILE_KEYS = ("format", "version", "graph", "recipe", "data", "view")
NODE_KEYS = ("name", "kind", "inputs", "params", "off", "shares")
# What changes how neighbouring text is shown, or can't be shown: controls, line ends, bidi marks.
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def project_of(value: Mapping[str, Any]) -> tuple[Project, list[Diagnostic]]:
    """Return the project that a file's value says, and what of it this version does not know.

    Raises:
        Fault: a type, a name or a limit keeps it from being a project.
    """
    graph = _mapping(value, "graph", ())
    nodes = _typed(graph.get("nodes", []), list, ("graph", "nodes"))
    if len(nodes) > MAX_NODES:
        raise too_many("nodes", len(nodes), MAX_NODES, ("graph", "nodes"))
    read = _nodes(nodes)
    extra = _others(value, FILE_KEYS)
    if more := _others(graph, ("nodes",)):
        extra = {**extra, "graph": more}
    project = Project(
        Graph(read),
        _mapping(value, "recipe", ()),
        _section(value, "data", ("inputs", "targets")),
        _section(value, "view", ("nodes",)),
        extra or EMPTY,
    )
    return project, _unknown_keys(project)


def _nodes(values: list[Any]) -> tuple[Node, ...]:
    names: dict[str, int] = {}
    read: list[Node] = []
    wires = 0
    for place, value in enumerate(values):
        path: Path = ("graph", "nodes", place)
        node = _node(_typed(value, dict, path), path)
        if node.name in names:
            raise _twice(node.name, names[node.name], path)
        names[node.name] = place
        wires += sum(1 for _ in node.wires())
        if wires > MAX_WIRES:
            raise too_many("wires", wires, MAX_WIRES, path)
        read.append(node)
    return tuple(read)


def _node(value: Mapping[str, Any], path: Path) -> Node:
    for key in ("name", "kind"):
        if key not in value:
            raise Fault(
                "key-missing",
                f'a node has no "{key}"',
                path,
                f'Add "{key}" to it.',
                found=", ".join(map(quoted, list(value)[:6])) or "an empty node",
                expected=f'a node with "name" and "kind", such as {_EXAMPLE}',
            )
    inputs = _mapping(value, "inputs", path)
    shares = value.get("shares")
    return Node(
        _name(value["name"], (*path, "name")),
        _name(value["kind"], (*path, "kind")),
        {
            _name(port, (*path, "inputs", port)): _wires(wired, (*path, "inputs", port))
            for port, wired in inputs.items()
        }
        or EMPTY,
        _mapping(value, "params", path) or EMPTY,
        _typed(value.get("off", False), bool, (*path, "off")),
        None if shares is None else _name(shares, (*path, "shares")),
        _others(value, NODE_KEYS) or EMPTY,
    )


_EXAMPLE = '{"name": "hidden", "kind": "Dense"}'


def _wires(value: Any, path: Path) -> Wires:
    if isinstance(value, list):
        return tuple(_name(item, (*path, place)) for place, item in enumerate(value))
    if isinstance(value, str):
        return _name(value, path)
    raise _wrong_type(value, "the name of a node, or a list of names", path)


def _name(value: Any, path: Path) -> str:
    name: str = _typed(value, str, path)
    if len(name) > LONGEST:
        raise too_many("characters in a name", len(name), LONGEST, path)
    if not name or _HIDDEN.search(name):
        raise Fault(
            "name-unfit",
            "a name holds characters that can't be shown" if name else "a name is empty",
            path,
            "Give it a plain name.",
            found=quoted(name),
            expected="letters, digits and underscores",
        )
    return name


_NOUNS = {dict: "an object, {...}", list: "a list, [...]", str: "a text", bool: "true or false",
          int: "a whole number"}  # fmt: skip


def _typed(value: Any, wanted: type, path: Path) -> Any:
    if type(value) is not wanted:
        raise _wrong_type(value, _NOUNS[wanted], path)
    return value


def _wrong_type(value: Any, expected: str, path: Path) -> Fault:
    where = f'"{dotted(path)}"' if path else "the file"
    return Fault(
        "wrong-type",
        f"{where} is not {expected}",
        path,
        f"Write {expected}.",
        found=short(json.dumps(value))
        if not isinstance(value, (dict, list))
        else _NOUNS[type(value)],
        expected=expected,
    )


def _mapping(value: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = _typed(value.get(key, {}), dict, (*path, key))
    return found


def _section(value: Mapping[str, Any], key: str, parts: tuple[str, ...]) -> dict[str, Any]:
    section = _mapping(value, key, ())
    for part in parts:
        _mapping(section, part, (key,))
    return section


def _others(value: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in known}


def _twice(name: str, first: int, path: Path) -> Fault:
    return Fault(
        "duplicate-name",
        f"two nodes are called {quoted(name)}",
        (*path, "name"),
        "Give one of them another name, and mend the wires that mean it.",
        found=f"{quoted(name)}, also at graph.nodes[{first}]",
        expected="a name for each node",
    )


def _unknown_keys(project: Project) -> list[Diagnostic]:
    """Return a note for each key that is kept without being understood."""
    inside = project.extra.get("graph", {})
    found = [_unknown(key, None, "", FILE_KEYS) for key in project.extra if key != "graph"]
    found += [_unknown(key, None, "graph.", ("nodes",)) for key in inside]
    for node in project.graph:
        found += [_unknown(key, node.name, "", NODE_KEYS) for key in node.extra]
    return found


def _unknown(key: str, node: str | None, where: str, known: tuple[str, ...]) -> Diagnostic:
    nearest = nearest_word(key, known) if len(key) <= LONGEST else None
    advice = f'Call it "{nearest}", if that was meant.' if nearest else "Leave it, or remove it."
    return Diagnostic(
        "key-unknown",
        f"this version does not know the key {quoted(where + key)}; it is kept",
        severity="info",
        node=node,
        found=quoted(where + key),
        expected=", ".join(known),
        fixes=(Fix(advice),),
    )
