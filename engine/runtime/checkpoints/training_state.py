"""Weights, optimizer state and buffers: copying from and to a network, writing and reading files.

In files, weights are named "node/weight" and have Keras' layout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import file_error, printable_path, write_bytes
from engine.runs.folder.run_folder import RunFolder
from engine.runtime.acceleration.updates.sparse_gradients import ROWS, from_parts, to_parts
from engine.runtime.checkpoints import tensor_bytes
from engine.runtime.model.network import Network
from engine.runtime.optimizers.algorithms import Optimizer

MODEL_FORMAT = "layerloom-model"
GRADIENT_PREFIX = "gradient/"


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
    """Return an optimizer's state tensors and its gradients since the last step, all by name."""
    gradients: dict[str, Tensor] = {}
    for name, parameter in optimizer.parameters.items():
        if parameter.grad is not None:
            gradients |= to_parts(f"{GRADIENT_PREFIX}{name}", parameter.grad)
    return {**optimizer.state_dict(), **gradients}


def load_optimizer_state(optimizer: Optimizer[Any], state: Mapping[str, Tensor]) -> None:
    """Load a state that `optimizer_state` returned, including the gradients.

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
                parameter.grad = from_parts(name, gradients, parameter)
    except (KeyError, ValueError, RuntimeError) as error:
        raise checkpoint_mismatch(str(error)) from error


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
    """Set the state of modules to `values`, which `network_buffers` returned."""
    state = network.state_dict()
    for name, value in values.items():
        state[name].copy_(torch.tensor(value, dtype=state[name].dtype))


def save_model(run: RunFolder, weights: Mapping[str, Tensor]) -> None:
    """Write the final weights of a run to its model file."""
    write_weights(run.model, weights, {"run_id": run.run_id})


def load_model(run: RunFolder) -> Mapping[str, Tensor]:
    """Return the weights that `save_model` wrote.

    Raises:
        DiagnosticError: if the file can't be read, or its checksum doesn't match.
    """
    return read_weights(run.model)


def write_weights(
    path: Path, weights: Mapping[str, Tensor], metadata: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write a safetensors file of weights, with `metadata` and their checksum in its header.

    Raises:
        DiagnosticError: if the file can't be written.
    """
    header = {"format": MODEL_FORMAT, **metadata, "sha256": weights_digest(weights)}
    write_bytes(path, tensor_bytes.tensors_to_bytes(weights, header))


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """Return the weights that `write_weights` wrote.

    Raises:
        DiagnosticError: if the file can't be read, or its checksum doesn't match.
    """
    try:
        data = path.read_bytes()
        checksum = tensor_bytes.read_metadata(data).get("sha256")
        weights = tensor_bytes.tensors_from_bytes(data)
    except OSError as error:
        raise file_error(error, path, "read") from error
    except ValueError as error:
        raise DiagnosticError(_damaged(path, str(error))) from error
    if checksum != weights_digest(weights):
        raise DiagnosticError(_damaged(path, "its checksum has changed since it was written"))
    return weights


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """Return the sha256 of the names, dtypes, shapes and values of weights."""
    sha256 = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        values = tensor.contiguous().numpy()
        sha256.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        sha256.update(values.reshape(-1).view("uint8").data)
    return sha256.hexdigest()


def _damaged(path: Path, found: str) -> Diagnostic:
    return Diagnostic(
        "checkpoint-lost",
        "the weights of the run are damaged",
        place=printable_path(path),
        found=found,
        expected="the final weights of the run",
        fixes=(Fix("Use the weights of the best epoch: --weights best."),),
    )
