"""Where numbers first ran away: the node whose weights or answers are no longer finite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.runtime.model.network import Network, answers, finite
from engine.runtime.model.weight_layout import slots


@dataclass(frozen=True)
class Spoiled:
    """A node, and what of it is no number: "its kernel", or "what it answers"."""

    node: str
    what: str


def spoiled_weights(network: Network) -> Spoiled | None:
    """Return the first node, in the order of computing, with a weight that is infinite or NaN."""
    # Most often all are, and a sum of each says so without a copy.
    if all(map(finite, filter(torch.is_floating_point, slots(network).values()))):
        return None
    for name, value in network.get_weights().items():
        if not bool(torch.isfinite(torch.from_numpy(value)).all()):
            node, _, weight = name.rpartition("/")
            return Spoiled(node, f"its {weight}")
    return None


def spoiled_answers(network: Network, inputs: Mapping[str, Tensor]) -> Spoiled | None:
    """Return the first node that makes something infinite or NaN of a batch, None if none does.

    Why: a loss that is no number says nothing about the layer that began it, and every layer after
        that one looks just as broken.
    """
    weights = spoiled_weights(network)
    with torch.no_grad():
        for node, made in answers(network, inputs):
            if weights is not None and node == weights.node:
                return weights
            if not all(bool(torch.isfinite(answer).all()) for answer in made):
                return Spoiled(node, "what it answers")
    return weights
