"""What an optimizer moves at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from engine.runtime.acceleration.updates.lazy_state import Lag

Memory = Mapping[str, Tensor]


class Piece(NamedTuple):
    """What is moved at once: a parameter, or many that lie side by side.

    Args:
        parameter, gradient: of one shape, but for `rows`.
        memory: what is remembered, by slot.
        rows: of an embedding, those that the gradient has.
        lag: of an embedding, how far its rows are behind.
    """

    parameter: Tensor
    gradient: Tensor
    memory: Memory
    rows: Tensor | None = None
    lag: Lag | None = None
