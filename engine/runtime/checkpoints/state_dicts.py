"""Weights and buffers of a network, and the state of its optimizer, as dicts by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.runtime.model.network import Network
from engine.runtime.optimizers.base import Optimizer


def network_weights(network: Network) -> dict[str, Tensor]:
    """Return all weights by "node/weight", in Keras' layout, as tensors on the CPU."""
    return {name: torch.from_numpy(value) for name, value in network.get_weights().items()}


def load_weights(network: Network, weights: Mapping[str, Tensor]) -> None:
    """Set all weights of a network to those that `network_weights` returned.

    Raises:
        DiagnosticError: if a weight is missing or has the wrong shape.
    """
    try:
        network.set_weights({name: tensor.numpy() for name, tensor in weights.items()})
    except KeyError as error:
        raise checkpoint_mismatch(f"no {error.args[0]}") from error
    except ValueError as error:
        raise checkpoint_mismatch(str(error)) from error


def checkpoint_mismatch(found: str) -> DiagnosticError:
    """Return the error for a checkpoint of another network; `found` is the mismatch as text."""
    return diagnostic_error(
        "checkpoint-unfit",
        "the weights belong to another network",
        "Copy the run folder again from its source.",
        place="the run's checkpoints and model.safetensors",
        found=found,
        expected="the weights of the network in the run's graph.loom.json",
    )


def load_optimizer_state(optimizer: Optimizer[Any], state: Mapping[str, Tensor]) -> None:
    """Set an optimizer's state to `state`, which its `state_dict` returned.

    Raises:
        DiagnosticError: if `state` belongs to another optimizer.
    """
    try:
        optimizer.load_state_dict(state)
    except (KeyError, ValueError, RuntimeError) as error:
        raise checkpoint_mismatch(str(error)) from error


def torch_weights(network: Network) -> dict[str, Tensor]:
    """Return the torch tensors that contain the weights, by their names in the network's state."""
    state = network.state_dict()
    return {
        f"{attribute}.{layout.param}": state[f"{attribute}.{layout.param}"]
        for _, attribute, weights in network.plan.weights()
        for weight in weights
        for layout in weight.layouts
    }


def network_buffers(network: Network) -> dict[str, Any]:
    """Return the state of modules except weights, such as the step counter of seeded dropout."""
    weights, state = torch_weights(network), network.state_dict()
    return {name: value.tolist() for name, value in state.items() if name not in weights}


def load_buffers(network: Network, values: Mapping[str, Any]) -> None:
    """Restore all module state except weights from `values`, a result of `network_buffers`."""
    state = network.state_dict()
    for name, value in values.items():
        state[name].copy_(torch.tensor(value, dtype=state[name].dtype))
