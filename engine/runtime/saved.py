"""Weights between a network and files: by "node/weight", in Keras' layout, whatever torch's is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from engine.core.atomic import write_bytes
from engine.runs.folder import RunFolder
from engine.runtime.checkpoint import tensors_to_bytes
from engine.runtime.module import Network

MODEL_FORMAT = "layerloom-model"


def weights_of(network: Network) -> dict[str, Tensor]:
    """Answer all weights as tensors on the CPU."""
    return {name: torch.from_numpy(value) for name, value in network.get_weights().items()}


def load_weights(network: Network, weights: Mapping[str, Tensor]) -> None:
    """Take all weights over.

    Raises:
        KeyError: if one is missing.
        ValueError: if one has another shape.
    """
    network.set_weights({name: tensor.numpy() for name, tensor in weights.items()})


def buffers(network: Network) -> dict[str, Any]:
    """Answer what modules remember besides weights, such as how often seeded dropout has drawn."""
    known = {
        f"{attribute}.{layout.param}"
        for _, attribute, weights in network.plan.weights()
        for weight in weights
        for layout in weight.layouts
    }
    state = network.state_dict()
    return {name: value.tolist() for name, value in state.items() if name not in known}


def load_buffers(network: Network, values: Mapping[str, Any]) -> None:
    """Take over what `buffers` answered."""
    state = network.state_dict()
    for name, value in values.items():
        state[name].copy_(torch.tensor(value, dtype=state[name].dtype))


def save_model(run: RunFolder, weights: Mapping[str, Tensor]) -> None:
    """Write the weights to keep and to share."""
    metadata = {"format": MODEL_FORMAT, "run_id": run.run_id}
    write_bytes(run.model, tensors_to_bytes(weights, metadata))
