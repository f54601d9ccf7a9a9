"""A drawn network as a frozen value: nodes with names, kinds, plain parameters and inputs.

A graph may be wrong or unfinished at any time; the checks say so, nothing here refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heappop, heappush
from types import MappingProxyType
from typing import Any

from engine.core.diagnostic import Diagnostic
from engine.layers import catalogue
from engine.layers.base import Layer

Json = Any
Wires = str | tuple[str, ...]
EMPTY: Mapping[str, Any] = MappingProxyType({})
_FROM_WIRES = ("consumers", "ordered", "needed")


def _empty() -> Mapping[str, Any]:
    return EMPTY


def source_of(reference: str) -> str:
    """Return the node that a wire comes from: "lstm" for "lstm.state_h"."""
    return reference.split(".", 1)[0]


@dataclass(frozen=True)
class Node:
    """One box on the canvas.

    Args:
        name: unique in its graph, a legal Python identifier: the node's identity.
        kind: a kind of the catalogue, or one that only a newer version knows.
        inputs: by port, the node that feeds it ("conv", or "lstm.state_h" for one of several
            outputs), or for a merge the tuple of them in order.
        params: plain JSON; whatever is missing has its default.
        off: bypassed: what comes in goes out.
        shares: the node whose weights (and kind and params) this one uses.
        extra: keys of the file that this version does not know, kept for saving.
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
        """What kind and params describe, or what keeps them from it; read once."""
        read = catalogue.layer(self.kind, self.params)
        return read if isinstance(read, Layer) else tuple(found.at(self.name) for found in read)

    def drawn_as(self, other: Node) -> bool:
        """Return whether both look alike but for the values of parameters."""
        return (
            self.name == other.name
            and self.kind == other.kind
            and self.inputs is other.inputs
            and self.off == other.off
            and self.shares == other.shares
            and bool(self.params) == bool(other.params)
        )

    def wires(self) -> Iterator[tuple[str, int | None, str]]:
        """Yield (port, place or None, reference) for each wire that ends here."""
        for port, wired in self.inputs.items():
            if isinstance(wired, str):
                yield port, None, wired
            else:
                for place, reference in enumerate(wired):
                    yield port, place, reference

    def sources(self) -> tuple[str, ...]:
        """Return the nodes that feed this one, in the order of its wires."""
        return tuple(source_of(reference) for _, _, reference in self.wires())


@dataclass(frozen=True)
class Graph:
    """Nodes in the order in which they were drawn; wires live on the node that they enter."""

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
        """By node, the nodes that it feeds."""
        fed: dict[str, list[str]] = {node.name: [] for node in self.nodes}
        for node in self.nodes:
            for source in dict.fromkeys(node.sources()):
                if source in fed:
                    fed[source].append(node.name)
        return MappingProxyType({name: tuple(names) for name, names in fed.items()})

    @property
    def order(self) -> tuple[Node, ...]:
        """The nodes with every node after those that feed it; nodes on or after a loop left out."""
        return tuple(map(self.by_name.__getitem__, self.ordered))

    @cached_property
    def ordered(self) -> tuple[str, ...]:
        """The names of `order`."""
        waiting = {
            node.name: {source for source in node.sources() if source in self.by_name}
            for node in self.nodes
        }
        rank = {node.name: place for place, node in enumerate(self.nodes)}
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
    def needed(self) -> frozenset[str]:
        """The nodes that some Output depends on; without Outputs, all of them."""
        waiting = [node.name for node in self.outputs]
        if not waiting:
            return frozenset(self.by_name)
        needed: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in self.by_name and name not in needed:
                needed.add(name)
                waiting += self.by_name[name].sources()
        return frozenset(needed)

    def behind(self, reference: str) -> str:
        """Follow a wire back through bypassed nodes to what really feeds it."""
        passed: set[str] = set()
        node = self.by_name.get(source_of(reference))
        while node is not None and node.off and node.name not in passed:
            passed.add(node.name)
            reference = next((wire for _, _, wire in node.wires()), reference)
            node = self.by_name.get(source_of(reference))
        return reference

    @cached_property
    def outputs(self) -> tuple[Node, ...]:
        """The Outputs that are in use; a bypassed one is neither trained nor predicted."""
        return tuple(node for node in self.of_kind("Output") if not node.off)

    def of_kind(self, kind: str) -> tuple[Node, ...]:
        """Return the nodes of one kind, in drawing order."""
        return tuple(node for node in self.nodes if node.kind == kind)

    def layer_node(self, node: Node) -> Node:
        """Return the node that holds kind and params: the node itself, or the one it shares."""
        return self.by_name.get(node.shares, node) if node.shares else node

    def with_nodes(self, *nodes: Node) -> Graph:
        """Return a graph with nodes of the same name replaced, new ones put at the end."""
        new = {node.name: node for node in nodes}
        kept = [new.pop(node.name, node) for node in self.nodes]
        graph = Graph((*kept, *new.values()))
        if graph.drawn_as(self):  # then so is all that follows from wires alone
            known = {key: vars(self)[key] for key in _FROM_WIRES if key in vars(self)}
            vars(graph).update(known)
        return graph

    def drawn_as(self, other: Graph) -> bool:
        """Return whether both look alike but for the values of parameters."""
        return len(self) == len(other) and all(
            one is another or one.drawn_as(another)
            for one, another in zip(self.nodes, other.nodes, strict=True)
        )


@dataclass(frozen=True)
class Project:
    """Everything that one file holds: what is drawn, how it is trained, on what, and where it lies.

    `recipe`, `data` and `view` are plain JSON, so that any file opens; `engine.recipe` gives them
    their types.
    """

    graph: Graph = field(default_factory=Graph)
    recipe: Mapping[str, Json] = field(default_factory=_empty)
    data: Mapping[str, Json] = field(default_factory=_empty)
    view: Mapping[str, Json] = field(default_factory=_empty)
    extra: Mapping[str, Json] = field(default_factory=_empty)

    def with_graph(self, graph: Graph) -> Project:
        """Return the same project with another graph."""
        return replace(self, graph=graph)
