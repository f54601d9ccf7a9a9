"""Immutable classes for networks: `Node`, `Graph` and `Project`.

A graph may be invalid or incomplete; the checks report this, the classes here accept it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heappop, heappush
from types import MappingProxyType
from typing import Any

from engine.core.diagnostic import Diagnostic
from engine.core.traversal import reachable
from engine.layers import catalogue
from engine.layers.base import Layer

Json = Any
Wires = str | tuple[str, ...]
MAX_DESCRIPTION_LENGTH = 10_000  # characters
EMPTY_MAPPING: Mapping[str, Any] = MappingProxyType({})
# Cached properties of a Graph that depend on its structure, not on the values of fields.
_STRUCTURE_CACHES = ("consumers", "topological_names", "required_names")


def _empty() -> Mapping[str, Any]:
    return EMPTY_MAPPING


def source_node(reference: str) -> str:
    """Return the node of a wire's source: "lstm" for "lstm.state_h"."""
    return reference.split(".", 1)[0]


@dataclass(frozen=True)
class Node:
    """A node of a graph: one layer on the canvas.

    Args:
        name: the identity of the node, unique in its graph and a valid Python identifier.
        kind: the layer type; it may be unknown to this version.
        inputs: by name of an input port, the source of its wire: "conv", or "lstm.state_h" for one
            of several outputs. A port of a merging layer has a tuple of sources.
        params: the fields as plain JSON; missing fields have their default.
        off: True if the node is bypassed: its output is its unchanged first input.
        shares: the node whose weights, type and fields this one uses.
        extra: unknown keys of the file, kept for saving.
    """

    name: str
    kind: str
    inputs: Mapping[str, Wires] = field(default_factory=_empty)
    params: Mapping[str, Json] = field(default_factory=_empty)
    off: bool = False
    shares: str | None = None
    extra: Mapping[str, Json] = field(default_factory=_empty)

    @cached_property
    def layer(self) -> Layer | tuple[Diagnostic, ...]:
        """The layer that the node's type and fields define, or diagnostics if they are invalid."""
        layer = catalogue.parse_layer(self.kind, self.params)
        if isinstance(layer, Layer):
            return layer
        return tuple(diagnostic.at_node(self.name) for diagnostic in layer)

    def has_same_structure(self, other: Node) -> bool:
        """Return whether two nodes are the same, except for the values of their fields."""
        return (
            self.name == other.name
            and self.kind == other.kind
            and self.inputs is other.inputs
            and self.off == other.off
            and self.shares == other.shares
            and bool(self.params) == bool(other.params)
        )

    def wires(self) -> Iterator[tuple[str, int | None, str]]:
        """Yield (port, index or None, source) for each wire that ends at this node.

        The index is None for a port that takes one wire.
        """
        for port, wired in self.inputs.items():
            if isinstance(wired, str):
                yield port, None, wired
            else:
                for index, reference in enumerate(wired):
                    yield port, index, reference

    def sources(self) -> tuple[str, ...]:
        """Return the names of the nodes that feed this one, in the order of its wires."""
        return tuple(source_node(reference) for _, _, reference in self.wires())


