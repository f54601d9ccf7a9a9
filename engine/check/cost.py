"""Estimate of a network's cost: parameters, memory and multiply-adds."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from engine.check.layer_inference import AxisLengths, LayerInference
from engine.check.shapes import Shapes
from engine.core.diagnostic import Diagnostic, Fix, set_recipe_fix
from engine.core.formatting.sizes import format_bytes
from engine.graph.model import Project
from engine.graph.view import segments
from engine.layers.base import Cost, Weights
from engine.recipe.recipe import Recipe

BYTES_PER_VALUE = 4
ASSUMED_LENGTH = 100  # length of a dynamic axis, if no data is known


@dataclass(frozen=True)
class Costs:
    """The costs of a network.

    Args:
        weights: the weights of each node that owns weights, by node.
        layers: cost of each layer for one row of a batch, by node.
        optimizer_slots: number of state arrays that the optimizer keeps for each weight array.
        lengths: assumed length of each dynamic axis, by (Input, axis).
        inferences: the result of the shape inference of each layer, by node.
        is_checkpointed: whether the network is trained with gradient checkpointing.
    """

    project: Project = field(compare=False)
    weights: Mapping[str, Weights]
    layers: Mapping[str, Cost]
    batch_size: int
    optimizer_slots: int
    lengths: AxisLengths = field(default_factory=dict, compare=False)
    inferences: Mapping[str, LayerInference] = field(default_factory=dict, compare=False)
    is_checkpointed: bool = False

    def reusable_costs(
        self, inferences: Mapping[str, LayerInference], lengths: AxisLengths
    ) -> dict[str, Cost]:
        """Return the layer costs, by node, that are valid for other inferences and lengths, too.

        If `lengths` differs from `self.lengths`, no cost is valid. Otherwise, a cost is valid if
        its node has the same object in `inferences` as in `self.inferences`.
        """
        if lengths != self.lengths:
            return {}
        return {
            name: cost
            for name, cost in self.layers.items()
            if inferences.get(name) is self.inferences[name]
        }

    def params(self, node: str) -> int:
        """Return the number of weight values that a node owns, including moving statistics."""
        return sum(weight.size for weight in self.weights.get(node, ()))

    @cached_property
    def trainable_count(self) -> int:
        """Number of values in trainable weights."""
        weights = (weight for owned in self.weights.values() for weight in owned)
        return sum(weight.size for weight in weights if weight.trainable)

    @cached_property
    def total_count(self) -> int:
        """Number of values in all weights."""
        return sum(map(self.params, self.weights))

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of the forward pass of one row."""
        return sum(cost.multiply_adds for cost in self.layers.values())

    @property
    def weight_bytes(self) -> int:
        """Bytes for weights, gradients and optimizer state, independent of the batch size."""
        count = self.total_count + self.trainable_count * (1 + self.optimizer_slots)
        return BYTES_PER_VALUE * count

    @cached_property
    def bytes_per_row(self) -> int:
        """Bytes that training needs per row of a batch.

        Why: activations are kept until the backward pass, and their gradients take as much memory
            again. If one layer has more than half of all activations, gradients take twice the
            memory of this layer's activations, because the gradients of its output and of its
            input exist at the same time. Accelerated layers take as much or less; only a global max
            pooling with many equal maxima takes more, 1.4 times as much.
        """
        sizes = {node: cost.activations for node, cost in self.layers.items()}
        count = sum(sizes.values())
        if self.is_checkpointed:
            # The outputs of all segments, and all activations of the largest segment.
            consumers, parts = self.project.graph.consumers, segments(self.project)
            kept = (n for part in parts for n in part if {*consumers[n]} - {*part})
            inner = (sum(sizes.get(node, 0) for node in part) for part in parts)
            count = sum(sizes.get(node, 0) for node in kept) + max(inner, default=0)
        return BYTES_PER_VALUE * (count + max(count, 2 * max(sizes.values(), default=0)))

    @property
    def bytes_to_train(self) -> int:
        """Bytes that training needs for the weights and one batch."""
        return self.weight_bytes + self.batch_size * self.bytes_per_row


