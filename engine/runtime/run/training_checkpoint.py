"""The complete checkpoint of a training: making it, and restoring it exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import printable_path
from engine.core.schema import ParamsError
from engine.runtime.checkpoints.checkpoint import Checkpoint, encode_floats
from engine.runtime.checkpoints.shards import load_shards, save_shards
from engine.runtime.checkpoints.state_dicts import (
    checkpoint_mismatch,
    load_buffers,
    load_weights,
    network_buffers,
    network_weights,
    torch_weights,
)
from engine.runtime.model.network import Network
from engine.runtime.optimizers.lazy_rows import convert_state
from engine.runtime.training.divergence import non_finite_weights
from engine.runtime.training.non_finite import first_non_finite_weight
from engine.runtime.training.training import Training

_GRADIENT_PREFIX = "gradient/"  # in the names of gradients among the tensors of the optimizer

# Exceptions that restoring a malformed state can raise.
_RESTORE_ERRORS = (
    ArithmeticError, AttributeError, LookupError, ParamsError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


def make_checkpoint(training: Training, shards: Path | None = None) -> Checkpoint:
    """Return a checkpoint of a training between two steps.

    Args:
        shards: a new folder for the tensors of a sharded training. All ranks write to it.

    Raises:
        DiagnosticError: diverged, if a weight is not finite.
    """
    if (node := first_non_finite_weight(training.network)) is not None:
        rate = training.learning_rate
        raise DiagnosticError(non_finite_weights(training.progress, rate, node))
    step, state = training.progress.step, _state_dict(training)
    if shards is not None:
        tensors = _sharded_tensors(training, training.optimizer.state_dict())
        save_shards(shards, tensors, training.group.patient)
        return Checkpoint(step, {}, {}, state, shards)
    weights = network_weights(training.network)
    return Checkpoint(step, weights, training.optimizer.state_dict(), state)


def final_weights(training: Training, checkpoint: Checkpoint | None) -> Mapping[str, Tensor]:
    """Return the weights of a training, or of one of its checkpoints, by "node/weight"."""
    if checkpoint is None:
        return network_weights(training.network)
    if checkpoint.shards is None:
        return checkpoint.weights
    network = Network(training.network.plan).to(training.device_context.dtype)
    load_shards(checkpoint.shards, torch_weights(network))
    return network_weights(network)


def _sharded_tensors(training: Training, optimizer: Mapping[str, Tensor]) -> dict[str, Tensor]:
    weights = torch_weights(training.network)
    return weights | {f"opt/{name}": tensor for name, tensor in optimizer.items()}


def _state_dict(training: Training) -> dict[str, Any]:
    """Return the state that a checkpoint has besides weights and optimizer, as plain JSON."""
    return {**training.state_dict(), "buffers": network_buffers(training.network)}


def restore_checkpoint(training: Training, checkpoint: Checkpoint) -> None:
    """Restore the state of a training from a checkpoint.

    Why: a checksum proves that a file is undamaged, but not that it belongs to this training. So
        the restored state is compared with the checkpoint.

    Raises:
        DiagnosticError: checkpoint-unfit; the training can't be used after this error.
    """
    saved_step, optimizer = checkpoint.step, training.optimizer
    with _mismatch_if_malformed("state"):
        checkpoint = _at_start_of_step(checkpoint, training.recipe.accumulate)
    if checkpoint.shards is not None:
        checkpoint = replace(checkpoint, optimizer=_load_shards(training, checkpoint.shards))
    else:
        with _mismatch_if_malformed("optimizer state"):
            state = convert_state(optimizer.schema, checkpoint.optimizer, optimizer.state_dict())
        checkpoint = replace(checkpoint, optimizer=state)
        _compare(network_weights(training.network), checkpoint.weights)
        _compare(optimizer.state_dict(), checkpoint.optimizer)
        load_weights(training.network, checkpoint.weights)
    if not training.network.is_finite:
        raise checkpoint_mismatch("weights that are infinite or NaN")
    with _mismatch_if_malformed("state"):
        optimizer.load_state_dict(checkpoint.optimizer)
        load_buffers(training.network, checkpoint.state["buffers"])
        training.load_state_dict(checkpoint.state)
        is_same = _has_state_of(training, checkpoint)
    if not is_same or not _is_consistent(training, checkpoint):
        raise checkpoint_mismatch("the state of another training")
    training.repeated = saved_step - checkpoint.step


def _load_shards(training: Training, shards: Path) -> Mapping[str, Tensor]:
    """Load the weights of a sharded checkpoint, and return the optimizer's state in it."""
    optimizer = training.optimizer.state_dict()
    group = training.group.patient if training.is_sharded else None
    load_shards(shards, _sharded_tensors(training, optimizer), group)
    return optimizer


def _at_start_of_step(checkpoint: Checkpoint, accumulate: int) -> Checkpoint:
    """Return a checkpoint without the gradients of an incomplete step, which is then repeated.

    Why: version 0.1 also saved checkpoints between two accumulated batches.
    """
    optimizer = {
        name: tensor
        for name, tensor in checkpoint.optimizer.items()
        if not name.startswith(_GRADIENT_PREFIX)
    }
    if len(optimizer) == len(checkpoint.optimizer):
        return checkpoint
    state = dict(checkpoint.state)
    progress = dict(state["progress"])
    batches = progress["batch"] % accumulate
    progress |= {"step": progress["step"] - batches, "batch": progress["batch"] - batches}
    if "balance" in state:
        state["balance"] = {**state["balance"], "gradients": {}}
    state["progress"] = progress
    return replace(checkpoint, step=progress["step"], optimizer=optimizer, state=state)


@contextmanager
def _mismatch_if_malformed(part: str) -> Iterator[None]:
    """Within the context, errors of a malformed part of a checkpoint become diagnostics."""
    try:
        yield
    except _RESTORE_ERRORS as error:
        raise checkpoint_mismatch(f"a malformed {part}: {error}") from error


def _compare(expected: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    """Raise DiagnosticError if names, shapes or dtypes of the tensors differ."""
    for name in sorted(expected.keys() - given.keys()):
        raise checkpoint_mismatch(f"no {name}")
    for name in sorted(given.keys() - expected.keys()):
        raise checkpoint_mismatch(f"an unknown {printable_path(name)}")
    for name, tensor in expected.items():
        wanted, found = _signature(tensor), _signature(given[name])
        if wanted != found:
            raise checkpoint_mismatch(f"{name} of {found}, not {wanted}")


def _signature(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _has_state_of(training: Training, checkpoint: Checkpoint) -> bool:
    state = _state_dict(training)
    given = {key: checkpoint.state[key] for key in state}
    current, restored = (json.dumps(encode_floats(x), sort_keys=True) for x in (state, given))
    return current == restored


def _is_consistent(training: Training, checkpoint: Checkpoint) -> bool:
    """Return whether the restored counters are consistent with the data and with each other."""
    progress, steps = training.progress, len(training.train)
    return (
        progress.step == checkpoint.step == (progress.epoch - 1) * steps + progress.batch
        and 0 <= progress.batch <= steps
        and 0 <= progress.updates <= progress.step
        and 1 <= progress.epoch <= training.recipe.epochs + 1
    )
