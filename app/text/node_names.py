"""Validation of node names, and names derived from data files."""

from __future__ import annotations

from pathlib import Path

from engine.graph import node_names
from engine.graph.model import Graph


def node_name_error(graph: Graph, node: str, text: str) -> str:
    """Return why a node can't be renamed to `text`; "" if it can, or if `text` is its name."""
    if text == node:
        return ""
    if not text:
        return "A node needs a name."
    if not node_names.is_valid_name(text):
        return f'A name consists of letters, digits and _. Use "{node_names.suggest_name(text)}".'
    if text in graph:
        return f'A node "{text}" already exists. Use "{node_names.unique_name(text, graph)}".'
    return ""


def table_name(data: Path) -> str:
    """Return the name of a data file without its suffix and ".gz"; other dots are kept."""
    return data.name if data.is_dir() else Path(data.name.removesuffix(".gz")).stem
