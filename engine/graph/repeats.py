"""Repeated sections of a graph, such as the residual blocks of a deep network."""

from __future__ import annotations

from collections.abc import Sequence

from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Graph, Project
from engine.graph.view import MAX_FRAMES, frames, frames_by_node

MIN_SECTION = 2  # a section has at least so many nodes
MAX_SECTION = 64  # and at most so many

Section = tuple[str, ...]
NodeKey = tuple[tuple[object, ...], tuple[tuple[str, str, int], ...]]


def repeated_sections(graph: Graph, names: Sequence[str]) -> list[list[Section]]:
    """Return the groups of equal sections that follow one another in `names`.

    Sections are equal if their nodes have the same kinds and parameters in the same order, and
    the same wires, counted from the node where a wire ends. The first section may differ from the
    others in where its wires from earlier nodes come from. At each place the group that covers
    most nodes is taken; of equal ones the one with the shortest sections.

    Args:
        names: names of nodes in topological order.
    """
    keys = _keys(graph, names)
    groups: list[list[Section]] = []
    at = 0
    while at < len(names):
        length, count = max(
            ((size, _count(keys, at, size)) for size in range(MIN_SECTION, MAX_SECTION + 1)),
            key=lambda found: (found[0] * found[1] if found[1] > 1 else 0, -found[0]),
        )
        if count < 2:
            at += 1
            continue
        starts = range(at, at + length * count, length)
        groups.append([tuple(names[start : start + length]) for start in starts])
        at += length * count
    return groups


def collapse_repeats(project: Project) -> Project:
    """Return the project with a collapsed frame around each repeated section.

    Nodes that are in a frame already stay in it. Raise a ValueError if nothing repeats.
    """
    framed = frames_by_node(project)
    order = [node.name for node in project.graph.topological_order if node.name not in framed]
    names = [name for name in order if project.graph[name].kind not in ("Input", "Output")]
    groups = repeated_sections(project.graph, names)
    if not groups:
        raise ValueError("no sequence of layers with equal parameters repeats in this network")
    if sum(map(len, groups)) + len(frames(project)) > MAX_FRAMES:
        raise ValueError(f"there are at most {MAX_FRAMES} frames")
    for number, group in enumerate(groups):
        label = "Block" if len(groups) == 1 else f"Block {number + 1}:"
        for index, section in enumerate(group):
            title = f"{label} {index + 1} of {len(group)}"
            project = add_frame(project, section, title, collapsed=True)
    return project


def _keys(graph: Graph, names: Sequence[str]) -> list[NodeKey]:
    """Return for each node (its kind and parameters, its wires as (port, output, distance))."""
    places = {name: place for place, name in enumerate(names)}
    keys: list[NodeKey] = []
    for place, name in enumerate(names):
        node = graph[name]
        ends = [(port, *source.partition(".")[::2]) for port, _, source in node.wires()]
        wires = tuple(
            (port, output, place - places.get(source, -1)) for port, source, output in ends
        )
        kind = (node.kind, dict(node.params), node.off, node.shares)
        keys.append((kind, wires))
    return keys


def _count(keys: Sequence[NodeKey], start: int, size: int) -> int:
    """Return how many equal sections of `size` nodes follow one another from `start` on."""

    def is_equal(first: int, second: int) -> bool:
        (kind, wires), (other_kind, other_wires) = keys[first], keys[second]
        if kind != other_kind or len(wires) != len(other_wires):
            return False
        inner = (first - start) % size
        # A wire from before the first section may come from anywhere.
        return all(
            a[:2] == b[:2] and (a[2] == b[2] or (first < start + size and min(a[2], b[2]) > inner))
            for a, b in zip(wires, other_wires, strict=True)
        )

    end = start + size
    while end < len(keys) and is_equal(end - size, end):
        end += 1
    return (end - start) // size
