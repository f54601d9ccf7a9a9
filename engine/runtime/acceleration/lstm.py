"""LSTM with fused gates: a compiled kernel computes all time steps for a few rows at a time.

With projected input p_t = W x_t + b and recurrent weights U, a step is

    i, f, g, o = p_t + U h_{t-1}                        (one matrix product, four gates)
    c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(g)
    h_t = sigmoid(o) tanh(c_t)

Forward pass: each time step computes the gates, applies their activations in registers, and saves
the gates and the cell state. Backward pass, from the last time step to the first: the output is
recomputed from gates and cell state, and the gradients of output and cell state are passed on to
the previous time step. At the end, one matrix product over all time steps yields the gradient of U.

Why: torch's LSTM reads and writes all gates several times per time step. Here, the gates stay in
    registers from the product to the activation, and masked steps are skipped instead of sorted to
    the end. Time is the first axis, so the rows of a time step are contiguous.
Source: the formulas of keras.layers.LSTM; fusion of pointwise operations: Appleyard, Kocisky and
    Blunsom 2016, arXiv:1604.01946.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from engine.runtime.acceleration.embedding import Words
from engine.runtime.acceleration.operators import VECTOR_SIZE
from engine.runtime.nn_extras.recurrent import LSTM

Output = Tensor | tuple[Tensor, ...]


def supports(rnn: LSTM, x: Tensor | Words) -> bool:
    """Return whether the compiled LSTM kernel can compute the layer `rnn` for the input `x`.

    Words do not support dropout: the input weights are applied once per distinct word.
    """
    is_words = isinstance(x, Words)
    values, shape = (x.table, x.ids.shape) if isinstance(x, Words) else (x, x.shape[:-1])
    dropout = rnn.recurrent_dropout or (rnn.dropout if is_words else 0)
    return (
        rnn.fused
        and not (rnn.training and dropout)
        and rnn.rnn.hidden_size % VECTOR_SIZE == 0
        and not torch.is_autocast_enabled("cpu")
        and values.dtype == torch.float32
        and values.device.type == "cpu"
        and len(shape) == 2
        and all(shape)
    )


def run(rnn: LSTM, x: Tensor | Words, mask: Tensor | None = None) -> Output:
    """Return the output of an LSTM layer for the input `x`, computed by the compiled kernel.

    Args:
        x: (batch, steps, features), or words, whose distinct rows are projected only once.
        mask: (batch, steps), False at steps to skip.

    Returns:
        The output; if `rnn.return_state`, a tuple (output, last output, last cell state).
    """
    bias = rnn.rnn.get_parameter("bias_ih_l0") if rnn.rnn.bias else None
    positions: tuple[Tensor | None, ...] = (None, None, None)
    if isinstance(x, Words):
        rows, positions = x._replace(ids=_in_order(rnn, x.ids).t()).distinct_rows()
    else:
        for drop in rnn._dropout_masks(x[:, :1], rnn.dropout, 1):
            x = x * drop
        rows = _in_order(rnn, x).transpose(0, 1)
    projected = functional.linear(rows, rnn.rnn.get_parameter("weight_ih_l0"), bias)
    mask = None if mask is None else _in_order(rnn, mask).t()
    outputs, cell, *_ = torch.ops.layerloom.lstm(
        projected, *positions, rnn.rnn.get_parameter("weight_hh_l0"), mask, rnn.return_sequences
    )
    last = outputs[-1]
    if rnn.return_sequences and mask is not None and rnn.zero_masked:
        outputs = torch.where(mask.unsqueeze(-1), outputs, 0)
    output = outputs.transpose(0, 1) if rnn.return_sequences else last
    return (output, last, cell) if rnn.return_state else output


def _in_order(rnn: LSTM, x: Tensor) -> Tensor:
    """Return x (batch, steps, ...), with reversed time steps if the layer goes backwards."""
    return x.flip(1) if rnn.go_backwards else x
