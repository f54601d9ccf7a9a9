"""Converts plain JSON to a project. Checks types, names and limits, but not fields of layers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from engine.core.diagnostic import Diagnostic, nearest_word
from engine.graph.model import (
    EMPTY_MAPPING,
    MAX_DESCRIPTION_LENGTH,
    Graph,
    Node,
    Project,
    Wires,
)
from engine.graph.node_names import MAX_NAME_LENGTH
from engine.graph.serialization.json_positions import JsonPath
from engine.graph.serialization.parse_error import (
    GraphFileError,
    format_json_path,
    limit_error,
    quote,
    shorten,
)

MAX_NODES = 5000
MAX_WIRES = 20_000

FILE_KEYS = ("format", "version", "description", "graph", "recipe", "data", "view")
NODE_KEYS = ("name", "kind", "inputs", "params", "off", "shares")
# Invisible characters, and those that change how the text around them is displayed: control
# characters, line breaks and marks for the direction of writing.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def project_from_json(value: Mapping[str, Any]) -> tuple[Project, list[Diagnostic]]:
    """Return the project of a file's JSON value, and a note for each unknown key.

    Raises:
        GraphFileError: a value has the wrong type, a name is invalid or a limit is exceeded.
    """
    graph = _mapping(value, "graph", ())
    nodes = _typed(graph.get("nodes", []), list, ("graph", "nodes"))
    if len(nodes) > MAX_NODES:
        raise limit_error("nodes", len(nodes), MAX_NODES, ("graph", "nodes"))
    extra = _unknown_items(value, FILE_KEYS)
    if graph_extra := _unknown_items(graph, ("nodes",)):
        extra = {**extra, "graph": graph_extra}
    project = Project(
        Graph(_nodes(nodes)),
        _mapping(value, "recipe", ()),
        _section(value, "data", ("inputs", "targets")),
        _section(value, "view", ("nodes",)),
        extra or EMPTY_MAPPING,
        _description(value),
    )
    return project, _unknown_keys(project)


def _description(value: Mapping[str, Any]) -> str:
    text: str = _typed(value.get("description", ""), str, ("description",))
    if len(text) > MAX_DESCRIPTION_LENGTH:
        noun = "characters in the description"
        raise limit_error(noun, len(text), MAX_DESCRIPTION_LENGTH, ("description",))
    return text


def _nodes(values: list[Any]) -> tuple[Node, ...]:
    indices: dict[str, int] = {}  # by name
    nodes: list[Node] = []
    wire_count = 0
    for index, value in enumerate(values):
        path: JsonPath = ("graph", "nodes", index)
        node = _node(_typed(value, dict, path), path)
        if node.name in indices:
            name = quote(node.name)
            raise GraphFileError(
                "duplicate-name",
                f"two nodes are called {name}",
                (*path, "name"),
                "Rename one of them, and correct its wires.",
                found=f"{name}, also at graph.nodes[{indices[node.name]}]",
                expected="a unique name for each node",
            )
        indices[node.name] = index
        wire_count += sum(1 for _ in node.wires())
        if wire_count > MAX_WIRES:
            raise limit_error("wires", wire_count, MAX_WIRES, path)
        nodes.append(node)
    return tuple(nodes)


def _node(value: Mapping[str, Any], path: JsonPath) -> Node:
    for key in ("name", "kind"):
        if key not in value:
            raise GraphFileError(
                "key-missing",
                f'a node has no "{key}"',
                path,
                f'Add "{key}" to the node.',
                found=", ".join(map(quote, list(value)[:6])) or "an empty node",
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
        or EMPTY_MAPPING,
        _mapping(value, "params", path) or EMPTY_MAPPING,
        _typed(value.get("off", False), bool, (*path, "off")),
        None if shares is None else _name(shares, (*path, "shares")),
        _unknown_items(value, NODE_KEYS) or EMPTY_MAPPING,
    )


_EXAMPLE = '{"name": "hidden", "kind": "Dense"}'


def _wires(value: Any, path: JsonPath) -> Wires:
    if isinstance(value, list):
        return tuple(_name(item, (*path, index)) for index, item in enumerate(value))
    if isinstance(value, str):
        return _name(value, path)
    raise _wrong_type(value, "the name of a node, or a list of names", path)


def _name(value: Any, path: JsonPath) -> str:
    name: str = _typed(value, str, path)
    if len(name) > MAX_NAME_LENGTH:
        raise limit_error("characters in a name", len(name), MAX_NAME_LENGTH, path)
    if not name or _INVISIBLE.search(name):
        raise GraphFileError(
            "name-unfit",
            "a name contains invisible characters" if name else "a name is empty",
            path,
            "Use a name of letters, digits and underscores.",
            found=quote(name),
            expected="letters, digits and underscores",
        )
    return name


_NOUNS = {dict: "an object, {...}", list: "a list, [...]", str: "a string", bool: "true or false"}


def _typed(value: Any, expected: type, path: JsonPath) -> Any:
    if type(value) is not expected:  # not isinstance: true is no integer
        raise _wrong_type(value, _NOUNS[expected], path)
    return value


def _wrong_type(value: Any, expected: str, path: JsonPath) -> GraphFileError:
    where = f'"{format_json_path(path)}"' if path else "the file"
    is_container = isinstance(value, (dict, list))
    return GraphFileError(
        "wrong-type",
        f"{where} is not {expected}",
        path,
        f"Write {expected}.",
        found=_NOUNS[type(value)] if is_container else shorten(json.dumps(value)),
        expected=expected,
    )


def _mapping(value: Mapping[str, Any], key: str, path: JsonPath) -> dict[str, Any]:
    found: dict[str, Any] = _typed(value.get(key, {}), dict, (*path, key))
    return found


def _section(value: Mapping[str, Any], key: str, parts: tuple[str, ...]) -> dict[str, Any]:
    section = _mapping(value, key, ())
    for part in parts:
        _mapping(section, part, (key,))
    return section


def _unknown_items(value: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in known}


def _unknown_keys(project: Project) -> list[Diagnostic]:
    graph_extra = project.extra.get("graph", {})
    notes = [_unknown_key(key, None, "", FILE_KEYS) for key in project.extra if key != "graph"]
    notes += [_unknown_key(key, None, "graph.", ("nodes",)) for key in graph_extra]
    for node in project.graph:
        notes += [_unknown_key(key, node.name, "", NODE_KEYS) for key in node.extra]
    return notes


def _unknown_key(key: str, node: str | None, where: str, known: tuple[str, ...]) -> Diagnostic:
    nearest = nearest_word(key, known) if len(key) <= MAX_NAME_LENGTH else None
    advice = f'Call it "{nearest}", if that was intended.' if nearest else "Keep it, or remove it."
    return Diagnostic.info(
        "key-unknown",
        f"this version does not know the key {quote(where + key)}; it is kept",
        advice,
        node=node,
        found=quote(where + key),
        expected=", ".join(known),
    )
