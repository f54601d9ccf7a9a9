"""Settings that enable the accelerations of a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Acceleration:
    """Which accelerations are enabled; without any of them, training is plain torch.

    Args:
        flat_parameters: whether small parameters are updated together (`updates.flat_parameters`).
        sparse_gradients: whether a training step updates only those rows of embeddings that its
            batch uses (`updates.sparse_gradients`, `updates.lazy_state`).
        optimized_plan: whether the plan uses channels-last sequences and fused layers
            (`compile.optimization`).
        kernels: whether compiled kernels are used where they are supported (`kernel_build`).
    """

    flat_parameters: bool = True
    sparse_gradients: bool = True
    optimized_plan: bool = True
    kernels: bool = True


FAST = Acceleration()
PLAIN = Acceleration(
    flat_parameters=False, sparse_gradients=False, optimized_plan=False, kernels=False
)
