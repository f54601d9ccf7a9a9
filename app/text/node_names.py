"""Names: why one can't be given to a node, and what is called after a table."""

from __future__ import annotations

from pathlib import Path

from engine.graph import node_names
from engine.graph.model import Graph


def unfit(graph: Graph, node: str, text: str) -> str:
    """Return why a node can't go by a name, "" if it can.

    Args:
        graph: that the node is in.
        node: its present name, which always fits.
        text: the name that was typed.
    """
    if text == node:
        return ""
    if not text:
        return "A node needs a name."
    if not node_names.legal(text):
        return f'A name is made of letters, digits and _. "{node_names.suggest(text)}" would do.'
    if text in graph:
        return f'There is a node "{text}" already. "{node_names.unique(text, graph)}" is free.'
    return ""


def of_data(data: Path) -> str:
    """Return the name of a table without its ending; other dots stay."""
    return data.name if data.is_dir() else Path(data.name.removesuffix(".gz")).stem
