"""Reading of a project's view: positions, frames, routes and collapsed nodes.

`engine.graph.notes` reads its notes.

The functions here never raise. Entries that this version can't read are ignored, but kept in the
file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import isqrt

from engine.graph.model import Json, Node, Project, source_node
from engine.graph.node_names import MAX_NAME_LENGTH

MAX_FRAMES = 1000
MAX_POINTS = 64
MAX_COORDINATE = 1_000_000  # a larger coordinate is invalid

Point = tuple[float, float]
Route = tuple[str, str, str]  # a wire: its source, and the node and input port where it ends


@dataclass(frozen=True)
class Frame:
    """A titled frame around nodes; a node is in one frame at most.

    Args:
        index: the index in the file's list of frames; edits identify the frame by its index.
        nodes: names of the frame's nodes in the order of the graph, at least one.
        collapsed: True if the frame is drawn as a single box.
        tint: the layer family whose color the frame has, "" for none.
    """

    index: int
    title: str
    nodes: tuple[str, ...]
    collapsed: bool = False
    tint: str = ""


def frames(project: Project) -> tuple[Frame, ...]:
    """Return the frames that have nodes; a node in several frames belongs to the first."""
    unframed = {node.name: rank for rank, node in enumerate(project.graph)}
    result: list[Frame] = []
    for index, entry in enumerate(get_list(project.view, "frames")[:MAX_FRAMES]):
        names = [name for name in frame_members(entry) if name in unframed]
        ranks = {name: unframed.pop(name) for name in dict.fromkeys(names)}
        if ranks:
            nodes = tuple(sorted(ranks, key=ranks.__getitem__))
            title, tint = _text(entry.get("title")), _text(entry.get("tint"))
            result.append(Frame(index, title, nodes, entry.get("collapsed") is True, tint))
    return tuple(result)


def frames_by_node(project: Project) -> dict[str, Frame]:
    """Return the frame of each node that is in a frame, by name of the node."""
    return {name: frame for frame in frames(project) for name in frame.nodes}


def segments(project: Project) -> tuple[tuple[str, ...], ...]:
    """Return the nodes that a network computes, in order, divided for gradient checkpointing.

    A frame is a segment, or several if other nodes are computed in between. The other nodes are
    divided into segments of √n nodes, for n nodes in all.

    Source: Chen and others 2016, arXiv:1604.06174.
    """
    graph, frames = project.graph, frames_by_node(project)
    nodes = (node for node in graph.topological_order if node.name in graph.required_names)
    names = [n.name for n in nodes if n.kind not in ("Input", "Output") and not n.off]
    parts: list[tuple[str, ...]] = []
    for frame, group in groupby(names, frames.get):
        run = tuple(group)
        size = len(run) if frame else isqrt(len(names))
        parts += (run[at : at + size] for at in range(0, len(run), size))
    return tuple(parts)


def exact_frame(project: Project, names: Collection[str]) -> Frame | None:
    """Return the frame that contains exactly these nodes, None if there is none."""
    frame = frames_by_node(project).get(next(iter(names), ""))
    return frame if frame is not None and set(frame.nodes) == set(names) else None


def routes(project: Project) -> dict[Route, tuple[Point, ...]]:
    """Return the bend points of each existing wire whose bend points are all valid, by wire."""
    result: dict[Route, tuple[Point, ...]] = {}
    for entry in get_list(project.view, "routes"):
        route = parse_route(entry)
        node = project.graph.by_name.get(route[1]) if route else None
        if route is None or node is None or not has_route(node, route):
            continue
        parsed = [parse_point(point) for point in get_list(entry, "points")]
        valid = tuple(point for point in parsed if point is not None)
        if valid and len(valid) == len(parsed) <= MAX_POINTS:
            result[route] = valid
    return result


def node_positions(project: Project) -> dict[str, Point]:
    """Return the top left corner of each node that has a position, by name of the node."""
    points = {node.name: parse_point(_entry(project, node).get("at")) for node in project.graph}
    return {name: point for name, point in points.items() if point is not None}


def collapsed_nodes(project: Project) -> frozenset[str]:
    """Return the names of the nodes that are collapsed to their header."""
    return frozenset(n.name for n in project.graph if _entry(project, n).get("collapsed") is True)


def parse_point(value: object) -> Point | None:
    """Return the point of a JSON value [x, y], None if it is invalid."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    for part in value:
        is_number = isinstance(part, (int, float)) and not isinstance(part, bool)
        if not is_number or not abs(part) <= MAX_COORDINATE:  # `not <=` also catches NaN
            return None
    return float(value[0]), float(value[1])


