"""LSTM with fused gates: one compiled kernel computes all steps, a few rows at a time.

With projected input p_t = W x_t + b and recurrent weights U, a step is

    i, f, g, o = p_t + U h_{t-1}                        (one matrix product, four gates)
    c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(g)
    h_t = sigmoid(o) tanh(c_t)
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.autograd_function import apply_function
from engine.runtime.acceleration.buffer_pool import BufferPool, room
from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding, TokenPositions
from engine.runtime.acceleration.kernel_bindings import WIDE, Kernels, address, refuse_second, whole
from engine.runtime.acceleration.tall_skinny_matmul import tall_skinny_product
from engine.runtime.nn_extras.recurrent import LSTM

Answer = Tensor | tuple[Tensor, ...]


class Steps(Function):
    """All steps of an LSTM, from its projected input.

    Forward: each step computes the gates, applies their activations in registers, and saves them
    and the cell state. Backward, from the last step: outputs are recomputed from gates and cells,
    the gradients of the gates overwrite the gates, and those of the previous output and cell are
    passed on to the previous step. The gradient of U is then one matrix product over all steps.

    Shapes: fed (steps, batch, 4 units), or (words, 4 units) with `places`; weight (4 units,
        units), mask (steps, batch) or None -> outputs (steps, batch, units), or of the last step
        alone (1, batch, units), and the last output and cell state (batch, units). A masked step
        repeats the state before it. Without places, `fed` is overwritten by the gates.
    Why: torch's LSTM reads and writes all gates several times per step. Here they stay in registers
        from the product to the activation, and masked steps are skipped instead of sorted to the
        end. Steps are the first axis, so that the rows of a step are contiguous. Outputs are not
        saved for the backward pass, which recomputes them in the memory of the cells.
    Source: the formulas of keras.layers.LSTM; fusion of pointwise operations: Appleyard, Kocisky
        and Blunsom 2016, arXiv:1604.01946.
    """

    @staticmethod
    def forward(
        ctx: Any, fed: Tensor, places: TokenPositions | None, weight: Tensor, mask: Tensor | None,
        kernels: Kernels, sequences: bool,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """Run all steps; the activated gates overwrite the projected input."""
        units = weight.shape[1]
        indices = None if places is None else places.of_steps
        steps, batch = fed.shape[:2] if indices is None else indices.shape
        fed = fed.detach().contiguous()
        gates = fed
        if indices is not None:
            gates = room(kernels.spare, fed, steps, batch, 4 * units)
        cells = room(kernels.spare, fed, steps, batch, units)
        outputs = torch.empty_like(cells if sequences else cells[:1])
        mask_bytes = None if mask is None else mask.to(torch.uint8).contiguous()
        kernels.library.lstm_forward(
            *whole(batch, steps, units), address(fed), address(indices), address(gates),
            address(weight.t().contiguous()), address(mask_bytes), address(cells),
            *whole(len(outputs)), address(outputs),
        )  # fmt: skip
        ctx.save_for_backward(gates, weight, cells, mask_bytes)
        ctx.kernels, ctx.places, ctx.is_released = kernels, places, False
        ctx.set_materialize_grads(False)
        if not sequences:
            ctx.mark_non_differentiable(outputs)  # the last output carries the gradient
        return outputs, outputs[-1].clone(), cells[-1].clone()

    @staticmethod
    def backward(ctx: Any, *d: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return the gradients of `fed`, which overwrite the gates, and of `weight`.

        Raises:
            RuntimeError: if it runs a second time, after the memory was returned to the pool, or
                with `create_graph`.
        """
        refuse_second()
        if ctx.is_released:
            raise RuntimeError("the backward pass of an LSTM has run once already")
        spare: BufferPool | None = ctx.kernels.spare
        ctx.is_released = spare is not None
        gates, weight, cells, mask = ctx.saved_tensors
        steps, batch, units = cells.shape
        d_outputs, d_h, d_c = (None if x is None else x.contiguous() for x in d)
        d_gates, outputs = gates, cells  # overwritten
        if spare is None:
            d_gates, outputs = torch.empty_like(gates), torch.empty_like(cells)
        ctx.kernels.library.lstm_backward(
            *whole(batch, steps, units), address(gates), address(weight.contiguous()),
            address(mask), address(cells), address(d_outputs), address(d_h), address(d_c),
            address(d_gates), address(outputs),
        )  # fmt: skip
        # The first step has no previous output.
        previous_outputs = outputs[:-1].view(-1, units)
        d_weight = tall_skinny_product(d_gates[1:].view(-1, 4 * units), previous_outputs)
        places, library = ctx.places, ctx.kernels.library
        d_fed = d_gates if places is None else places.added(library, d_gates)
        if spare is not None:
            spare.give(cells, *(() if places is None else (gates,)))
        return d_fed, None, d_weight, None, None, None


