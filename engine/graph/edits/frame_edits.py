"""Edits of frames, of routes (the bend points of wires), and of the collapsed state of nodes.

The edits change `Project.view`. They keep its entries that this version can't read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.graph.edits.field_edits import get_mapping, without_key
from engine.graph.edits.wire_edits import get_node
from engine.graph.model import Json, Project
from engine.graph.node_names import MAX_NAME_LENGTH
from engine.graph.view import (
    MAX_FRAMES,
    MAX_POINTS,
    frame_members,
    has_route,
    parse_point,
    parse_route,
    with_list,
)


def add_frame(
    project: Project,
    nodes: Sequence[str],
    title: str = "Frame",
    collapsed: bool = False,
    tint: str | None = None,
) -> Project:
    """Add a frame with `nodes`, which leave other frames, in the color of layer family `tint`."""
    names = _unique_names(project, nodes)
    entry = _styled({"title": _check_text(title, "title")}, collapsed, tint)
    entries = [*_without_nodes(view_entries(project), names), {**entry, "nodes": names}]
    if len(entries) > MAX_FRAMES:
        raise ValueError(f"there are at most {MAX_FRAMES} frames")
    return _with_frames(project, entries)


def set_frame(
    project: Project,
    at: int,
    title: str | None = None,
    collapsed: bool | None = None,
    tint: str | None = None,
) -> Project:
    """Set the title, collapsed state and color of the frame with index `at`.

    None keeps the current value. `tint` is the layer family whose color the frame has, or "".
    """
    entries = view_entries(project)
    entry = dict(_entry(entries, at))
    if title is not None:
        entry["title"] = _check_text(title, "title")
    entries[at] = _styled(entry, collapsed, tint)
    return _with_frames(project, entries)


def remove_frame(project: Project, at: int) -> Project:
    """Remove the frame with index `at`, but not the nodes in it."""
    entries = view_entries(project)
    _entry(entries, at)
    return _with_frames(project, entries[:at] + entries[at + 1 :])


def put_in_frame(project: Project, at: int, nodes: Sequence[str]) -> Project:
    """Add nodes to the frame with index `at`, and remove these nodes from all other frames."""
    names = _unique_names(project, nodes)
    entries = view_entries(project)
    entry = _entry(entries, at)
    kept = [name for name in frame_members(entry) if name not in names]
    before = _without_nodes(entries[:at], names)
    after = _without_nodes(entries[at + 1 :], names)
    return _with_frames(project, [*before, {**entry, "nodes": kept + names}, *after])


def take_out_of_frames(project: Project, nodes: Sequence[str]) -> Project:
    """Remove nodes from their frames."""
    names = _unique_names(project, nodes)
    return _with_frames(project, _without_nodes(view_entries(project), names))


def set_route(
    project: Project, source: str, node: str, port: str, points: Sequence[Sequence[float]]
) -> Project:
    """Set the bend points of a wire, in order from its source; [] removes all bend points."""
    route = (source, node, port)
    if not has_route(get_node(project, node), route):
        raise ValueError(f'no wire from {source} ends at the port "{port}" of {node}')
    if len(points) > MAX_POINTS:
        raise ValueError(f"a wire has at most {MAX_POINTS} bend points")
    parsed = [parse_point(point) for point in points]
    if None in parsed:
        raise ValueError("a point is [x, y], within the limits of the canvas")
    kept = [entry for entry in view_entries(project, "routes") if parse_route(entry) != route]
    if parsed:
        rounded = [[round(point[0]), round(point[1])] for point in parsed if point]
        kept.append({"from": source, "to": node, "port": port, "points": rounded})
    return replace(project, view=with_list(project.view, "routes", kept))


def set_collapsed(project: Project, names: Sequence[str], on: bool = True) -> Project:
    """Collapse nodes to their header, or expand them."""
    nodes = dict(get_mapping(project.view, "nodes"))
    for name in _unique_names(project, names):
        entry = without_key(get_mapping(nodes, name), "collapsed")
        if on:
            entry["collapsed"] = True
        if entry:
            nodes[name] = entry
        else:
            nodes.pop(name, None)
    view = {**project.view, "nodes": nodes} if nodes else without_key(project.view, "nodes")
    return replace(project, view=view)


def view_entries(project: Project, key: str = "frames") -> list[Json]:
    """Return a copy of a list of the view; raise a ValueError if it is no list."""
    entries = project.view.get(key, [])
    is_list = isinstance(entries, (list, tuple))
    if not is_list:
        raise ValueError(f"this version can't read the file's {key}")
    return [*entries]


def _entry(entries: Sequence[Json], at: int) -> dict[str, Json]:
    if not isinstance(at, int) or not 0 <= at < len(entries) or not frame_members(entries[at]):
        raise ValueError(f"there is no frame {at}")
    return dict(entries[at])


def _with_frames(project: Project, entries: list[Json]) -> Project:
    return replace(project, view=with_list(project.view, "frames", entries))


def _without_nodes(entries: Sequence[Json], names: Collection[str]) -> list[Json]:
    """Return frame entries without the nodes in `names`; entries that become empty are dropped."""
    kept: list[Json] = []
    for entry in entries:
        old = frame_members(entry)
        remaining = [name for name in old if name not in names]
        if len(remaining) == len(old):
            kept.append(entry)
        elif remaining:
            kept.append({**entry, "nodes": remaining})
    return kept


def _unique_names(project: Project, nodes: Sequence[str]) -> list[str]:
    if isinstance(nodes, str) or not nodes:
        raise ValueError("name at least one node, in a list")
    return [*dict.fromkeys(get_node(project, name).name for name in nodes)]


def _styled(entry: dict[str, Json], collapsed: bool | None, tint: str | None) -> dict[str, Json]:
    """Set `collapsed` and `tint` in `entry`, the JSON of a frame, and return `entry`.

    None keeps the current value. The defaults, False and "", are not stored.
    """
    style = {
        "collapsed": None if collapsed is None else bool(collapsed),
        "tint": None if tint is None else _check_text(tint, "tint"),
    }
    for key, value in style.items():
        if value is not None:
            entry.pop(key, None)
        if value:
            entry[key] = value
    return entry


def _check_text(value: object, noun: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_NAME_LENGTH:
        raise ValueError(f"a {noun} is a string of at most {MAX_NAME_LENGTH} characters")
    return value
