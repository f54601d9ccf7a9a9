"""Settings that enable the accelerations of a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Acceleration:
    """Which accelerations are enabled; without any of them, training is plain torch.

    Args:
        packed: whether small parameters are updated together (`updates.flat_parameters`).
        rows: whether a training step updates only those rows of embeddings that its batch uses
            (`updates.sparse_gradients`, `updates.lazy_state`).
        layout: whether the plan uses channels-last sequences and fused layers
            (`compile.optimization`).
        native: whether compiled kernels are used where they are supported (`kernel_build`).
    """

    packed: bool = True
    rows: bool = True
    layout: bool = True
    native: bool = True


FAST = Acceleration()
PLAIN = Acceleration(packed=False, rows=False, layout=False, native=False)
