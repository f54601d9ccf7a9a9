"""Ways out when the data is shorter than the network needs, each tried before it is offered."""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.shapes import infer, read_layers
from engine.core.diagnostic import Fix, set_params_fix
from engine.graph.edits.node_edits import set_off, set_params, several
from engine.graph.model import Project
from engine.layers import catalogue

Edit = dict[str, object]


def shorter(project: Project, source: str, axis: int, length: int) -> tuple[Fix, ...]:
    """Return fixes that make the network take `length` steps, most likely first.

    Args:
        project: its graph needs more.
        source, axis: the Input and which of its axes is too short.
        length: what the data has.
    """
    return tuple(_found(project, source, axis, length))


def _found(project: Project, source: str, axis: int, length: int) -> Iterator[Fix]:
    windows = _windows(project)
    for node in windows:
        same = set_params(project, node, {"padding": "same"})
        if _fits(same, source, axis, length):
            yield set_params_fix(f"Set padding of {node} to 'same'.", padding="same").at_node(node)
            break
    else:
        yield from _all_same(project, windows, source, axis, length)
    for node in _movable(project):
        if _fits(set_off(project, node), source, axis, length):
            yield Fix(f"Bypass {node}.", {"do": "set_off", "node": node, "off": True})
            break
    yield Fix(f"Pad the sequences to {_needs(project, source, axis):,} steps.")


def _all_same(
    project: Project, windows: list[str], source: str, axis: int, length: int
) -> Iterator[Fix]:
    """Offer padding 'same' everywhere, where one window alone is not enough."""
    edits: list[Edit] = [
        {"do": "set_params", "node": node, "params": {"padding": "same"}} for node in windows
    ]
    if edits and _fits(several(project, edits), source, axis, length):
        yield Fix(
            f"Set padding to 'same' in {', '.join(windows)}.", {"do": "several", "edits": edits}
        )


def _windows(project: Project) -> list[str]:
    """Return the nodes that slide a window with padding 'valid', in drawing order."""
    layers, _ = read_layers(project.graph)
    return [
        node.name
        for node in project.graph
        if getattr(layers.get(node.name), "padding", None) == "valid" and not node.off
    ]


def _movable(project: Project) -> Iterator[str]:
    """Yield the layers without weights, such as poolings: the cheapest to do without."""
    for node in project.graph:
        cls = catalogue.find(node.kind)
        if cls is not None and cls.family == "pool" and not node.off:
            yield node.name


def _needs(project: Project, source: str, axis: int) -> int:
    graph = project.graph
    layers, _ = read_layers(graph)
    return infer(graph, layers).least().get((source, axis), 1)


def _fits(project: Project, source: str, axis: int, length: int) -> bool:
    """Return whether a changed network is sound as far as the old one was, and short enough."""
    layers, _ = read_layers(project.graph)
    shapes = infer(project.graph, layers)
    if any(found.is_error for found in shapes.diagnostics):
        return False
    return shapes.least().get((source, axis), 1) <= length
