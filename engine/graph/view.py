"""What a project's view says, read leniently: what this version does not understand is passed over.

Nothing here raises, whatever a file holds; what is passed over still stands in the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.graph.model import Json, Node, Project, source_of
from engine.graph.node_names import LONGEST

MAX_FRAMES = 1000
MAX_POINTS = 64
FARTHEST = 1_000_000  # a coordinate beyond this is taken for a fault

Place = tuple[float, float]
Route = tuple[str, str, str]  # the reference that a wire starts at, the node and port it ends at


@dataclass(frozen=True)
class Frame:
    """A titled box around nodes; a node is in one at most.

    Args:
        at: its place among the frames of the file, by which edits call it.
        title: what stands on it.
        nodes: names, in drawing order, never none.
        collapsed: drawn as one card.
        tint: a layer family whose colour it has, "" for none.
    """

    at: int
    title: str
    nodes: tuple[str, ...]
    collapsed: bool = False
    tint: str = ""


def frames(project: Project) -> tuple[Frame, ...]:
    """Return the frames that have nodes; a node in several counts for the first."""
    free = {node.name: rank for rank, node in enumerate(project.graph)}
    found: list[Frame] = []
    for at, entry in enumerate(listed(project.view, "frames")[:MAX_FRAMES]):
        names = [name for name in members(entry) if name in free]
        ranks = {name: free.pop(name) for name in dict.fromkeys(names)}
        if ranks:
            nodes = tuple(sorted(ranks, key=ranks.__getitem__))
            title, tint = _text(entry.get("title")), _text(entry.get("tint"))
            found.append(Frame(at, title, nodes, entry.get("collapsed") is True, tint))
    return tuple(found)


def frame_of(project: Project) -> dict[str, Frame]:
    """Return the frame of each node that is in one."""
    return {name: frame for frame in frames(project) for name in frame.nodes}


def frame_around(project: Project, names: Collection[str]) -> Frame | None:
    """Return the frame that holds these nodes and no others, None if there is none."""
    frame = frame_of(project).get(next(iter(names), ""))
    return frame if frame is not None and set(frame.nodes) == set(names) else None


def routes(project: Project) -> dict[Route, tuple[Place, ...]]:
    """Return the points that wires are led through, where such wires are drawn."""
    found: dict[Route, tuple[Place, ...]] = {}
    for entry in listed(project.view, "routes"):
        route = route_of(entry)
        node = project.graph.by_name.get(route[1]) if route else None
        if route is None or node is None or not ends_at(node, route):
            continue
        points = entry.get("points")
        each = [place_of(point) for point in points] if isinstance(points, (list, tuple)) else []
        through = tuple(point for point in each if point is not None)
        if through and len(through) == len(each) <= MAX_POINTS:
            found[route] = through
    return found


def places(project: Project) -> dict[str, Place]:
    """Return the top left corner of each node that has a place."""
    entries = _nodes(project)
    found = {node.name: place_of(_of(entries, node).get("at")) for node in project.graph}
    return {name: place for name, place in found.items() if place is not None}


def collapsed(project: Project) -> frozenset[str]:
    """Return the nodes that are drawn as their header only."""
    entries = _nodes(project)
    return frozenset(
        node.name for node in project.graph if _of(entries, node).get("collapsed") is True
    )


def place_of(value: object) -> Place | None:
    """Return a point that JSON says as [x, y], None if it says none."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    for part in value:
        number = isinstance(part, (int, float)) and not isinstance(part, bool)
        if not number or not abs(part) <= FARTHEST:  # NaN is not below anything
            return None
    return float(value[0]), float(value[1])


def listed(view: Mapping[str, Json], key: str) -> Sequence[Json]:
    """Return the list under `key`, an empty one if there is none."""
    found = view.get(key)
    return found if isinstance(found, (list, tuple)) else ()


def members(entry: Json) -> list[str]:
    """Return the names in a frame's entry, known or not."""
    nodes = entry.get("nodes") if isinstance(entry, Mapping) else None
    return [name for name in nodes if isinstance(name, str)] if isinstance(nodes, list) else []


def route_of(entry: Json) -> Route | None:
    """Return which wire a route's entry means, None if it says none."""
    if not isinstance(entry, Mapping):
        return None
    source, node, port = (entry.get(key) for key in ("from", "to", "port"))
    if isinstance(source, str) and isinstance(node, str) and isinstance(port, str):
        return source, node, port
    return None


def ends_at(node: Node, route: Route) -> bool:
    """Return whether a wire of this route ends at the node."""
    wired = node.inputs.get(route[2], ())
    return route[0] in ((wired,) if isinstance(wired, str) else wired)


def carried(view: Mapping[str, Json], old: str, new: str | None) -> Mapping[str, Json]:
    """Carry a node's new name into frames and routes, or take it out of them at None."""
    view = with_list(view, "frames", [*_framed(view, old, new)])
    return with_list(view, "routes", [*_led(view, old, new)])


def pruned(project: Project, node: str) -> Project:
    """Drop the routes to a node whose wires are gone."""
    entries = listed(project.view, "routes")
    if not entries:
        return project
    kept = [entry for entry in entries if not _stale(project.graph[node], route_of(entry))]
    return replace(project, view=with_list(project.view, "routes", kept))


def with_list(view: Mapping[str, Json], key: str, entries: list[Json]) -> Mapping[str, Json]:
    """Return the view with one list replaced; one that became empty goes."""
    old = listed(view, key)
    if len(old) == len(entries) and all(a is b for a, b in zip(old, entries, strict=True)):
        return view
    if entries:
        return {**view, key: entries}
    return {name: item for name, item in view.items() if name != key}


def _stale(node: Node, route: Route | None) -> bool:
    return route is not None and route[1] == node.name and not ends_at(node, route)


def _framed(view: Mapping[str, Json], old: str, new: str | None) -> Iterator[Json]:
    for entry in listed(view, "frames"):
        names = members(entry)
        if old not in names:
            yield entry
            continue
        kept = [new if name == old else name for name in names if name != new]
        kept = [name for name in kept if name is not None]
        if kept:
            yield {**entry, "nodes": [*dict.fromkeys(kept)]}


def _led(view: Mapping[str, Json], old: str, new: str | None) -> Iterator[Json]:
    for entry in listed(view, "routes"):
        route = route_of(entry)
        if route is None or old not in (source_of(route[0]), route[1]):
            yield entry
        elif new is not None:
            source, node, _ = route
            source = new + source[len(old) :] if source_of(source) == old else source
            yield {**entry, "from": source, "to": new if node == old else node}


def _nodes(project: Project) -> Mapping[str, Json]:
    found = project.view.get("nodes")
    return found if isinstance(found, Mapping) else {}


def _of(entries: Mapping[str, Json], node: Node) -> Mapping[str, Json]:
    entry = entries.get(node.name)
    return entry if isinstance(entry, Mapping) else {}


def _text(value: Json) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""