def estimate_costs(
    project: Project,
    shapes: Shapes,
    recipe: Recipe,
    batch_size: int,
    lengths: AxisLengths | None = None,
    previous: Costs | None = None,
) -> Costs:
    """Return the costs of a network; nodes without a known shape count as 0.

    Args:
        lengths: known lengths of dynamic axes by (Input, axis); the others are assumed.
        previous: costs of a similar network, which are reused for unchanged layers.
    """
    graph = project.graph
    assumed = {key: max(size, ASSUMED_LENGTH) for key, size in shapes.minimum_lengths.items()}
    lengths = {**assumed, **(lengths or {})}
    reused = previous.reusable_costs(shapes.inferences, lengths) if previous else {}
    weights: dict[str, Weights] = {}
    layers: dict[str, Cost] = {}
    for node in graph.topological_order:
        inference = shapes.inferences.get(node.name)
        if inference is None or inference.outputs is None or node.name not in graph.required_names:
            continue
        weights.setdefault(graph.weight_owner(node).name, inference.weights)
        if node.kind != "Input":
            layers[node.name] = reused.get(node.name) or inference.cost(lengths)
    return Costs(
        project, weights, layers, batch_size, recipe.optimizer.slot_count, lengths,
        shapes.inferences, recipe.gradient_checkpointing,
    )  # fmt: skip


def available_memory() -> int:
    """Return the bytes of memory that this process may still allocate."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = [line for line in lines if line.startswith("MemAvailable:")]
        limits += [int(line.split()[1]) * 1024 for line in free]
    for limit, used in _CGROUP_FILES:
        with suppress(OSError, ValueError):  # the content is "max" if there is no limit
            limits.append(int(Path(limit).read_text()) - int(Path(used).read_text()))
    return max(0, min([*limits, *_process_limits()]))


def _process_limits() -> Iterator[int]:
    """Yield the bytes that this process may still allocate, for each of its resource limits."""
    with suppress(OSError, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        used = dict(line.split(":", 1) for line in lines if line.endswith(" kB"))
        limits = (("VmSize", resource.RLIMIT_AS), ("VmData", resource.RLIMIT_DATA))
        for name, kind in limits:
            limit, _ = resource.getrlimit(kind)
            if limit != resource.RLIM_INFINITY and name in used:
                yield limit - int(used[name].split()[0]) * 1024


# Files with the memory limit and usage of a container, for control groups version 2 and 1.
_CGROUP_FILES = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


def largest_batch_size(cost: Costs, available: int) -> int:
    """Return the largest batch size that fits in `available` bytes, 0 if no batch fits."""
    rest = available - cost.weight_bytes
    return rest // max(cost.bytes_per_row, 1) if rest > 0 else 0


def memory_diagnostics(cost: Costs, available: int, adjustable: bool = True) -> list[Diagnostic]:
    """Return an error at the largest node if a network does not fit in memory, else [].

    Args:
        available: available bytes of memory.
        adjustable: False if the recipe is invalid. No fix then changes it.
    """
    if cost.bytes_to_train <= available:
        return []
    needs = {
        node: cost.params(node) * (2 + cost.optimizer_slots)
        + 2 * cost.batch_size * layer.activations
        for node, layer in cost.layers.items()
    }
    node = max(needs, key=needs.__getitem__)
    return [
        Diagnostic.error(
            "out-of-memory",
            "this network does not fit in memory, and this node takes most of it",
            *(_recipe_fixes(cost, available) if adjustable else ()),
            f"Make {node} smaller, or use smaller batches or a machine with more memory.",
            node=node,
            found=f"{format_bytes(cost.bytes_to_train)} to train with batches of "
            f"{cost.batch_size} rows",
            expected=f"at most {format_bytes(available)}, the memory free on this machine",
            why=f"{cost.params(node):,} parameters here, kept {2 + cost.optimizer_slots} times "
            "(value, gradient, optimizer), and "
            f"{cost.batch_size * cost.layers[node].activations:,} activations "
            "in a batch",
        )
    ]


def _recipe_fixes(cost: Costs, available: int) -> Iterator[Fix]:
    """Yield the changes of the recipe after which a network fits in memory."""
    if replace(cost, is_checkpointed=True).bytes_to_train <= available:
        yield checkpointing_fix("which fits")
    batch_size = largest_batch_size(cost, available)
    if batch_size:
        size = 1 << batch_size.bit_length() - 1  # round down to a power of two
        yield set_recipe_fix(f"Set batch_size to {size}, which fits.", batch_size=size)


def checkpointing_fix(outcome: str) -> Fix:
    """Return the fix that switches gradient checkpointing on; `outcome` says how it was found."""
    text = f"Set gradient_checkpointing to true, {outcome}; steps take longer."
    return set_recipe_fix(text, gradient_checkpointing=True)
