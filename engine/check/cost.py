"""What a network costs before anything is allocated: parameters, memory, multiply-adds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.check.shapes import Shapes
from engine.core.diagnostic import Diagnostic, Fix
from engine.graph.model import Graph
from engine.layers.base import Cost, Weights

BYTES = 4
# A free axis is counted with this length where no data says better.
ASSUMED_LENGTH = 100


@dataclass(frozen=True)
class Costs:
    """The price of a network.

    Args:
        weights: by node that owns weights, its arrays.
        layers: by node, the cost of one row.
        batch: rows in a batch.
        slots: arrays of a weight's size that the optimizer keeps for it.
    """

    weights: Mapping[str, Weights]
    layers: Mapping[str, Cost]
    batch: int
    slots: int

    def params(self, node: str) -> int:
        """Number of values that a node's weights hold, running statistics included."""
        return sum(weight.size for weight in self.weights.get(node, ()))

    @property
    def trainable(self) -> int:
        """Number of values that training moves."""
        return sum(w.size for ws in self.weights.values() for w in ws if w.trainable)

    @property
    def total(self) -> int:
        """Number of values in all weights."""
        return sum(map(self.params, self.weights))

    @property
    def activations(self) -> int:
        """Numbers kept for the backward pass of one batch."""
        return self.batch * sum(cost.activations for cost in self.layers.values())

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one row's forward pass."""
        return sum(cost.multiply_adds for cost in self.layers.values())

    @property
    def bytes_to_train(self) -> int:
        """Bytes that training needs: weights, gradients, optimizer, and activations twice."""
        copies = self.total + self.trainable * (1 + self.slots)
        return BYTES * (copies + 2 * self.activations)


def costs(
    graph: Graph,
    shapes: Shapes,
    batch: int,
    slots: int,
    lengths: Mapping[tuple[str, int], int] | None = None,
) -> Costs:
    """Add up what each node costs; nodes without a known shape count nothing.

    Args:
        graph, shapes: what is priced.
        batch: rows in a batch.
        slots: arrays that the optimizer keeps for each weight.
        lengths: by Input and axis, how long the data is; guessed where it is not told.
    """
    guessed = {key: max(least, ASSUMED_LENGTH) for key, least in shapes.least().items()}
    fixed = shapes.fixed({**guessed, **(lengths or {})})
    weights: dict[str, Weights] = {}
    layers: dict[str, Cost] = {}
    for node in graph.order:
        if node.name not in shapes.outs or node.off or node.name not in graph.needed:
            continue
        layer = shapes.layers[node.name]
        if not node.shares:
            weights[node.name] = layer.weights(*shapes.fed[node.name])
        if node.kind != "Input":
            layers[node.name] = layer.cost(*fixed.fed[node.name])
    return Costs(weights, layers, batch, slots)


def available_memory() -> int:
    """Answer the bytes that a process may still take, as far as the system tells."""
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def memory(cost: Costs, available: int) -> list[Diagnostic]:
    """Refuse a network that can't fit, naming the node that takes most."""
    if cost.bytes_to_train <= available:
        return []
    needs = {
        node: cost.params(node) * (2 + cost.slots) + 2 * cost.batch * each.activations
        for node, each in cost.layers.items()
    }
    node = max(needs, key=needs.__getitem__)
    return [
        Diagnostic(
            "out-of-memory",
            "this network does not fit in memory, and this node takes most of it",
            node=node,
            found=f"{in_words(cost.bytes_to_train)} to train with batches of {cost.batch} rows",
            expected=f"at most {in_words(available)}, the memory free on this machine",
            why=f"{cost.params(node):,} parameters here, kept {2 + cost.slots} times (value, "
            f"gradient, optimizer), and {cost.batch * cost.layers[node].activations:,} activations "
            "in a batch",
            fixes=(
                Fix(f"Make {node} smaller."),
                Fix("Use a smaller batch_size in the recipe, or a machine with more memory."),
            ),
        )
    ]


def in_words(size: int) -> str:
    """Answer a number of bytes as people write it: "53.96 MB"."""
    value = float(size)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.2f} {unit}"
        value /= 1024
    return f"{value:,.0f} PB"
