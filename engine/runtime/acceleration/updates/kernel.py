"""Rows of a table, or all of a parameter, moved in one pass over each."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engine.runtime.acceleration.kernel_bindings import Library, address, double, single, whole
from engine.runtime.acceleration.updates.flat_parameters import ROW
from engine.runtime.acceleration.updates.flat_slice import Piece

DESCENT, ADAGRAD = -2.0, -1.0  # in place of rho


class Rule(NamedTuple):
    """How rows are moved, as the kernel takes it.

    Args:
        rho: of RMSprop, else DESCENT or ADAGRAD.
        epsilon: inside the root.
        slot: what is remembered of each number, "" if nothing is.
    """

    rho: float
    epsilon: float = 0.0
    slot: str = ""


def move_rows(
    library: Library, rule: Rule, piece: Piece, rows: Tensor, now: int, rate: float
) -> None:
    """Move some rows of a table, and make up for the steps that they were left alone.

    Why: torch takes the rows out, works on them in six operations and puts them back; here each is
        read and written once.
    """
    steps = None if piece.lag is None else piece.lag.steps
    _move(library, rule, piece, rows.contiguous(), piece.parameter.shape[1], steps, now, rate)
    if piece.lag is not None:
        piece.lag.some = True


def move_whole(library: Library, rule: Rule, piece: Piece, now: int, rate: float) -> None:
    """Move all of a parameter, or of many that lie side by side.

    Why: as for `move_rows`; torch goes through memory five times.
    """
    rows = torch.arange(piece.parameter.numel() // ROW)
    _move(library, rule, piece, rows, ROW, torch.full_like(rows, now), now, rate)


def _move(
    library: Library, rule: Rule, piece: Piece, rows: Tensor, width: int, steps: Tensor | None,
    now: int, rate: float,
) -> None:  # fmt: skip
    library.rows_move(
        *whole(len(rows), width), address(rows), address(piece.gradient.contiguous()),
        address(piece.parameter), address(piece.memory.get(rule.slot)), address(steps),
        *whole(now), single(rate), double(rule.rho), single(rule.epsilon),
    )  # fmt: skip


def fits_whole(piece: Piece) -> bool:
    """Return whether `move_whole` takes a piece as it lies; packs are filled up to fit."""
    plain = piece.rows is None and piece.lag is None and piece.parameter.numel() % ROW == 0
    return plain and fits(piece.parameter, piece.gradient)


def fits(*tensors: Tensor) -> bool:
    """Return whether the kernel takes tensors as they lie."""
    return all(one.dtype == torch.float32 and one.is_contiguous() for one in tensors)
