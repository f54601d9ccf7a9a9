"""The rows of the outline by group, and the difference of two lists of rows. Does not use Qt."""

from __future__ import annotations

from collections.abc import Sequence

from engine.graph.model import Graph, Project
from engine.graph.notes import Note, notes
from engine.graph.view import Frame, frames

GROUP_TITLES = ("Inputs", "Layers", "Outputs")
Extra = Frame | Note  # a row of a group that exists only while it has rows


def group_nodes(graph: Graph, text: str) -> list[list[str]]:
    """Return the names of Inputs, layers and Outputs that match a filter, as three lists.

    Names are in topological order, and nodes of a cycle come last. `text` is a casefolded text
    that the name or the layer type has to contain.
    """
    nodes = list(graph.topological_order)
    if len(nodes) < len(graph):
        ordered = {node.name for node in nodes}
        nodes += [node for node in graph if node.name not in ordered]
    if text:
        nodes = [n for n in nodes if text in n.name.casefold() or text in n.kind.casefold()]
    boundary = ("Input", "Output")
    return [
        [node.name for node in nodes if node.kind == "Input"],
        [node.name for node in nodes if node.kind not in boundary],
        [node.name for node in nodes if node.kind == "Output"],
    ]


def matching_extras(project: Project, filter_text: str) -> list[tuple[Extra, ...]]:
    """Return the frames and the notes whose title or text contains `filter_text`, casefolded.

    An empty group is left out.
    """
    matching_frames = tuple(f for f in frames(project) if filter_text in f.title.casefold())
    matching_notes = tuple(note for note in notes(project) if filter_text in note.text.casefold())
    return [group for group in (matching_frames, matching_notes) if group]


def changed_range(
    old: Sequence[str], new: Sequence[str]
) -> tuple[int, Sequence[str], Sequence[str]]:
    """Return the parts of two lists between their common prefix and their common suffix.

    Returns:
        The index of the first changed row, the names to remove there, and the names to insert.
    """
    shorter = min(len(old), len(new))
    first = next((row for row in range(shorter) if old[row] != new[row]), shorter)
    remaining = shorter - first
    suffix = next((row for row in range(remaining) if old[-1 - row] != new[-1 - row]), remaining)
    return first, old[first : len(old) - suffix], new[first : len(new) - suffix]
