"""The minimum lengths of the axes of Inputs, and fixes for what is shorter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from engine.check.shapes import Shapes, infer_shapes, read_layers
from engine.core.diagnostic import Diagnostic, Fix, set_params_fix
from engine.graph.edits.field_edits import set_off, set_params
from engine.graph.edits.registry import apply_edits
from engine.graph.model import Graph, Node, Project
from engine.layers import catalogue

Edit = dict[str, object]
_TOO_SHORT = ("window-too-large", "crop-too-large")


class LongerInputs:
    """The fixes of Inputs that are too short for the network, each computed when it is needed.

    `previous` are the `dynamic_shapes` of a similar graph, which are reused for unchanged nodes.

    Attributes:
        dynamic_shapes: by Input, the shapes of the graph in which all its axes but the channels
            are dynamic. Why: dynamic axes remember the minimum length that the layers need.
    """

    def __init__(self, graph: Graph, previous: Mapping[str, Shapes]) -> None:
        self._graph, self._previous = graph, previous
        self.dynamic_shapes: dict[str, Shapes] = {}

    def with_fixes(self, diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """Yield the diagnostics, with a fix of the Input in those of layers with a short input.

        The fix sets the shape that the network needs. It is left out if the layer depends on
        several Inputs, or can't take an input of dynamic length. It replaces fixes without an edit.
        """
        for diagnostic in diagnostics:
            source = self._only_input(diagnostic) if diagnostic.code in _TOO_SHORT else None
            shapes = self._shapes(source) if source is not None else Shapes()
            if source is None or diagnostic.node not in shapes.outputs:
                yield diagnostic
                continue
            others = [other for other in diagnostic.fixes if other.edit is not None]
            yield replace(diagnostic, fixes=(*others, _longer_input_fix(source, shapes)))

    def _only_input(self, diagnostic: Diagnostic) -> Node | None:
        """Return the Input that the node of a diagnostic depends on, None if there are several."""
        names = self._input_names.get(diagnostic.node or "", frozenset())
        inputs = [self._graph[name] for name in names]
        shape = inputs[0].params.get("shape") if len(inputs) == 1 else None
        return inputs[0] if isinstance(shape, list) and shape else None

    @cached_property
    def _input_names(self) -> Mapping[str, frozenset[str]]:
        """The names of the Inputs that each node depends on."""
        names: dict[str, frozenset[str]] = {}
        for node in self._graph.topological_order:
            sources = {names.get(source, frozenset()) for source in node.sources()}
            is_input = node.kind == "Input"
            names[node.name] = frozenset({node.name} if is_input else set().union(*sources))
        return names

    def _shapes(self, source: Node) -> Shapes:
        if source.name not in self.dynamic_shapes:
            shape = _shape(source)
            dynamic = [None] * _length_count(shape) + shape[_length_count(shape) :]
            node = replace(source, params={**source.params, "shape": dynamic})
            shapes = _graph_shapes(self._graph.with_nodes(node), self._previous.get(source.name))
            self.dynamic_shapes[source.name] = shapes
        return self.dynamic_shapes[source.name]


def _longer_input_fix(source: Node, dynamic_shapes: Shapes) -> Fix:
    shape, minimums = _shape(source), dynamic_shapes.minimum_lengths
    longer = [
        None if size is None else max(size, minimums.get((source.name, axis), 1))
        for axis, size in enumerate(shape[: _length_count(shape)])
    ] + shape[_length_count(shape) :]
    text = f"Set the shape of {source.name} to {longer}, which the network needs."
    return set_params_fix(text, shape=longer).at_node(source.name)


def _shape(source: Node) -> list[Any]:
    return list(source.params["shape"])


def _length_count(shape: list[Any]) -> int:
    """Return the number of axes that layers may shorten: all but the channels."""
    return max(1, len(shape) - 1)


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


def _graph_shapes(graph: Graph, previous: Shapes | None = None) -> Shapes:
    layers, _ = read_layers(graph)
    return infer_shapes(graph, layers, previous)


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
