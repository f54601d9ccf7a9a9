"""Settings that enable the accelerations of a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Acceleration:
    """The accelerations, each enabled or disabled; without any, training is plain torch.

    Args:
        packed: update small parameters together, in flat buffers (`updates.flat_parameters`).
        rows: update only the rows of embeddings that a batch uses (`updates.sparse_gradients`,
            `updates.lazy_state`).
        layout: optimize the plan: channels-last sequences, fused layers (`compile.optimization`).
        native: use the compiled kernels for what they support (`kernel_build`).
    """

    packed: bool = True
    rows: bool = True
    layout: bool = True
    native: bool = True


FAST = Acceleration()
PLAIN = Acceleration(packed=False, rows=False, layout=False, native=False)