def get_list(view: Mapping[str, Json], key: str) -> Sequence[Json]:
    """Return the list under `key`, or an empty list if there is none."""
    found = view.get(key)
    return found if isinstance(found, (list, tuple)) else ()


def frame_members(entry: Json) -> list[str]:
    """Return the node names in the JSON of a frame or a note, including those of missing nodes."""
    nodes = entry.get("nodes") if isinstance(entry, Mapping) else None
    return [name for name in nodes if isinstance(name, str)] if isinstance(nodes, list) else []


def parse_route(entry: Json) -> Route | None:
    """Return the wire (source, node, port) in an entry of "routes", None if it can't be read."""
    if not isinstance(entry, Mapping):
        return None
    source, node, port = (entry.get(key) for key in ("from", "to", "port"))
    if isinstance(source, str) and isinstance(node, str) and isinstance(port, str):
        return source, node, port
    return None


def has_route(node: Node, route: Route) -> bool:
    """Return whether the wire of `route` exists; `node` is the node where this wire ends."""
    wired = node.inputs.get(route[2], ())
    return route[0] in ((wired,) if isinstance(wired, str) else wired)


def rename_in_view(view: Mapping[str, Json], old: str, new: str | None) -> Mapping[str, Json]:
    """Return the view with node `old` renamed in all its lists, or removed if `new` is None."""
    view = with_list(view, "frames", [*_renamed_members(view, "frames", old, new)])
    view = with_list(view, "notes", [*_renamed_members(view, "notes", old, new)])
    return with_list(view, "routes", [*_renamed_routes(view, old, new)])


def without_stale_routes(project: Project, node: str) -> Project:
    """Return the project without the saved paths (routes) of deleted wires that ended at `node`."""
    entries = get_list(project.view, "routes")
    if not entries:
        return project
    kept = [entry for entry in entries if not _stale(project.graph[node], parse_route(entry))]
    return replace(project, view=with_list(project.view, "routes", kept))


def with_list(view: Mapping[str, Json], key: str, entries: list[Json]) -> Mapping[str, Json]:
    """Return the view with the list `entries` under `key`; an empty list removes the key."""
    old = get_list(view, key)
    if len(old) == len(entries) and all(a is b for a, b in zip(old, entries, strict=True)):
        return view  # unchanged, so that projects share it
    if entries:
        return {**view, key: entries}
    return {name: item for name, item in view.items() if name != key}


def _stale(node: Node, route: Route | None) -> bool:
    return route is not None and route[1] == node.name and not has_route(node, route)


def _renamed_members(
    view: Mapping[str, Json], key: str, old: str, new: str | None
) -> Iterator[Json]:
    """Yield the frames or the notes; a frame without nodes is left out, a note stays."""
    for entry in get_list(view, key):
        names = frame_members(entry)
        if old not in names:
            yield entry
            continue
        kept = [new if name == old else name for name in names if name != new]
        kept = [name for name in kept if name is not None]
        if kept:
            yield {**entry, "nodes": [*dict.fromkeys(kept)]}
        elif key == "notes":
            yield {name: value for name, value in entry.items() if name != "nodes"}


def _renamed_routes(view: Mapping[str, Json], old: str, new: str | None) -> Iterator[Json]:
    for entry in get_list(view, "routes"):
        route = parse_route(entry)
        if route is None or old not in (source_node(route[0]), route[1]):
            yield entry
        elif new is not None:
            source, node, _ = route
            source = new + source[len(old) :] if source_node(source) == old else source
            yield {**entry, "from": source, "to": new if node == old else node}


def _entry(project: Project, node: Node) -> Mapping[str, Json]:
    entries = project.view.get("nodes")
    entry = entries.get(node.name) if isinstance(entries, Mapping) else None
    return entry if isinstance(entry, Mapping) else {}


def _text(value: Json) -> str:
    return value[:MAX_NAME_LENGTH] if isinstance(value, str) else ""
