"""Edits of what is drawn around nodes: frames, led wires, collapsed cards. All live in the view.

Entries that this version does not understand are left where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.graph.edits.parameter_edits import mapping, without
from engine.graph.edits.wire_edits import node_of
from engine.graph.model import Json, Project
from engine.graph.node_names import LONGEST
from engine.graph.view import (
    MAX_FRAMES,
    MAX_POINTS,
    ends_at,
    members,
    place_of,
    route_of,
    with_list,
)


def add_frame(
    project: Project,
    nodes: Sequence[str],
    title: str = "Frame",
    collapsed: bool = False,
    tint: str | None = None,
) -> Project:
    """Draw a frame around nodes, the last one; they leave the frames that they were in."""
    names = _names(project, nodes)
    entry = _said({"title": _text(title, "title")}, collapsed, tint)
    entries = [*_without(_entries(project), names), {**entry, "nodes": names}]
    if len(entries) > MAX_FRAMES:
        raise ValueError(f"there are at most {MAX_FRAMES} frames")
    return _with(project, entries)


def set_frame(
    project: Project,
    at: int,
    title: str | None = None,
    collapsed: bool | None = None,
    tint: str | None = None,
) -> Project:
    """Give a frame another title, collapse or open it, or give it a family's colour, "" for none.

    What is None stays as it is.
    """
    entries = _entries(project)
    entry = dict(_entry(entries, at))
    if title is not None:
        entry["title"] = _text(title, "title")
    entries[at] = _said(entry, collapsed, tint)
    return _with(project, entries)


def remove_frame(project: Project, at: int) -> Project:
    """Take a frame away; its nodes stay."""
    entries = _entries(project)
    _entry(entries, at)
    return _with(project, entries[:at] + entries[at + 1 :])


def put_in_frame(project: Project, at: int, nodes: Sequence[str]) -> Project:
    """Take nodes into a frame; they leave the frames that they were in."""
    names = _names(project, nodes)
    entries = _entries(project)
    entry = _entry(entries, at)
    kept = [name for name in members(entry) if name not in names]
    before = _without(entries[:at], names)
    after = _without(entries[at + 1 :], names)
    return _with(project, [*before, {**entry, "nodes": kept + names}, *after])


def take_out_of_frames(project: Project, nodes: Sequence[str]) -> Project:
    """Let nodes be in no frame."""
    return _with(project, _without(_entries(project), _names(project, nodes)))


def set_route(
    project: Project, source: str, node: str, port: str, points: Sequence[Sequence[float]]
) -> Project:
    """Lead a wire through points, in order from its source; without points it goes its own way."""
    route = (source, node, port)
    if not ends_at(node_of(project, node), route):
        raise ValueError(f'no wire from {source} ends at the port "{port}" of {node}')
    if len(points) > MAX_POINTS:
        raise ValueError(f"a wire is led through at most {MAX_POINTS} points")
    through = [place_of(point) for point in points]
    if None in through:
        raise ValueError("a point is [x, y], not too far out")
    kept = [entry for entry in _entries(project, "routes") if route_of(entry) != route]
    if through:
        at = [[round(point[0]), round(point[1])] for point in through if point]
        kept.append({"from": source, "to": node, "port": port, "points": at})
    return replace(project, view=with_list(project.view, "routes", kept))


def set_collapsed(project: Project, names: Sequence[str], on: bool = True) -> Project:
    """Draw nodes as their header only, or whole again."""
    nodes = dict(mapping(project.view, "nodes"))
    for name in _names(project, names):
        entry = without(mapping(nodes, name), "collapsed")
        if on:
            entry["collapsed"] = True
        if entry:
            nodes[name] = entry
        else:
            nodes.pop(name, None)
    view = {**project.view, "nodes": nodes} if nodes else without(project.view, "nodes")
    return replace(project, view=view)


def _entries(project: Project, key: str = "frames") -> list[Json]:
    """Return the frames of the file, to be changed; those of an unknown form can't be."""
    found = project.view.get(key, [])
    if not isinstance(found, (list, tuple)):
        raise ValueError(f"this version does not know the form of the file's {key}")  # noqa: TRY004
    return [*found]


def _entry(entries: Sequence[Json], at: int) -> dict[str, Json]:
    if not isinstance(at, int) or not 0 <= at < len(entries) or not members(entries[at]):
        raise ValueError(f"there is no frame {at}")
    return dict(entries[at])


def _with(project: Project, entries: list[Json]) -> Project:
    return replace(project, view=with_list(project.view, "frames", entries))


def _without(entries: Sequence[Json], names: Collection[str]) -> list[Json]:
    """Take nodes out of frames; a frame that loses its last one goes."""
    kept: list[Json] = []
    for entry in entries:
        inside = members(entry)
        rest = [name for name in inside if name not in names]
        if len(rest) == len(inside):
            kept.append(entry)
        elif rest:
            kept.append({**entry, "nodes": rest})
    return kept


def _names(project: Project, nodes: Sequence[str]) -> list[str]:
    if isinstance(nodes, str) or not nodes:
        raise ValueError("name at least one node, in a list")
    return [*dict.fromkeys(node_of(project, name).name for name in nodes)]


def _said(entry: dict[str, Json], collapsed: bool | None, tint: str | None) -> dict[str, Json]:
    """Put two properties into an entry, and leave out what is at its default."""
    given = {
        "collapsed": None if collapsed is None else bool(collapsed),
        "tint": None if tint is None else _text(tint, "tint"),
    }
    for key, value in given.items():
        if value is not None:
            entry.pop(key, None)
        if value:
            entry[key] = value
    return entry


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError(f"a {what} is a text of at most {LONGEST} characters")
    return value
