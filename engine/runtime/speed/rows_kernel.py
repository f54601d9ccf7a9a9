"""Rows of a table moved in one pass over each."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engine.runtime.speed.library import Library, address, double, single, whole
from engine.runtime.speed.piece import Piece

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
    library.rows_move(
        *whole(len(rows), piece.parameter.shape[1]), address(rows.contiguous()),
        address(piece.gradient.contiguous()), address(piece.parameter),
        address(piece.memory.get(rule.slot)), address(steps), *whole(now),
        single(rate), double(rule.rho), single(rule.epsilon),
    )  # fmt: skip
    if piece.lag is not None:
        piece.lag.some = True


def fits(*tensors: Tensor) -> bool:
    """Answer whether the kernel takes tensors as they lie."""
    return all(one.dtype == torch.float32 and one.is_contiguous() for one in tensors)
