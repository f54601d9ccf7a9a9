"""An LSTM whose steps are one kernel: gates fused, a few rows at a time."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.extras.recurrent import LSTM
from engine.runtime.speed.library import WIDE, Library, address, whole

Answer = Tensor | tuple[Tensor, ...]


class Steps(Function):
    """All steps of an LSTM after its input's projection.

    Shapes: fed (batch, steps, 4 units), weight (4 units, units), mask (batch, steps) or None ->
        outputs (batch, steps, units), the last output and the last cell (batch, units). A masked
        step repeats what was before it. What is fed is overwritten.
    Why: torch's LSTM reads and writes all gates several times a step. Here they stay in registers
        from the product to the curve, and steps that a mask leaves out are passed over, not sorted
        to the end.
    Source: the formulas of keras.layers.LSTM; Appleyard, Kocisky and Blunsom 2016,
        arXiv:1604.01946, for fusing what acts number by number.
    """

    @staticmethod
    def forward(
        ctx: Any, fed: Tensor, weight: Tensor, mask: Tensor | None, library: Library
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Run forward; what the gates answer takes the place of what is fed."""
        batch, steps, units = *fed.shape[:2], weight.shape[1]
        gates = fed.detach().contiguous()
        outs = fed.new_empty(batch, steps, units)
        cells = torch.empty_like(outs)
        own = None if mask is None else mask.to(torch.uint8).contiguous()
        library.lstm_forward(
            *whole(batch, steps, units), address(gates), address(weight.t().contiguous()),
            address(own), address(cells), address(outs),
        )  # fmt: skip
        ctx.save_for_backward(gates, weight, cells, outs, *(() if own is None else (own,)))
        ctx.library = library
        ctx.set_materialize_grads(False)
        return outs, outs[:, -1].clone(), cells[:, -1].clone()

    @staticmethod
    def backward(ctx: Any, *d: Tensor | None) -> tuple[Tensor | None, ...]:
        """Answer the gradients of `fed` and `weight`."""
        gates, weight, cells, outs, *rest = ctx.saved_tensors
        batch, steps, units = outs.shape
        d_outs, d_h, d_c = (None if one is None else one.contiguous() for one in d)
        d_fed = torch.empty_like(gates)
        ctx.library.lstm_backward(
            *whole(batch, steps, units), address(gates), address(weight.contiguous()),
            address(rest[0] if rest else None), address(cells), address(d_outs), address(d_h),
            address(d_c), address(d_fed),
        )  # fmt: skip
        before = functional.pad(outs[:, :-1], (0, 0, 1, 0)).reshape(-1, units)
        return d_fed, d_fed.view(-1, 4 * units).t() @ before, None, None


def fits(rnn: LSTM, x: Tensor) -> bool:
    """Answer whether the kernel computes what a recurrence would, for what it is fed."""
    plain = rnn.fused and not (rnn.training and rnn.recurrent_dropout)
    known = x.dtype == torch.float32 and x.device.type == "cpu"
    steps = x.dim() == 3 and x.shape[0] > 0 and x.shape[1] > 0
    return plain and known and steps and rnn.rnn.hidden_size % WIDE == 0 and _whole_precision()


def _whole_precision() -> bool:
    return not torch.is_autocast_enabled("cpu")


def run(rnn: LSTM, x: Tensor, mask: Tensor | None, library: Library) -> Answer:
    """Answer what a recurrence does, by the kernel."""
    if rnn.go_backwards:
        x, mask = x.flip(1), None if mask is None else mask.flip(1)
    for drop in rnn._drops(x[:, :1], rnn.dropout, 1):
        x = x * drop
    own = dict(rnn.rnn.named_parameters())
    fed = functional.linear(x, own["weight_ih_l0"], own.get("bias_ih_l0"))
    weight = own["weight_hh_l0"]
    outs, *last = Steps.apply(fed, weight, mask, library)  # type: ignore[no-untyped-call]
    if rnn.return_sequences and mask is not None and rnn.zero_masked:
        outs = torch.where(mask.unsqueeze(-1), outs, 0)
    answer = outs if rnn.return_sequences else last[0]
    return (answer, *last) if rnn.return_state else answer
