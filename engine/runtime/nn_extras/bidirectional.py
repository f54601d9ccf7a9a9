"""Keras' Bidirectional layer, which has one recurrent layer per direction."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.runtime.nn_extras.recurrent import Recurrence


class Bidirectional(nn.Module):
    """Runs two recurrent layers, one in each direction, and merges their outputs.

    Shapes: x (batch, steps, features), mask (batch, steps) -> the outputs of the recurrent layers,
        merged; the merge mode "concat" doubles the last axis.
    Source: keras.layers.Bidirectional; Schuster and Paliwal 1997, doi:10.1109/78.650093.
    """

    def __init__(
        self, forward: Recurrence, backward: Recurrence, merge_mode: str | None = "concat"
    ) -> None:
        super().__init__()
        forward.zero_masked = backward.zero_masked = True
        self.ahead = forward
        self.back = backward
        self.merge_mode = merge_mode

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor | tuple[Tensor, ...]:
        """Return the merged output (both outputs if `merge_mode` is None), and then any states."""
        ahead, *states = self._to_tuple(self.ahead(x, mask))
        back, *backward_states = self._to_tuple(self.back(x, mask))
        if self.back.return_sequences:
            back = back.flip(1)
        output = (*self._merge(ahead, back), *states, *backward_states)
        return output if len(output) > 1 else output[0]

    def _to_tuple(self, output: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return output if isinstance(output, tuple) else (output,)

    def _merge(self, ahead: Tensor, back: Tensor) -> tuple[Tensor, ...]:
        match self.merge_mode:
            case "concat":
                return (torch.cat([ahead, back], -1),)
            case "sum":
                return (ahead + back,)
            case "ave":
                return ((ahead + back) / 2,)
            case "mul":
                return (ahead * back,)
            case _:
                return (ahead, back)
