"""Locating the first node with non-finite weights or outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.runtime.model.network import Network, answers, finite
from engine.runtime.model.weight_layout import slots


@dataclass(frozen=True)
class Spoiled:
    """A node, and what of it is infinite or NaN: "its kernel", "its output"."""

    node: str
    what: str


def spoiled_weights(network: Network) -> Spoiled | None:
    """Return the first node in the order of execution with a non-finite weight, None if none."""
    # The usual case, tested without copying weights.
    if all(map(finite, filter(torch.is_floating_point, slots(network).values()))):
        return None
    for name, value in network.get_weights().items():
        if not bool(torch.isfinite(torch.from_numpy(value)).all()):
            node, _, weight = name.rpartition("/")
            return Spoiled(node, f"its {weight}")
    return None


def spoiled_answers(network: Network, inputs: Mapping[str, Tensor]) -> Spoiled | None:
    """Return the first node with a non-finite weight or output for a batch, None if there is none.

    Why: a non-finite loss doesn't tell which layer caused it; all layers after that one are
        non-finite too.
    """
    weights = spoiled_weights(network)
    with torch.no_grad():
        for node, outputs in answers(network, inputs):
            if weights is not None and node == weights.node:
                return weights
            if not all(bool(torch.isfinite(output).all()) for output in outputs):
                return Spoiled(node, "its output")
    return weights
