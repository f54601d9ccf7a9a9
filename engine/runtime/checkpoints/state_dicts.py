"""Weights and buffers of a network, and the state of its optimizer, as dicts by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.runtime.model.network import Network
from engine.runtime.optimizers.base import Optimizer
from engine.runtime.optimizers.gradients import sparse_gradient

GRADIENT_PREFIX = "gradient/"
ROWS = "/rows"  # suffix of the name under which the row indices of a sparse gradient are saved


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
    diagnostic = Diagnostic(
        "checkpoint-unfit",
        "the weights belong to another network",
        place="the run's checkpoints and model.safetensors",
        found=found,
        expected="the weights of the network in the run's graph.loom.json",
        fixes=(Fix("Copy the run folder again from its source."),),
    )
    return DiagnosticError(diagnostic)


def optimizer_state(optimizer: Optimizer[Any]) -> dict[str, Tensor]:
    """Return the state of an optimizer, and the gradients since its last step, as tensors by name.

    Names are, for example, "PARAMETER/SLOT" and "gradient/PARAMETER". For a sparse gradient,
    "gradient/PARAMETER/rows" has the indices of the rows in "gradient/PARAMETER".
    """
    gradients: dict[str, Tensor] = {}
    for name, parameter in optimizer.parameters.items():
        if parameter.grad is not None:
            gradients |= _gradient_parts(f"{GRADIENT_PREFIX}{name}", parameter.grad)
    return {**optimizer.state_dict(), **gradients}


def load_optimizer_state(optimizer: Optimizer[Any], state: Mapping[str, Tensor]) -> None:
    """Set an optimizer's state and gradients to `state`, which `optimizer_state` returned.

    Raises:
        DiagnosticError: if `state` belongs to another optimizer.
    """
    slots = {name: state[name] for name in state if not name.startswith(GRADIENT_PREFIX)}
    try:
        optimizer.load_state_dict(slots)
        gradients = {name: state[name] for name in state.keys() - slots.keys()}
        for name in gradients:
            if not name.endswith(ROWS):
                parameter = optimizer.parameters[name.removeprefix(GRADIENT_PREFIX)]
                parameter.grad = _gradient_from_parts(name, gradients, parameter)
    except (KeyError, ValueError, RuntimeError) as error:
        raise checkpoint_mismatch(str(error)) from error


def _gradient_parts(name: str, gradient: Tensor) -> dict[str, Tensor]:
    """Return a gradient as dense tensors by name.

    A dense gradient, or the values of a sparse gradient, are stored by `name`. The row indices of a
    sparse gradient are stored by `name` and the suffix `ROWS`.
    """
    if not gradient.is_sparse:
        return {name: gradient}
    coalesced = gradient.coalesce()
    return {name: coalesced.values(), f"{name}{ROWS}": coalesced.indices()[0]}


def _gradient_from_parts(name: str, parts: Mapping[str, Tensor], parameter: Tensor) -> Tensor:
    """Return the gradient that `_gradient_parts` stored in `parts` by `name`.

    Raises:
        ValueError, RuntimeError: if the gradient's shape does not match the parameter.
    """
    values, rows = parts[name], parts.get(f"{name}{ROWS}")
    if rows is None:
        # Use the memory layout of the parameter, since rounding of sums may depend on the layout.
        return torch.empty_like(parameter).copy_(values.view_as(parameter))
    values, ids = values.to(parameter, copy=True), rows.to(parameter.device, torch.int64)
    is_ascending = not len(ids) or (
        ids[0] >= 0 and ids[-1] < len(parameter) and bool((ids.diff() > 0).all())
    )
    if values.shape != (len(ids), *parameter.shape[1:]) or not is_ascending:
        raise ValueError(f"{name}: {tuple(values.shape)} does not match {tuple(parameter.shape)}")
    return sparse_gradient(ids, values, parameter.shape)


def network_buffers(network: Network) -> dict[str, Any]:
    """Return the state of modules except weights, such as the step counter of seeded dropout."""
    weight_names = {
        f"{attribute}.{layout.param}"
        for _, attribute, weights in network.plan.weights()
        for weight in weights
        for layout in weight.layouts
    }
    state = network.state_dict()
    return {name: value.tolist() for name, value in state.items() if name not in weight_names}


def load_buffers(network: Network, values: Mapping[str, Any]) -> None:
    """Restore all module state except weights from `values`, a result of `network_buffers`."""
    state = network.state_dict()
    for name, value in values.items():
        state[name].copy_(torch.tensor(value, dtype=state[name].dtype))