def fits(rnn: LSTM, x: Tensor) -> bool:
    """Return whether the kernel supports a layer and its input."""
    is_known = x.dtype == torch.float32 and x.device.type == "cpu"
    has_steps = x.dim() == 3 and x.shape[0] > 0 and x.shape[1] > 0
    return is_known and has_steps and _is_supported(rnn)


def reads(rnn: LSTM, words: DeferredEmbedding) -> bool:
    """Return whether the kernel supports a layer on words whose embedding is deferred.

    Dropout of the input is not supported: words are projected once, not once per step.
    """
    table, ids = words.table, words.ids
    is_known = table.dtype == torch.float32 and table.device.type == "cpu"
    has_dropout = rnn.training and rnn.dropout
    has_steps = ids.dim() == 2 and ids.numel() > 0
    return is_known and has_steps and not has_dropout and _is_supported(rnn)


def _is_supported(rnn: LSTM) -> bool:
    is_standard = rnn.fused and not (rnn.training and rnn.recurrent_dropout)
    is_full_precision = not torch.is_autocast_enabled("cpu")
    return is_standard and rnn.rnn.hidden_size % WIDE == 0 and is_full_precision


def run(rnn: LSTM, kernels: Kernels, x: Tensor, mask: Tensor | None = None) -> Answer:
    """Return the output of a layer, computed by the kernel."""
    for drop in rnn._drops(x[:, :1], rnn.dropout, 1):
        x = x * drop
    fed = functional.linear(_in_order(rnn, x).transpose(0, 1), *_projection(rnn))
    return _output(rnn, fed, None, mask, kernels)


def read(rnn: LSTM, kernels: Kernels, x: DeferredEmbedding, mask: Tensor | None = None) -> Answer:
    """Return the output of a layer on words, each distinct word projected once.

    Why: a batch has fewer distinct words than steps, so the projection is a smaller product.
    """
    x = x._replace(ids=_in_order(rnn, x.ids))
    fed, places = x.projected(*_projection(rnn), kernels.library)
    return _output(rnn, fed, places, mask, kernels)


def _in_order(rnn: LSTM, x: Tensor) -> Tensor:
    """Return (batch, steps, ...) in the order of processing."""
    return x.flip(1) if rnn.go_backwards else x


def _projection(rnn: LSTM) -> tuple[Tensor, Tensor | None]:
    bias = rnn.rnn.get_parameter("bias_ih_l0") if rnn.rnn.bias else None
    return rnn.rnn.get_parameter("weight_ih_l0"), bias


def _output(
    rnn: LSTM, fed: Tensor, places: TokenPositions | None, mask: Tensor | None, kernels: Kernels
) -> Answer:
    mask = None if mask is None else _in_order(rnn, mask).t()
    weight = rnn.rnn.get_parameter("weight_hh_l0")
    if not torch.is_grad_enabled():  # without a backward pass no buffer returns to the pool
        kernels = Kernels(kernels.library, None)
    outputs, *last = apply_function(Steps, fed, places, weight, mask, kernels, rnn.return_sequences)
    if rnn.return_sequences and mask is not None and rnn.zero_masked:
        outputs = torch.where(mask.unsqueeze(-1), outputs, 0)
    output = outputs.transpose(0, 1) if rnn.return_sequences else last[0]
    return (output, *last) if rnn.return_state else output
