"""An LSTM whose steps are one kernel: gates fused, a few rows at a time."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.autograd_function import applied
from engine.runtime.acceleration.buffer_pool import Spare, room
from engine.runtime.acceleration.deferred_embedding import Places, Words
from engine.runtime.acceleration.kernel_bindings import (
    WIDE,
    Kernels,
    address,
    refuse_second,
    whole,
)
from engine.runtime.acceleration.tall_skinny_matmul import across
from engine.runtime.nn_extras.recurrent import LSTM

Answer = Tensor | tuple[Tensor, ...]


class Steps(Function):
    """All steps of an LSTM after its input's projection.

    Shapes: fed (steps, batch, 4 units), or (words, 4 units) whose places are told; weight
        (4 units, units), mask (steps, batch) or None -> outputs (steps, batch, units), or of the
        last step alone (1, batch, units), and the last output and cell (batch, units). A masked
        step repeats what was before it. What is fed without places is overwritten.
    Why: torch's LSTM reads and writes all gates several times a step. Here they stay in registers
        from the product to the curve, and steps that a mask leaves out are passed over, not sorted
        to the end. Steps come first, so that the rows of a step lie side by side. Outputs are not
        kept for the way back, which has what they are made of at hand, and a place for them.
    Source: the formulas of keras.layers.LSTM; Appleyard, Kocisky and Blunsom 2016,
        arXiv:1604.01946, for fusing what acts number by number.
    """

    @staticmethod
    def forward(
        ctx: Any, fed: Tensor, places: Places | None, weight: Tensor, mask: Tensor | None,
        kernels: Kernels, sequences: bool,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """Run forward; what the gates answer takes the place of what is fed."""
        units = weight.shape[1]
        place = None if places is None else places.of_steps
        steps, batch = fed.shape[:2] if place is None else place.shape
        fed = fed.detach().contiguous()
        gates = fed if place is None else room(kernels.spare, fed, steps, batch, 4 * units)
        cells = room(kernels.spare, fed, steps, batch, units)
        outs = torch.empty_like(cells if sequences else cells[:1])
        own = None if mask is None else mask.to(torch.uint8).contiguous()
        kernels.library.lstm_forward(
            *whole(batch, steps, units), address(fed), address(place), address(gates),
            address(weight.t().contiguous()), address(own), address(cells),
            *whole(len(outs)), address(outs),
        )  # fmt: skip
        ctx.save_for_backward(gates, weight, cells, own)
        ctx.kernels, ctx.places, ctx.spent = kernels, places, False
        ctx.set_materialize_grads(False)
        if not sequences:
            ctx.mark_non_differentiable(outs)  # the last output says all of it
        return outs, outs[-1].clone(), cells[-1].clone()

    @staticmethod
    def backward(ctx: Any, *d: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return the gradients of `fed` and `weight`, which take the place of the gates.

        Raises:
            RuntimeError: it was gone through before, and only once was asked for; or again is.
        """
        refuse_second()
        if ctx.spent:
            raise RuntimeError("the steps of an LSTM were gone back through once already")
        spare: Spare | None = ctx.kernels.spare
        ctx.spent = spare is not None
        gates, weight, cells, mask = ctx.saved_tensors
        steps, batch, units = cells.shape
        d_outs, d_h, d_c = (None if one is None else one.contiguous() for one in d)
        d_gates, outs = gates, cells
        if spare is None:
            d_gates, outs = torch.empty_like(gates), torch.empty_like(cells)
        ctx.kernels.library.lstm_backward(
            *whole(batch, steps, units), address(gates), address(weight.contiguous()),
            address(mask), address(cells), address(d_outs), address(d_h), address(d_c),
            address(d_gates), address(outs),
        )  # fmt: skip
        before, after = outs[:-1].view(-1, units), d_gates[1:].view(-1, 4 * units)
        d_weight = across(after, before)  # the first step has nothing before it
        places, library = ctx.places, ctx.kernels.library
        d_fed = d_gates if places is None else places.added(library, d_gates)
        if spare is not None:
            spare.give(cells, *(() if places is None else (gates,)))
        return d_fed, None, d_weight, None, None, None


def fits(rnn: LSTM, x: Tensor) -> bool:
    """Return whether the kernel computes what a recurrence would, for what it is fed."""
    known = x.dtype == torch.float32 and x.device.type == "cpu"
    return known and x.dim() == 3 and x.shape[0] > 0 and x.shape[1] > 0 and _takes(rnn)


def reads(rnn: LSTM, words: Words) -> bool:
    """Return whether the kernel can look words up by itself; no draw may tell their steps apart."""
    table, ids = words.table, words.ids
    known = table.dtype == torch.float32 and table.device.type == "cpu"
    drops = rnn.training and rnn.dropout
    return known and ids.dim() == 2 and ids.numel() > 0 and not drops and _takes(rnn)


def _takes(rnn: LSTM) -> bool:
    plain = rnn.fused and not (rnn.training and rnn.recurrent_dropout)
    return plain and rnn.rnn.hidden_size % WIDE == 0 and _whole_precision()


def _whole_precision() -> bool:
    return not torch.is_autocast_enabled("cpu")


def run(rnn: LSTM, kernels: Kernels, x: Tensor, mask: Tensor | None = None) -> Answer:
    """Return what a recurrence does, by the kernel."""
    for drop in rnn._drops(x[:, :1], rnn.dropout, 1):
        x = x * drop
    fed = functional.linear(_in_order(rnn, x).transpose(0, 1), *_onto(rnn))
    return _answered(rnn, fed, None, mask, kernels)


def read(rnn: LSTM, kernels: Kernels, words: Words, mask: Tensor | None = None) -> Answer:
    """Return what a recurrence makes of words, each of them projected once.

    Why: the words of a batch are fewer than its steps, and so are the products.
    """
    words = words._replace(ids=_in_order(rnn, words.ids))
    fed, places = words.projected(*_onto(rnn), kernels.library)
    return _answered(rnn, fed, places, mask, kernels)


def _in_order(rnn: LSTM, x: Tensor) -> Tensor:
    """Return (batch, steps, ...) in the order in which it is read."""
    return x.flip(1) if rnn.go_backwards else x


def _onto(rnn: LSTM) -> tuple[Tensor, Tensor | None]:
    """Return weight and bias of the input's projection."""
    bias = rnn.rnn.get_parameter("bias_ih_l0") if rnn.rnn.bias else None
    return rnn.rnn.get_parameter("weight_ih_l0"), bias


def _answered(
    rnn: LSTM, fed: Tensor, places: Places | None, mask: Tensor | None, kernels: Kernels
) -> Answer:
    mask = None if mask is None else _in_order(rnn, mask).t()
    weight = rnn.rnn.get_parameter("weight_hh_l0")
    if not torch.is_grad_enabled():  # nobody goes back, and gives anything back
        kernels = Kernels(kernels.library, None)
    outs, *last = applied(Steps, fed, places, weight, mask, kernels, rnn.return_sequences)
    if rnn.return_sequences and mask is not None and rnn.zero_masked:
        outs = torch.where(mask.unsqueeze(-1), outs, 0)
    answer = outs.transpose(0, 1) if rnn.return_sequences else last[0]
    return (answer, *last) if rnn.return_state else answer
