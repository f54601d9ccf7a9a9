"""LSTM with fused gates: a compiled kernel computes all time steps for a few rows at a time.

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

from engine.runtime.acceleration import kernel_bindings
from engine.runtime.acceleration.autograd_function import apply_function
from engine.runtime.acceleration.buffer_pool import BufferPool, allocate
from engine.runtime.acceleration.deferred_embedding import DeferredEmbedding, TokenPositions
from engine.runtime.acceleration.kernel_bindings import Kernels, address, int64s
from engine.runtime.acceleration.tall_skinny_matmul import tall_skinny_product
from engine.runtime.nn_extras.recurrent import LSTM

Output = Tensor | tuple[Tensor, ...]


class FusedLSTM(Function):
    """An autograd function: all time steps of an LSTM, from the projected input W x + b.

    Forward pass: each time step computes the gates, applies their activations in registers, and
    saves the gates and the cell state. Backward pass, from the last time step to the first: the
    output is recomputed from gates and cell state, the gradients of the gates overwrite the gates,
    and the gradients of output and cell state are passed on to the previous time step. At the end,
    one matrix product over all time steps yields the gradient of U.

    Shapes: projected (steps, batch, 4 units); weight U (4 units, units); mask (steps, batch) or
        None -> outputs (steps, batch, units), or (1, batch, units) for the last step if not
        `sequences`; last output and last cell state, both (batch, units). If `positions` is given,
        `projected` is (words, 4 units), a row for each distinct word, and `positions` holds each
        step's row. Otherwise, the gates overwrite `projected`. Masked steps keep the state.
    Why: torch's LSTM reads and writes all gates several times per time step. Here, the gates stay
        in registers from the product to the activation, and masked steps are skipped instead of
        sorted to the end. Time is the first axis, so the rows of a time step are contiguous.
        Outputs are not saved: in the backward pass, recomputed outputs overwrite the cell states.
    Source: the formulas of keras.layers.LSTM; fusion of pointwise operations: Appleyard, Kocisky
        and Blunsom 2016, arXiv:1604.01946.
    """

    @staticmethod
    def forward(
        ctx: Any, projected: Tensor, positions: TokenPositions | None, weight: Tensor,
        mask: Tensor | None, kernels: Kernels, sequences: bool,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """Return all outputs, last output and last cell state. The class documents the shapes."""
        units = weight.shape[1]
        indices = None if positions is None else positions.inverse
        steps, batch = projected.shape[:2] if indices is None else indices.shape
        projected = projected.detach().contiguous()
        gates = projected
        if indices is not None:
            gates = allocate(kernels.pool, projected, steps, batch, 4 * units)
        cells = allocate(kernels.pool, projected, steps, batch, units)
        outputs = torch.empty_like(cells if sequences else cells[:1])
        mask_bytes = None if mask is None else mask.to(torch.uint8).contiguous()
        kernels.library.lstm_forward(
            *int64s(batch, steps, units), address(projected), address(indices), address(gates),
            address(weight.t().contiguous()), address(mask_bytes), address(cells),
            *int64s(len(outputs)), address(outputs),
        )  # fmt: skip
        ctx.save_for_backward(gates, weight, cells, mask_bytes)
        ctx.kernels, ctx.positions, ctx.is_released = kernels, positions, False
        ctx.set_materialize_grads(False)
        if not sequences:
            ctx.mark_non_differentiable(outputs)  # the last output carries the gradient
        return outputs, outputs[-1].clone(), cells[-1].clone()

    @staticmethod
    def backward(ctx: Any, *d: Tensor | None) -> tuple[Tensor | None, ...]:
        """Return the gradients of `projected` and `weight`, and None for other arguments.

        Raises:
            RuntimeError: in a backward pass with `create_graph`. With a buffer pool, also at a
                second call, because the first one has returned the gates and cells to the pool.
        """
        kernel_bindings.require_first_derivative()
        if ctx.is_released:
            raise RuntimeError("the backward pass of an LSTM has run once already")
        pool: BufferPool | None = ctx.kernels.pool
        ctx.is_released = pool is not None
        gates, weight, cells, mask = ctx.saved_tensors
        steps, batch, units = cells.shape
        d_outputs, d_h, d_c = (None if x is None else x.contiguous() for x in d)
        d_gates, outputs = gates, cells  # overwritten
        if pool is None:
            d_gates, outputs = torch.empty_like(gates), torch.empty_like(cells)
        ctx.kernels.library.lstm_backward(
            *int64s(batch, steps, units), address(gates), address(weight.contiguous()),
            address(mask), address(cells), address(d_outputs), address(d_h), address(d_c),
            address(d_gates), address(outputs),
        )  # fmt: skip
        # The first step has no previous output.
        previous_outputs = outputs[:-1].view(-1, units)
        d_weight = tall_skinny_product(d_gates[1:].view(-1, 4 * units), previous_outputs)
        positions, library = ctx.positions, ctx.kernels.library
        d_projected = d_gates if positions is None else positions.sum_gradients(library, d_gates)
        if pool is not None:
            pool.free(cells, *(() if positions is None else (gates,)))
        return d_projected, None, d_weight, None, None, None


def supports(rnn: LSTM, x: Tensor) -> bool:
    """Return whether the compiled LSTM kernel can compute the layer `rnn` for the input `x`."""
    is_known = x.dtype == torch.float32 and x.device.type == "cpu"
    has_steps = x.dim() == 3 and x.shape[0] > 0 and x.shape[1] > 0
    return is_known and has_steps and _is_supported(rnn)


def supports_words(rnn: LSTM, words: DeferredEmbedding) -> bool:
    """Return whether the LSTM kernel supports the layer `rnn` with the deferred embedding `words`.

    Dropout of the input is not supported: the input weights are applied once per distinct word.
    """
    table, ids = words.table, words.ids
    is_known = table.dtype == torch.float32 and table.device.type == "cpu"
    has_dropout = rnn.training and rnn.dropout
    has_steps = ids.dim() == 2 and ids.numel() > 0
    return is_known and has_steps and not has_dropout and _is_supported(rnn)


def _is_supported(rnn: LSTM) -> bool:
    is_standard = rnn.fused and not (rnn.training and rnn.recurrent_dropout)
    is_aligned = rnn.rnn.hidden_size % kernel_bindings.VECTOR_SIZE == 0
    return is_standard and is_aligned and not torch.is_autocast_enabled("cpu")


def run(rnn: LSTM, kernels: Kernels, x: Tensor, mask: Tensor | None = None) -> Output:
    """Return the output of an LSTM layer for the input x, computed by the compiled kernel.

    `mask` is False at steps to skip. If `rnn.return_state`, the result is a tuple (output, last
    output, last cell state).
    """
    for drop in rnn._dropout_masks(x[:, :1], rnn.dropout, 1):
        x = x * drop
    projected = functional.linear(_in_order(rnn, x).transpose(0, 1), *_projection(rnn))
    return _output(rnn, projected, None, mask, kernels)


def run_on_words(
    rnn: LSTM, kernels: Kernels, x: DeferredEmbedding, mask: Tensor | None = None
) -> Output:
    """Return an LSTM layer's output for `x`, which contains word ids and an embedding table.

    Why: the input weights are applied to each distinct word once, instead of at each time step.
    """
    x = x._replace(ids=_in_order(rnn, x.ids))
    projected, positions = x.project(*_projection(rnn), kernels.library)
    return _output(rnn, projected, positions, mask, kernels)


def _in_order(rnn: LSTM, x: Tensor) -> Tensor:
    """Return x (batch, steps, ...), with reversed time steps if the layer goes backwards."""
    return x.flip(1) if rnn.go_backwards else x


def _projection(rnn: LSTM) -> tuple[Tensor, Tensor | None]:
    bias = rnn.rnn.get_parameter("bias_ih_l0") if rnn.rnn.bias else None
    return rnn.rnn.get_parameter("weight_ih_l0"), bias


def _output(
    rnn: LSTM,
    projected: Tensor,
    positions: TokenPositions | None,
    mask: Tensor | None,
    kernels: Kernels,
) -> Output:
    mask = None if mask is None else _in_order(rnn, mask).t()
    weight = rnn.rnn.get_parameter("weight_hh_l0")
    if not torch.is_grad_enabled():  # without a backward pass no buffer returns to the pool
        kernels = Kernels(kernels.library, None)
    outputs, *last = apply_function(
        FusedLSTM, projected, positions, weight, mask, kernels, rnn.return_sequences
    )
    if rnn.return_sequences and mask is not None and rnn.zero_masked:
        outputs = torch.where(mask.unsqueeze(-1), outputs, 0)
    output = outputs.transpose(0, 1) if rnn.return_sequences else last[0]
    return (output, *last) if rnn.return_state else output
