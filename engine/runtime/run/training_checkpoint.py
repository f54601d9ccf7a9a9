"""The complete checkpoint of a training: making it, and restoring it exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from engine.core.files.atomic_write import printable_path
from engine.core.schema import ParamsError
from engine.runtime.checkpoints.checkpoint import Checkpoint, encode_floats
from engine.runtime.checkpoints.state_dicts import (
    GRADIENT_PREFIX,
    checkpoint_mismatch,
    load_buffers,
    load_optimizer_state,
    load_weights,
    network_buffers,
    network_weights,
    optimizer_state,
)
from engine.runtime.optimizers.lazy_rows import convert_state
from engine.runtime.training.training import Training

# Exceptions that restoring a malformed state can raise.
_RESTORE_ERRORS = (
    ArithmeticError, AttributeError, LookupError, ParamsError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


def make_checkpoint(training: Training) -> Checkpoint:
    """Return a checkpoint of a training between two steps."""
    return Checkpoint(
        training.progress.step,
        network_weights(training.network),
        optimizer_state(training.optimizer),
        _state_dict(training),
    )


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
    state = _converted_optimizer(training, checkpoint)
    checkpoint = replace(checkpoint, optimizer=state)
    _compare(network_weights(training.network), checkpoint.weights)
    slots = {name: state[name] for name in state if not name.startswith(GRADIENT_PREFIX)}
    _compare(training.optimizer.state_dict(), slots)
    load_weights(training.network, checkpoint.weights)
    if not training.network.is_finite:
        raise checkpoint_mismatch("weights that are infinite or NaN")
    load_optimizer_state(training.optimizer, checkpoint.optimizer)
    _compare(optimizer_state(training.optimizer), checkpoint.optimizer)
    try:
        load_buffers(training.network, checkpoint.state["buffers"])
        training.load_state_dict(checkpoint.state)
        is_same = _has_state_of(training, checkpoint)
    except _RESTORE_ERRORS as error:
        raise checkpoint_mismatch(f"a malformed state: {error}") from error
    if not is_same or not _is_consistent(training, checkpoint):
        raise checkpoint_mismatch("the state of another training")


def _converted_optimizer(training: Training, checkpoint: Checkpoint) -> Mapping[str, Tensor]:
    """Return the checkpoint's optimizer state, converted for the training's optimizer."""
    optimizer = training.optimizer
    try:
        return convert_state(optimizer.schema, checkpoint.optimizer, optimizer.state_dict())
    except _RESTORE_ERRORS as error:
        raise checkpoint_mismatch(f"a malformed optimizer state: {error}") from error


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
