"""Optimizer updates by a compiled kernel, in one pass over the parameter.

With gradient g, learning rate r and accumulator v (RMSprop, Adagrad), the kernel computes

    v = rho v + (1 - rho) g^2    or    v = v + g^2
    parameter = parameter - r g / sqrt(v + epsilon)

and for SGD, without v, parameter - r g. For a row that was not updated for k steps, v is first
multiplied by the decay factor rho^k, which is what k updates with a gradient of zero do.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engine.runtime.acceleration.kernel_bindings import Library, address, double, single, whole
from engine.runtime.acceleration.updates.flat_parameters import ROW, ParameterSlice

DESCENT, ADAGRAD = -2.0, -1.0  # values of rho that select plain gradient descent or Adagrad


class Rule(NamedTuple):
    """The update rule, as the kernel needs it.

    Args:
        rho: decay factor of RMSprop, else DESCENT or ADAGRAD.
        epsilon: added under the square root.
        slot: name of the accumulator in the optimizer state, "" if there is none.
    """

    rho: float
    epsilon: float = 0.0
    slot: str = ""


def move_rows(
    library: Library, rule: Rule, piece: ParameterSlice, rows: Tensor, now: int, rate: float
) -> None:
    """Update some rows of a table, and apply the decay of the steps that they are behind.

    Why: torch copies the rows, updates the copies in six operations and writes them back; the
        kernel reads and writes each row once.
    """
    steps = None if piece.lag is None else piece.lag.steps
    _update(library, rule, piece, rows.contiguous(), piece.parameter.shape[1], steps, now, rate)
    if piece.lag is not None:
        piece.lag.some = True


def move_whole(library: Library, rule: Rule, piece: ParameterSlice, now: int, rate: float) -> None:
    """Update all rows of a parameter or of a flat buffer.

    Why: torch reads and writes the memory five times, the kernel once.
    """
    rows = torch.arange(piece.parameter.numel() // ROW)
    _update(library, rule, piece, rows, ROW, torch.full_like(rows, now), now, rate)


def _update(
    library: Library, rule: Rule, piece: ParameterSlice, rows: Tensor, width: int,
    steps: Tensor | None, now: int, rate: float,
) -> None:  # fmt: skip
    library.rows_move(
        *whole(len(rows), width), address(rows), address(piece.gradient.contiguous()),
        address(piece.parameter), address(piece.memory.get(rule.slot)), address(steps),
        *whole(now), single(rate), double(rule.rho), single(rule.epsilon),
    )  # fmt: skip


def fits_whole(piece: ParameterSlice) -> bool:
    """Return whether `move_whole` supports a piece; flat buffers are padded so that it does."""
    is_dense = piece.rows is None and piece.lag is None and piece.parameter.numel() % ROW == 0
    return is_dense and fits(piece.parameter, piece.gradient)


def fits(*tensors: Tensor) -> bool:
    """Return whether the kernel supports the dtype and layout of tensors."""
    return all(tensor.dtype == torch.float32 and tensor.is_contiguous() for tensor in tensors)