@dataclass(frozen=True)
class Graph:
    """The nodes of a network in the order of their creation; each node holds its input wires."""

    nodes: tuple[Node, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """The nodes by name."""
        return MappingProxyType({node.name: node for node in self.nodes})

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __getitem__(self, name: str) -> Node:
        return self.by_name[name]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def consumers(self) -> Mapping[str, tuple[str, ...]]:
        """For each node, by name: the names of the nodes that it feeds."""
        consumers: dict[str, list[str]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            for source in dict.fromkeys(node.sources()):
                if source in consumers:
                    consumers[source].append(node.name)
        return MappingProxyType({name: tuple(names) for name, names in consumers.items()})

    @property
    def topological_order(self) -> tuple[Node, ...]:
        """The nodes in topological order, without the nodes on a cycle or behind a cycle."""
        return tuple(map(self.by_name.__getitem__, self.topological_names))

    @cached_property
    def topological_names(self) -> tuple[str, ...]:
        """The names of the nodes in `topological_order`.

        Kahn's algorithm; among nodes that are ready, the one created first comes first.
        """
        waiting = {node.name: {s for s in node.sources() if s in self} for node in self.nodes}
        rank = {node.name: index for index, node in enumerate(self.nodes)}
        ready = [rank[name] for name, sources in waiting.items() if not sources]
        ordered: list[str] = []
        while ready:
            name = self.nodes[heappop(ready)].name
            ordered.append(name)
            for consumer in self.consumers[name]:
                waiting[consumer].discard(name)
                if not waiting[consumer]:
                    heappush(ready, rank[consumer])
        return tuple(ordered)

    @cached_property
    def required_names(self) -> frozenset[str]:
        """The names of the nodes that an Output depends on; all names if there is no Output."""
        names = [node.name for node in self.outputs]
        return frozenset(self.ancestors(names) if names else self.by_name)

    def ancestors(self, names: Iterable[str]) -> set[str]:
        """Return the names of these nodes, and of all nodes that they depend on."""
        return reachable(names, lambda name: (s for s in self[name].sources() if s in self))

    def resolve_bypassed(self, reference: str) -> str:
        """Return the output that really provides the tensor of `reference`, past bypassed nodes.

        An output is "node" or "node.output". If its node is bypassed, the output is replaced by the
        output that the node's first wire comes from, and so on until a node is not bypassed.
        """
        visited: set[str] = set()
        node = self.by_name.get(source_node(reference))
        while node is not None and node.off and node.name not in visited:
            visited.add(node.name)
            reference = next((wire for _, _, wire in node.wires()), reference)
            node = self.by_name.get(source_node(reference))
        return reference

    @cached_property
    def outputs(self) -> tuple[Node, ...]:
        """The Outputs that are not bypassed; only these are trained and predicted."""
        return tuple(node for node in self.of_kind("Output") if not node.off)

    def of_kind(self, kind: str) -> tuple[Node, ...]:
        """Return the nodes of one layer type, in the order of their creation."""
        return tuple(node for node in self.nodes if node.kind == kind)

    def weight_owner(self, node: Node) -> Node:
        """Return the node whose weights, type and fields `node` uses; this may be `node` itself."""
        return self.by_name.get(node.shares, node) if node.shares else node

    def with_nodes(self, *nodes: Node) -> Graph:
        """Return a graph in which `nodes` replace nodes of the same name, or else are appended."""
        new = {node.name: node for node in nodes}
        kept = [new.pop(node.name, node) for node in self.nodes]
        graph = Graph((*kept, *new.values()))
        if graph.has_same_structure(self):  # then these caches are still valid
            caches = {key: vars(self)[key] for key in _STRUCTURE_CACHES if key in vars(self)}
            vars(graph).update(caches)
        return graph

    def has_same_structure(self, other: Graph) -> bool:
        """Return whether two graphs are the same, except for the values of their nodes' fields."""
        return len(self) == len(other) and all(
            left is right or left.has_same_structure(right)
            for left, right in zip(self.nodes, other.nodes, strict=True)
        )


@dataclass(frozen=True)
class Project:
    """The content of a graph file: network, settings, data mapping, canvas view, description.

    `recipe`, `data` and `view` are plain JSON, so that files with invalid values can be opened;
    `engine.recipe` parses and validates them.
    """

    graph: Graph = field(default_factory=Graph)
    recipe: Mapping[str, Json] = field(default_factory=_empty)
    data: Mapping[str, Json] = field(default_factory=_empty)
    view: Mapping[str, Json] = field(default_factory=_empty)
    extra: Mapping[str, Json] = field(default_factory=_empty)
    description: str = ""

    def with_graph(self, graph: Graph) -> Project:
        """Return the same project with another graph."""
        return replace(self, graph=graph)
