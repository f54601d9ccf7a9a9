"""The minimum lengths of the axes of Inputs, and fixes for what is shorter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.check.shapes import Shapes, infer_shapes, read_layers
from engine.core.diagnostic import Diagnostic, Fix, set_params_fix
from engine.graph.edits.field_edits import set_off, set_params
from engine.graph.edits.registry import apply_edits
from engine.graph.model import Graph, Json, Node, Project
from engine.layers import catalogue

Edit = dict[str, object]
_TOO_SHORT = ("window-too-large", "crop-too-large")


def with_longer_inputs(diagnostics: Iterable[Diagnostic], graph: Graph) -> Iterator[Diagnostic]:
    """Yield the diagnostics, with a fix of the Input in those of layers whose input is too short.

    The fix sets the shape that the whole network needs. It is left out if several Inputs lead to
    the layer, or if it would not help.
    """
    for diagnostic in diagnostics:
        fix = _longer_input_fix(diagnostic, graph) if diagnostic.code in _TOO_SHORT else None
        if fix is None:
            yield diagnostic
        else:
            others = [other for other in diagnostic.fixes if other.edit is not None]
            yield replace(diagnostic, fixes=(*others, fix))


def _longer_input_fix(diagnostic: Diagnostic, graph: Graph) -> Fix | None:
    """Return a fix that lengthens the only Input before a node, None if there is no such fix.

    The lengths are found with dynamic axes in place of those that are convolved: all but the last.
    """
    name = diagnostic.node or ""
    inputs = [graph[node] for node in graph.ancestors([name]) if graph[node].kind == "Input"]
    shape = inputs[0].params.get("shape") if len(inputs) == 1 else None
    if not isinstance(shape, list):
        return None
    count = max(1, len(shape) - 1)
    dynamic = _with_shape(graph, inputs[0], [None] * count + shape[count:])
    minimums = _graph_shapes(dynamic).minimum_lengths
    lengths = [
        size and max(size, minimums.get((inputs[0].name, axis), 1))
        for axis, size in enumerate(shape[:count])
    ]
    longer = lengths + shape[count:]
    found = _graph_shapes(_with_shape(graph, inputs[0], longer)).diagnostics
    if any(each.node == name and each.code in _TOO_SHORT for each in found):
        return None
    text = f"Set the shape of {inputs[0].name} to {longer}, which the whole network needs."
    return set_params_fix(text, shape=longer).at_node(inputs[0].name)


def _with_shape(graph: Graph, node: Node, shape: list[Json]) -> Graph:
    return graph.with_nodes(replace(node, params={**node.params, "shape": shape}))


def shorter_input_fixes(project: Project, source: str, axis: int, length: int) -> Iterator[Fix]:
    """Yield fixes for sequences that are too short for the network, best first.

    Args:
        source, axis: the name of an Input, and the index of its dynamic axis.
        length: the length of the sequences on this axis.
    """
    nodes = _valid_padding_nodes(project)
    for node in nodes:
        changed = set_params(project, node, {"padding": "same"})
        if _fits(changed, source, axis, length):
            yield set_params_fix(f"Set padding of {node} to 'same'.", padding="same").at_node(node)
            break
    else:
        yield from _same_padding_everywhere(project, nodes, source, axis, length)
    for node in _poolings(project):
        if _fits(set_off(project, node), source, axis, length):
            yield Fix(f"Bypass {node}.", {"do": "set_off", "node": node, "off": True})
            break
    minimum = _shapes(project).minimum_lengths.get((source, axis), 1)
    yield Fix(f"Pad the sequences to {minimum:,} steps.")


def _same_padding_everywhere(
    project: Project, nodes: list[str], source: str, axis: int, length: int
) -> Iterator[Fix]:
    """Yield a fix that sets padding 'same' on `nodes`, if Input `source` then accepts `length`."""
    edits: list[Edit] = [
        {"do": "set_params", "node": node, "params": {"padding": "same"}} for node in nodes
    ]
    if edits and _fits(apply_edits(project, edits), source, axis, length):
        text = f"Set padding to 'same' in {', '.join(nodes)}."
        yield Fix(text, {"do": "several", "edits": edits})


def _valid_padding_nodes(project: Project) -> list[str]:
    """Return the nodes with padding 'valid', in graph order."""
    layers, _ = read_layers(project.graph)
    return [
        node.name
        for node in project.graph
        if getattr(layers.get(node.name), "padding", None) == "valid" and not node.off
    ]


def _poolings(project: Project) -> Iterator[str]:
    """Yield the names of the pooling nodes that are not bypassed."""
    for node in project.graph:
        cls = catalogue.find_layer_class(node.kind)
        if cls is not None and cls.family == "pool" and not node.off:
            yield node.name


def _shapes(project: Project) -> Shapes:
    return _graph_shapes(project.graph)


def _graph_shapes(graph: Graph) -> Shapes:
    layers, _ = read_layers(graph)
    return infer_shapes(graph, layers)


def _fits(project: Project, source: str, axis: int, length: int) -> bool:
    """Return whether shapes are valid if `axis` of the Input `source` has this length."""
    shapes = _shapes(project)
    if any(found.is_error for found in shapes.diagnostics):
        return False
    return shapes.minimum_lengths.get((source, axis), 1) <= length


def dynamic_inputs(graph: Graph, shapes: Shapes) -> Iterator[tuple[str, int, int]]:
    """Yield (Input, axis, minimum length) for each dynamic axis, in graph order."""
    lengths = shapes.minimum_lengths
    for node in graph.of_kind("Input"):
        for (name, axis), size in sorted(lengths.items()):
            if name == node.name:
                yield name, axis, size
