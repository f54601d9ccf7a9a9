"""The parameters that an optimizer updates in one operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from engine.runtime.acceleration.updates.lazy_state import LazyRowState

Memory = Mapping[str, Tensor]


class ParameterSlice(NamedTuple):
    """A parameter, or a flat buffer of parameters, with everything that its update needs.

    Args:
        parameter, gradient: of the same shape, unless `rows` is given.
        memory: optimizer state by slot, such as the velocity.
        rows: indices of the rows of an embedding that the gradient has.
        lag: the steps that the rows of a lazily updated embedding are behind.
    """

    parameter: Tensor
    gradient: Tensor
    memory: Memory
    rows: Tensor | None = None
    lag: LazyRowState | None = None
