"""Keras' recurrent layers, which use torch's fused kernels if these support the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from engine.runtime.nn_extras.activations import activation_function
from engine.runtime.nn_extras.noise import Noise

States = tuple[Tensor, ...]


def _without_second_bias(rnn: nn.RNNBase) -> None:
    """Replace the parameter `bias_hh_l0` by zeros that are neither trained, counted nor saved.

    Why: torch's kernels add two biases, but Keras has one. With a zero buffer, the fused kernels
        and `flatten_parameters` still work. Assigning the buffer updates torch's internal list of
        weights.
    """
    if rnn.bias:
        zero = torch.zeros_like(rnn.get_parameter("bias_hh_l0").detach())
        del rnn.bias_hh_l0
        rnn.register_buffer("bias_hh_l0", zero, persistent=False)
        rnn.bias_hh_l0 = zero


def _project(x: Tensor, weight: Tensor, drops: Sequence[Tensor]) -> Tensor:
    """Return `x @ weight.T`. With dropout masks, part i of the result uses `x * drops[i]`."""
    if not drops:
        return functional.linear(x, weight)
    parts = zip(drops, weight.chunk(len(drops)), strict=True)
    return torch.cat([functional.linear(x * drop, part) for drop, part in parts], -1)


def _pick_steps(x: Tensor, steps: Tensor) -> Tensor:
    """Return time steps of `x` (batch, steps, features): for row i those with indices steps[i]."""
    return x.gather(1, steps.unsqueeze(-1).expand(-1, -1, x.shape[-1]))


def _needs_float32(x: Tensor) -> bool:
    """Return whether `x` needs float32: autocast is on, and the CPU has no bfloat16 instructions.

    Why: in this case torch's LSTM raises an error; other layers have a slower implementation.
    """
    if x.device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
        return False
    is_supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return is_supported is not None and not is_supported()


def _where(known: Tensor, x: Tensor) -> Tensor:
    """Return `x` (batch, ..., features) where `known` (batch, ...) is True, and 0 elsewhere."""
    return torch.where(known.unsqueeze(-1), x, torch.zeros_like(x))


class Recurrence(Noise):
    """Base class of the recurrent layers: order of time steps, masks, dropout and outputs.

    A masked step keeps the states and repeats the previous output. Before the first unmasked step,
    states and output are zero. Three steps compute this exactly, if possible with a fused kernel:

    1. In each row, move the unmasked steps to the front, without changing their order.
    2. Run all rows, and ignore the results after the last unmasked step of a row.
    3. Move the outputs back: step t gets the output of the last unmasked step up to t.

    Shapes: x (batch, steps, features), mask (batch, steps) ->
        (batch, units), or (batch, steps, units) with `return_sequences`;
        with `return_state` a tuple of this output and each state (batch, units).
    Args:
        rnn: torch layer, whose weights are used.
        fused: whether torch's kernel supports the activations; otherwise steps run in a loop.
        dropout, recurrent_dropout: fractions of the input and of the recurrent state to drop; the
            dropout mask is the same for all steps.
        seed: seed of a separate random stream for dropout, see `Noise`.
        return_sequences, return_state, go_backwards: as in Keras.
    """

    gates: int

    def __init__(
        self,
        rnn: nn.RNNBase,
        fused: bool,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
    ) -> None:
        super().__init__(seed)
        self.rnn = rnn
        self.fused = fused
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.zero_masked = False  # whether masked steps return 0, as in Bidirectional

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor | tuple[Tensor, ...]:
        """Return the output; with `return_state`, a tuple of the output and the final states."""
        if self.go_backwards:
            x, mask = x.flip(1), None if mask is None else mask.flip(1)
        outputs, states = self._run(x, None) if mask is None else self._skip(x, mask)
        output = outputs if self.return_sequences else states[0]
        return (output, *states) if self.return_state else output

    def _skip(self, x: Tensor, mask: Tensor) -> tuple[Tensor, States]:
        unmasked_count = mask.cumsum(1)
        order = torch.argsort((~mask).to(torch.uint8), dim=1, stable=True)
        outputs, states = self._run(_pick_steps(x, order), unmasked_count[:, -1])
        if self.return_sequences:
            has_output = mask if self.zero_masked else unmasked_count > 0
            outputs = _where(has_output, _pick_steps(outputs, (unmasked_count - 1).clamp(min=0)))
        return outputs, tuple(_where(unmasked_count[:, -1] > 0, state) for state in states)

    def _run(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, States]:
        """Return outputs and final states; in each row, only the first `lengths` steps count."""
        if not self._supports_kernel(x, lengths):
            return self._loop(x, lengths)
        for drop in self._dropout_masks(x[:, :1], self.dropout, 1):
            x = x * drop
        return self._kernel(x, lengths)

    def _supports_kernel(self, x: Tensor, lengths: Tensor | None) -> bool:
        return self.fused and not (self.training and self.recurrent_dropout)

    def _kernel(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, States]:
        outputs, last = self.rnn(x)
        if lengths is None:
            return outputs, tuple(s[0] for s in (last if isinstance(last, tuple) else (last,)))
        return outputs, (_pick_steps(outputs, (lengths - 1).clamp(min=0).unsqueeze(1))[:, 0],)

    def _loop(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, States]:
        weights = dict(self.rnn.named_parameters())
        count = self.gates if self.recurrent_dropout else 1
        projected = _project(
            x, weights["weight_ih_l0"], self._dropout_masks(x[:, :1], self.dropout, count)
        )
        if "bias_ih_l0" in weights:
            projected = projected + weights["bias_ih_l0"]
        states = self._zeros(x)
        drops = self._dropout_masks(states[0], self.recurrent_dropout, self.gates)
        outputs = []
        for step, row in enumerate(projected.unbind(1)):
            new = self._step(row, states, weights, drops)
            if lengths is not None:
                is_running = (lengths > step).unsqueeze(-1)
                new = tuple(torch.where(is_running, n, s) for n, s in zip(new, states, strict=True))
            states = new
            outputs.append(states[0])
        return torch.stack(outputs, 1), states

    def _zeros(self, x: Tensor) -> States:
        return (x.new_zeros(len(x), self.rnn.hidden_size),)

    def _dropout_masks(self, like: Tensor, rate: float, count: int) -> list[Tensor]:
        """Return `count` scaled dropout masks with the shape of `like`; [] without dropout."""
        if not (self.training and rate):
            return []
        keep = 1 - rate
        return [self.sample(like, like.shape, Tensor.bernoulli_, keep) / keep for _ in range(count)]

    def _step(
        self, projected: Tensor, states: States, weights: Mapping[str, Tensor], drops: list[Tensor]
    ) -> States:
        """Return the states after one time step.

        Args:
            projected: projected input of this step for all gates, concatenated.
            states: previous states; the first state is the output.
            weights: weights of this layer by their names in torch.
            drops: dropout masks of the recurrent state, one per gate.
        """
        raise NotImplementedError


class LSTM(Recurrence):
    """Keras' LSTM, which has one bias; the gates are in the order input, forget, cell, output.

    Source: keras.layers.LSTM; Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735.
    """

    gates = 4

    def __init__(
        self,
        features: int,
        units: int,
        activation: str = "tanh",
        recurrent_activation: str = "sigmoid",
        use_bias: bool = True,
        **options: Any,
    ) -> None:
        rnn = nn.LSTM(features, units, bias=use_bias, batch_first=True)
        fused = (activation, recurrent_activation) == ("tanh", "sigmoid")
        super().__init__(rnn, fused, **options)
        _without_second_bias(rnn)
        self.activation = activation_function(activation)
        self.gate = activation_function(recurrent_activation)

    def _supports_kernel(self, x: Tensor, lengths: Tensor | None) -> bool:
        # With a mask, only the kernel for packed sequences returns the cell state of the last
        # unmasked step. On a CPU, this kernel takes three times as long as the loop.
        needs_packing = lengths is not None and self.return_state
        return super()._supports_kernel(x, lengths) and (x.is_cuda or not needs_packing)

    def _kernel(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, States]:
        if _needs_float32(x):
            with torch.autocast("cpu", enabled=False):
                return self._kernel(x.float(), lengths)
        if lengths is None or not self.return_state:
            return super()._kernel(x, lengths)
        sizes = lengths.clamp(min=1).cpu()
        packed = pack_padded_sequence(x, sizes, batch_first=True, enforce_sorted=False)
        outputs, (h, c) = self.rnn(packed)
        return pad_packed_sequence(outputs, True, total_length=x.shape[1])[0], (h[0], c[0])

    def _zeros(self, x: Tensor) -> States:
        return super()._zeros(x) * 2

    def _step(
        self, projected: Tensor, states: States, weights: Mapping[str, Tensor], drops: list[Tensor]
    ) -> States:
        h, c = states
        i, f, g, o = (projected + _project(h, weights["weight_hh_l0"], drops)).chunk(4, -1)
        c = self.gate(f) * c + self.gate(i) * self.activation(g)
        return self.gate(o) * self.activation(c), c


class GRU(Recurrence):
    """Keras' GRU, which has two biases with `reset_after`, otherwise one.

    With `reset_after`, the reset gate multiplies the projected state, otherwise the state before
    the projection. The gates are in torch's order: reset, update, new.

    Source: keras.layers.GRU; Cho et al. 2014, arXiv:1406.1078.
    """

    gates = 3

    def __init__(
        self,
        features: int,
        units: int,
        activation: str = "tanh",
        recurrent_activation: str = "sigmoid",
        use_bias: bool = True,
        reset_after: bool = True,
        **options: Any,
    ) -> None:
        rnn = nn.GRU(features, units, bias=use_bias, batch_first=True)
        fused = reset_after and (activation, recurrent_activation) == ("tanh", "sigmoid")
        super().__init__(rnn, fused, **options)
        if not reset_after:
            _without_second_bias(rnn)
        self.reset_after = reset_after
        self.activation = activation_function(activation)
        self.gate = activation_function(recurrent_activation)

    def _step(
        self, projected: Tensor, states: States, weights: Mapping[str, Tensor], drops: list[Tensor]
    ) -> States:
        (h,) = states
        step = self._reset_after if self.reset_after else self._reset_before
        z, new = step(projected, h, weights, drops)
        return (z * h + (1 - z) * new,)

    def _reset_after(
        self, projected: Tensor, h: Tensor, weights: Mapping[str, Tensor], drops: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        recurrent = _project(h, weights["weight_hh_l0"], drops)
        if "bias_hh_l0" in weights:
            recurrent = recurrent + weights["bias_hh_l0"]
        (r, z, n), (r_recurrent, z_recurrent, n_recurrent) = (
            projected.chunk(3, -1),
            recurrent.chunk(3, -1),
        )
        return self.gate(z + z_recurrent), self.activation(
            n + self.gate(r + r_recurrent) * n_recurrent
        )

    def _reset_before(
        self, projected: Tensor, h: Tensor, weights: Mapping[str, Tensor], drops: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        weight, units = weights["weight_hh_l0"], h.shape[-1]
        r, z, n = projected.chunk(3, -1)
        r_recurrent, z_recurrent = _project(h, weight[: 2 * units], drops[:2]).chunk(2, -1)
        reset = self.gate(r + r_recurrent) * h
        return self.gate(z + z_recurrent), self.activation(
            n + _project(reset, weight[2 * units :], drops[2:])
        )


class SimpleRNN(Recurrence):
    """Keras' SimpleRNN, whose output is the recurrent state.

    Source: keras.layers.SimpleRNN; Elman 1990, doi:10.1207/s15516709cog1402_1.
    """

    gates = 1

    def __init__(
        self,
        features: int,
        units: int,
        activation: str = "tanh",
        use_bias: bool = True,
        **options: Any,
    ) -> None:
        fused = activation in ("tanh", "relu")
        known = activation if fused else "tanh"
        rnn = nn.RNN(features, units, nonlinearity=known, bias=use_bias, batch_first=True)
        super().__init__(rnn, fused, **options)
        _without_second_bias(rnn)
        self.activation = activation_function(activation)

    def _step(
        self, projected: Tensor, states: States, weights: Mapping[str, Tensor], drops: list[Tensor]
    ) -> States:
        return (self.activation(projected + _project(states[0], weights["weight_hh_l0"], drops)),)
