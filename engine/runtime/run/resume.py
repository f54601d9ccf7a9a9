"""A checkpoint put back into a training: all of it, exactly, or a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from engine.core.diagnostic import Refused
from engine.core.files.atomic_write import shown
from engine.core.schema import ParamsError
from engine.runtime.checkpoints.checkpoint import Checkpoint, exact
from engine.runtime.checkpoints.training_state import (
    GRADIENT,
    buffers,
    load_buffers,
    load_optimizer,
    load_weights,
    optimizer_state,
    unfit,
    weights_of,
)
from engine.runtime.training.loop import Training

# What reading a state of another form can raise; it may hold anything.
_ODD = (
    ArithmeticError, AttributeError, LookupError, ParamsError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


def state_of(training: Training) -> dict[str, Any]:
    """Return what a checkpoint holds besides weights and optimizer, as plain JSON."""
    return {**training.state(), "buffers": buffers(training.network)}


def restore(training: Training, checkpoint: Checkpoint) -> None:
    """Let a training be what it was when the checkpoint was made.

    Why: a checksum tells that bytes are those that were written, not who wrote them. So what was
        put back is read out again, and has to be what the checkpoint says.

    Raises:
        DiagnosticError: checkpoint-unfit; the training can't be used any more.
    """
    checkpoint = replace(checkpoint, optimizer=_adapted(training, checkpoint))
    _compare(weights_of(training.network), checkpoint.weights)
    memory = {
        name: tensor
        for name, tensor in checkpoint.optimizer.items()
        if not name.startswith(GRADIENT)
    }
    _compare(training.optimizer.state_dict(), memory)
    load_weights(training.network, checkpoint.weights)
    if not training.network.finite:
        raise Refused(unfit("weights that are infinite or NaN"))
    load_optimizer(training.optimizer, checkpoint.optimizer)
    _compare(optimizer_state(training.optimizer), checkpoint.optimizer)
    try:
        load_buffers(training.network, checkpoint.state["buffers"])
        training.restore(checkpoint.state)
        same = _same_state(training, checkpoint)
    except _ODD as error:
        raise Refused(unfit(f"a state that can't be understood: {error}")) from error
    if not same or not _consistent(training, checkpoint):
        raise Refused(unfit("a state that is none of this training"))


def _adapted(training: Training, checkpoint: Checkpoint) -> Mapping[str, Tensor]:
    """Return the optimizer's state as this training keeps it, where another moved other rows."""
    try:
        return training.optimizer.adapted(checkpoint.optimizer)
    except _ODD as error:
        raise Refused(unfit(f"a memory that can't be understood: {error}")) from error


def _compare(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    """Refuse tensors of other names, shapes or kinds."""
    for name in sorted(own.keys() - given.keys()):
        raise Refused(unfit(f"no {name}"))
    for name in sorted(given.keys() - own.keys()):
        raise Refused(unfit(f"{shown(name)}, which nothing here is called"))
    for name, tensor in own.items():
        if _form(tensor) != _form(given[name]):
            raise Refused(unfit(f"{name} of {_form(given[name])}, not {_form(tensor)}"))


def _form(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _same_state(training: Training, checkpoint: Checkpoint) -> bool:
    own = state_of(training)
    given = {key: checkpoint.state[key] for key in own}
    return json.dumps(exact(own), sort_keys=True) == json.dumps(exact(given), sort_keys=True)


def _consistent(training: Training, checkpoint: Checkpoint) -> bool:
    """Return whether the counters fit the data and each other."""
    progress, steps = training.progress, len(training.train)
    return (
        progress.step == checkpoint.step == (progress.epoch - 1) * steps + progress.batch
        and 0 <= progress.batch <= steps
        and 0 <= progress.updates <= progress.step
        and 1 <= progress.epoch <= training.recipe.epochs + 1
    )
