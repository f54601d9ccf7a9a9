"""What a network costs before anything is allocated: parameters, memory, multiply-adds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from engine.check.layer_inference import Lengths, Passage
from engine.check.shapes import Shapes
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.formatting.sizes import format_bytes
from engine.graph.model import Graph
from engine.layers.base import Cost, Weights

BYTES = 4
# A free axis is counted with this length where no data says better.
ASSUMED_LENGTH = 100


@dataclass(frozen=True)
class Costs:
    """The price of a network.

    Args:
        weights: by the node that they are named after, its arrays.
        layers: by node, the cost of one row.
        batch: rows in a batch.
        slots: arrays of a weight's size that the optimizer keeps for it.
        lengths: by Input and axis, the length that a free axis is counted with.
        passages: by node, what was priced.
        holders: by owner of weights, the first passage that uses them.
    """

    weights: Mapping[str, Weights]
    layers: Mapping[str, Cost]
    batch: int
    slots: int
    lengths: Lengths = field(default_factory=dict, compare=False)
    passages: Mapping[str, Passage] = field(default_factory=dict, compare=False)
    holders: Mapping[str, Passage] = field(default_factory=dict, compare=False)

    def holding(self, passages: Mapping[str, Passage], lengths: Lengths) -> dict[str, Cost]:
        """Return the costs of those layers that are passed just as here."""
        if lengths != self.lengths:
            return {}
        return {
            name: cost
            for name, cost in self.layers.items()
            if passages.get(name) is self.passages[name]
        }

    def params(self, node: str) -> int:
        """Number of values that a node's weights hold, running statistics included."""
        return self.holders[node].size if node in self.holders else 0

    @cached_property
    def trainable(self) -> int:
        """Number of values that training moves."""
        return sum(passage.trainable for passage in self.holders.values())

    @cached_property
    def total(self) -> int:
        """Number of values in all weights."""
        return sum(map(self.params, self.holders))

    @cached_property
    def activations(self) -> int:
        """Numbers kept for the backward pass of one batch."""
        return self.batch * sum(cost.activations for cost in self.layers.values())

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one row's forward pass."""
        return sum(cost.multiply_adds for cost in self.layers.values())

    @property
    def bytes_for_weights(self) -> int:
        """Bytes that training needs whatever the batch: weights, gradients, optimizer."""
        return BYTES * (self.total + self.trainable * (1 + self.slots))

    @cached_property
    def bytes_a_row(self) -> int:
        """Bytes that training needs for each row of a batch.

        Why: activations are kept until their gradients are there. Those take as much again, and in
            a network that is one large layer twice, for its gradient is worked out beside that of
            what it feeds.
        """
        kept = [cost.activations for cost in self.layers.values()]
        return BYTES * (sum(kept) + max(sum(kept), 2 * max(kept, default=0)))

    @property
    def bytes_to_train(self) -> int:
        """Bytes that training needs: those for the weights, and those for a batch."""
        return self.bytes_for_weights + self.batch * self.bytes_a_row


def costs(
    graph: Graph,
    shapes: Shapes,
    batch: int,
    slots: int,
    lengths: Lengths | None = None,
    before: Costs | None = None,
) -> Costs:
    """Add up what each node costs; nodes without a known shape count nothing.

    Args:
        graph, shapes: what is priced.
        batch: rows in a batch.
        slots: arrays that the optimizer keeps for each weight.
        lengths: by Input and axis, how long the data is; guessed where it is not told.
        before: prices of a network much like it; what passes just as it did costs the same.
    """
    guessed = {key: max(least, ASSUMED_LENGTH) for key, least in shapes.least().items()}
    lengths = {**guessed, **(lengths or {})}
    known = before.holding(shapes.passages, lengths) if before else {}
    holders: dict[str, Passage] = {}
    layers: dict[str, Cost] = {}
    for node in graph.topological_order:
        passage = shapes.passages.get(node.name)
        if passage is None or passage.outs is None or node.name not in graph.required_names:
            continue
        holders.setdefault(graph.weight_owner(node).name, passage)
        if node.kind != "Input":
            layers[node.name] = known.get(node.name) or passage.cost(lengths)
    weights = {name: holder.weights for name, holder in holders.items()}
    return Costs(weights, layers, batch, slots, lengths, shapes.passages, holders)


def available_memory() -> int:
    """Return the bytes that a process may still take, as far as the system tells."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    for limit, used in _CONTAINERS:
        with suppress(OSError, ValueError):  # "max" is no number, and no limit
            found.append(int(Path(limit).read_text()) - int(Path(used).read_text()))
    return max(0, min([*found, *_own_limits()]))


def _own_limits() -> Iterator[int]:
    """Yield what the limits that were set for this process leave."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # not on Windows

        lines = Path("/proc/self/status").read_text().splitlines()
        used = dict(line.split(":", 1) for line in lines if line.endswith(" kB"))
        limits = (("VmSize", resource.RLIMIT_AS), ("VmData", resource.RLIMIT_DATA))
        for name, kind in limits:
            most, _ = resource.getrlimit(kind)
            if most != resource.RLIM_INFINITY and name in used:
                yield most - int(used[name].split()[0]) * 1024


# What a container, or a service with a limit, may use: of both versions of control groups.
_CONTAINERS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


def batch_that_fits(cost: Costs, available: int) -> int:
    """Return how many rows of a batch there is room for, 0 if the weights alone are too large."""
    rest = available - cost.bytes_for_weights
    return rest // max(cost.bytes_a_row, 1) if rest > 0 else 0


def memory(cost: Costs, available: int, adjustable: bool = True) -> list[Diagnostic]:
    """Refuse a network that can't fit, naming the node that takes most.

    Args:
        cost: what it costs.
        available: bytes that there are.
        adjustable: False if the recipe has faults of its own, so that its batches are guessed.
    """
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
            found=f"{format_bytes(cost.bytes_to_train)} to train with batches of {cost.batch} rows",
            expected=f"at most {format_bytes(available)}, the memory free on this machine",
            why=f"{cost.params(node):,} parameters here, kept {2 + cost.slots} times (value, "
            f"gradient, optimizer), and {cost.batch * cost.layers[node].activations:,} activations "
            "in a batch",
            fixes=_smaller(node, batch_that_fits(cost, available) if adjustable else None),
        )
    ]


def _smaller(node: str, batch: int | None) -> tuple[Fix, ...]:
    """Return how to get by with less: a batch that fits, where that is enough."""
    smaller = Fix(f"Make {node} smaller.")
    if batch is None:
        return (smaller, Fix("Use a smaller batch_size, or a machine with more memory."))
    if batch < 1:
        return (smaller, Fix("Use a machine with more memory; no batch is small enough."))
    size = 1 << batch.bit_length() - 1  # people think in powers of two
    edit = {"do": "set_recipe", "fields": {"batch_size": size}}
    return (Fix(f"Set batch_size to {size}, which fits.", edit), smaller)
