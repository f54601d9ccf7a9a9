"""Optimizer updates by a compiled kernel, in one pass over the parameter.

With gradient g, learning rate r and accumulator v (RMSprop, Adagrad), the kernel computes

    v = rho v + (1 - rho) g^2    or    v = v + g^2
    parameter = parameter - r g / sqrt(v + epsilon)

For SGD, which has no v, it computes parameter = parameter - r g. If a row was not updated for k
steps, v is multiplied by rho^k before the update. This has the same effect as k updates with a
gradient of zero.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engine.runtime.acceleration.kernel_bindings import Library, address, double, int64s, single
from engine.runtime.acceleration.updates.flat_parameters import ROW, ParameterSlice

DESCENT, ADAGRAD = -2.0, -1.0  # values of rho that select plain gradient descent or Adagrad


class Rule(NamedTuple):
    """The update rule of an optimizer, as arguments of a compiled function that applies it.

    Args:
        rho: the decay factor for RMSprop, the constant DESCENT for SGD, or ADAGRAD for Adagrad.
        epsilon: added to accumulated squared gradients before their square root; unused by SGD.
        slot: the key of the accumulated squared gradients in the optimizer state; "" for SGD.
    """

    rho: float
    epsilon: float = 0.0
    slot: str = ""


def step_rows(
    library: Library, rule: Rule, slice_: ParameterSlice, rows: Tensor, now: int, rate: float
) -> None:
    """Update the rows of an embedding table that have the indices `rows`, by an optimizer's rule.

    If a row missed optimizer steps, its accumulator is first decayed for these steps.

    Args:
        slice_: the embedding table, and the gradients of these rows.
        now, rate: number of optimizer steps before this one, and learning rate.

    Why: torch copies the rows, updates the copies in six operations, and writes them back. The
        kernel reads and writes each row once.
    """
    steps = None if slice_.lazy_state is None else slice_.lazy_state.steps
    _update(library, rule, slice_, rows.contiguous(), slice_.parameter.shape[1], steps, now, rate)
    if slice_.lazy_state is not None:
        slice_.lazy_state.is_behind = True


def step_slice(library: Library, rule: Rule, slice_: ParameterSlice, now: int, rate: float) -> None:
    """Update all elements of a parameter or of a flat buffer; arguments as in `step_rows`.

    Why: torch reads and writes the memory five times, but the kernel only once.
    """
    rows = torch.arange(slice_.parameter.numel() // ROW)
    _update(library, rule, slice_, rows, ROW, torch.full_like(rows, now), now, rate)


def _update(
    library: Library, rule: Rule, slice_: ParameterSlice, rows: Tensor, width: int,
    steps: Tensor | None, now: int, rate: float,
) -> None:  # fmt: skip
    library.rows_move(
        *int64s(len(rows), width), address(rows), address(slice_.gradient.contiguous()),
        address(slice_.parameter), address(slice_.state.get(rule.slot)), address(steps),
        *int64s(now), single(rate), double(rule.rho), single(rule.epsilon),
    )  # fmt: skip


def supports_slice(slice_: ParameterSlice) -> bool:
    """Return whether `step_slice` supports a slice: dense float32, a multiple of `ROW` values."""
    is_dense = slice_.indices is None and slice_.lazy_state is None
    return is_dense and slice_.parameter.numel() % ROW == 0 and supports(slice_)


def supports(slice_: ParameterSlice) -> bool:
    """Return whether `step_rows` supports a slice: its tensors are contiguous and float32."""
    tensors = (slice_.parameter, slice_.gradient)
    return all(tensor.dtype == torch.float32 and tensor.is_contiguous() for tensor in tensors)
