"""Locating the first node with non-finite weights or outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.runtime.model.keras_weight_layout import module_tensors
from engine.runtime.model.network import Network, is_finite, node_outputs


@dataclass(frozen=True)
class NonFiniteNode:
    """A node with infinite or NaN values; `part` tells what contains them, such as "its kernel"."""

    node: str
    part: str


def first_non_finite_weight(network: Network) -> NonFiniteNode | None:
    """Return the first node, in the order of execution, with a non-finite weight, else None."""
    # In the usual case that all weights are finite, they are not copied.
    if all(map(is_finite, filter(torch.is_floating_point, module_tensors(network).values()))):
        return None
    for name, value in network.get_weights().items():
        if not bool(torch.isfinite(torch.from_numpy(value)).all()):
            node, _, weight = name.rpartition("/")
            return NonFiniteNode(node, f"its {weight}")
    return None


def first_non_finite_output(network: Network, inputs: Mapping[str, Tensor]) -> NonFiniteNode | None:
    """Return the first node with a non-finite weight or output for these inputs, else None."""
    weights = first_non_finite_weight(network)
    found: list[NonFiniteNode] = []
    with torch.no_grad():
        # All nodes, since the ranks compute batch normalization and sharded nodes together.
        for node, outputs in node_outputs(network, inputs):
            if weights is not None and node == weights.node:
                found.append(weights)
            elif not all(bool(torch.isfinite(output).all()) for output in outputs):
                found.append(NonFiniteNode(node, "its output"))
    return found[0] if found else weights
