"""Follows every tensor through the graph, and works the least lengths back to the Inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from engine.check.layer_inference import MAIN, Fed, Outs, Passage, given, passed, sharing
from engine.check.wiring import unknown_output
from engine.core.diagnostic import Diagnostic
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Node, source_node
from engine.layers.base import Layer

__all__ = ["MAIN", "Outs", "Shapes", "free_inputs", "infer", "read_layers"]


@dataclass(frozen=True)
class Shapes:
    """What flows through a graph, as far as it could be worked out.

    Args:
        layers: by node, its layer (a sharing node has its owner's).
        fed: by node, the specs at its ports in order, None at an unwired optional port.
        outs: by node, its outputs by name; the main one also under "".
        diagnostics: what does not fit.
        passages: by node in use that is fed, all that its layer makes of it.
    """

    layers: Mapping[str, Layer] = field(default_factory=dict)
    fed: Mapping[str, Fed] = field(default_factory=dict)
    outs: Mapping[str, Outs] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    passages: Mapping[str, Passage] = field(default_factory=dict, compare=False)

    def spec(self, reference: str) -> TensorSpec | None:
        """Return what flows along a wire that starts at "node" or "node.output"."""
        outs = self.outs.get(source_node(reference), {})
        return outs.get(reference.partition(".")[2])

    @cached_property
    def _least(self) -> Mapping[tuple[str, int], int]:
        least: dict[tuple[str, int], int] = {}
        passed = [passage.free for passage in self.passages.values() if passage.free]
        for length in chain.from_iterable(passed):
            key = (length.source, length.axis)
            least[key] = max(least.get(key, 1), length.minimum_length)
        return least

    def least(self) -> dict[tuple[str, int], int]:
        """Answer, by Input and axis, the least length that every window on the way fits into."""
        return dict(self._least)


def read_layers(graph: Graph) -> tuple[dict[str, Layer], list[Diagnostic]]:
    """Return the layer of every node that describes one, and what is wrong with the others."""
    layers: dict[str, Layer] = {}
    found: list[Diagnostic] = []
    sharers: list[tuple[Node, Node]] = []
    for node in graph:
        owner = graph.weight_owner(node)
        if owner is not node:
            sharers.append((node, owner))
        elif isinstance(node.layer, Layer):
            layers[node.name] = node.layer
        else:
            found += node.layer
    for node, owner in sharers:
        if owner.name in layers:
            layers[node.name] = layers[owner.name]
    return layers, found


def infer(graph: Graph, layers: Mapping[str, Layer], before: Shapes | None = None) -> Shapes:
    """Run every layer's shape rule in order. What follows a fault stays silent, not wrong.

    Args:
        graph, layers: what `read_layers` answered for the graph.
        before: shapes of a graph much like it; what passes a layer just as it did is not worked
            out again.
    """
    walk = _Walk(graph, layers, before or Shapes())
    for node in graph.topological_order:
        if node.name in layers:
            walk.visit(node)
    walk.compare()
    return Shapes(layers, walk.fed, walk.outs, tuple(walk.found), walk.passages)


class _Walk:
    """The state of one pass over a graph."""

    def __init__(self, graph: Graph, layers: Mapping[str, Layer], before: Shapes) -> None:
        self.graph = graph
        self.layers = layers
        self.before = before.passages
        self.fed: dict[str, Fed] = {}
        self.outs: dict[str, Outs] = {}
        self.passages: dict[str, Passage] = {}
        self.found: list[Diagnostic] = []

    def visit(self, node: Node) -> None:
        fed = self._fed(node)
        if fed is None:
            return
        self.fed[node.name] = fed
        if node.off and fed:
            self.outs[node.name] = {MAIN: given(fed)[0]}
            return
        before = self.before.get(node.name)
        passage = passed(node, self.layers[node.name], fed, before)
        self.passages[node.name] = passage
        self.found += passage.found
        if passage.outs is not None:
            self.outs[node.name] = passage.outs

    def compare(self) -> None:
        """Compare each node that shares weights with their owner, or with the first sharer.

        Why: a sharer may come before the owner, and the owner may be bypassed.
        """
        sound = {name: each for name, each in self.passages.items() if each.outs is not None}
        firsts: dict[str, Passage] = {}
        for passage in sound.values():
            if owner := passage.node.shares:
                first = sound.get(owner) or firsts.setdefault(owner, passage)
                self.found += sharing(passage, first)

    def _fed(self, node: Node) -> Fed | None:
        """Return the specs at the ports of a node, or None while one is not known."""
        fed: list[TensorSpec | None] = []
        for port in self.layers[node.name].ports():
            wired = node.inputs.get(port.name, ())
            references = (wired,) if isinstance(wired, str) else wired
            if not references and not port.optional:
                return None
            specs = [
                self._spec(node, port.name, place if port.many else None, reference)
                for place, reference in enumerate(references)
            ]
            if any(spec is None for spec in specs) or (len(specs) > 1 and not port.many):
                return None
            fed += specs or [None]
        return tuple(fed)

    def _spec(self, node: Node, port: str, place: int | None, reference: str) -> TensorSpec | None:
        name, _, output = reference.partition(".")
        outs = self.outs.get(name, {})
        # A layer with one output by its declaration is the wiring's to judge.
        if outs and output not in outs and len(outs) > 1:
            names = tuple(known for known in outs if known != MAIN)
            self.found.append(unknown_output(node, port, place, reference, names))
        return outs.get(output)


def free_inputs(graph: Graph, shapes: Shapes) -> Iterator[tuple[str, int, int]]:
    """Yield (Input, axis, least length) for each free axis, in drawing order."""
    least = shapes.least()
    for node in graph.of_kind("Input"):
        for (name, axis), size in sorted(least.items()):
            if name == node.name:
                yield name, axis, size
