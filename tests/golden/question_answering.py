"""QuestionAnswering: a network exported by Layerloom."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Noise(nn.Module):
    """Base of what draws: from torch's generator, or from a stream keyed by seed and draw number.

    Args:
        seed: of a stream of its own; None follows torch's generator.
    """

    draws: Tensor

    def __init__(self, seed: int | None = None) -> None:
        super().__init__()
        self.seed = seed
        if seed is not None:
            # A buffer, so that a checkpoint carries it and a resumed run draws what comes next.
            self.register_buffer("draws", torch.zeros((), dtype=torch.int64))

    def generator(self, device: torch.device) -> torch.Generator | None:
        """Return the generator of the next draw, None for torch's."""
        if self.seed is None:
            return None
        # Golden-ratio hashing: on a CPU only the lower 32 bits count, so both have to reach them.
        key = (self.seed * 0x9E3779B97F4A7C15 + int(self.draws)) % 2**63
        self.draws += 1
        return torch.Generator(device).manual_seed(key)


States = tuple[Tensor, ...]


def _picked(x: Tensor, steps: Tensor) -> Tensor:
    """Return for each row the steps of `x` that `steps` counts out."""
    return x.gather(1, steps.unsqueeze(-1).expand(-1, -1, x.shape[-1]))


def _project(x: Tensor, weight: Tensor, drops: Sequence[Tensor]) -> Tensor:
    """Return x times the transposed weight; each drop stands before an equal share of its rows."""
    if not drops:
        return functional.linear(x, weight)
    shares = zip(drops, weight.chunk(len(drops)), strict=True)
    return torch.cat([functional.linear(x * drop, share) for drop, share in shares], -1)


def _where(known: Tensor, x: Tensor) -> Tensor:
    """Return `x` where `known` holds, which has one axis less, and zero elsewhere."""
    return torch.where(known.unsqueeze(-1), x, torch.zeros_like(x))


class Recurrence(Noise):
    """What the three recurrences share: order, masks, dropout, and what they answer.

    A masked step keeps the states and repeats the output before it; before the first step that
    counts both are zero. Each row's steps that count are sorted to the front, run without gaps,
    and their outputs put back, which is exact and leaves the fused kernels usable.

    Shapes: x (batch, steps, features), mask (batch, steps) ->
        (batch, units), or (batch, steps, units) with `return_sequences`;
        with `return_state` a tuple of that and each state, (batch, units).
    Args:
        rnn: one layer of torch's, whose weights are used.
        fused: True if torch's kernel computes what the loop here would.
        dropout, recurrent_dropout: fractions dropped from the input, and from the output that is
            fed back; one draw serves all steps.
        seed: as for `Noise`.
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
        self.zero_masked = False  # Bidirectional sets it: masked steps then answer zero

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor | tuple[Tensor, ...]:
        """Run along the steps, from the last one where `go_backwards` says so."""
        if self.go_backwards:
            x, mask = x.flip(1), None if mask is None else mask.flip(1)
        outputs, states = self._run(x, None) if mask is None else self._skip(x, mask)
        answer = outputs if self.return_sequences else states[0]
        return (answer, *states) if self.return_state else answer

    def _skip(self, x: Tensor, mask: Tensor) -> tuple[Tensor, States]:
        seen = mask.cumsum(1)
        front = torch.argsort((~mask).to(torch.uint8), dim=1, stable=True)
        outputs, states = self._run(_picked(x, front), seen[:, -1])
        if self.return_sequences:
            told = mask if self.zero_masked else seen > 0
            outputs = _where(told, _picked(outputs, (seen - 1).clamp(min=0)))
        return outputs, tuple(_where(seen[:, -1] > 0, state) for state in states)

    def _run(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, States]:
        """Return outputs and last states; steps from `lengths` on are void."""
        if not self._kernel_fits(x, lengths):
            return self._loop(x, lengths)
        for drop in self._drops(x[:, :1], self.dropout, 1):
            x = x * drop
        return self._kernel(x, lengths)

    def _kernel_fits(self, x: Tensor, lengths: Tensor | None) -> bool:
        return self.fused and not (self.training and self.recurrent_dropout)

    def _kernel(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, States]:
        outputs, last = self.rnn(x)
        if lengths is None:
            return outputs, tuple(s[0] for s in (last if isinstance(last, tuple) else (last,)))
        return outputs, (_picked(outputs, (lengths - 1).clamp(min=0).unsqueeze(1))[:, 0],)

    def _loop(self, x: Tensor, lengths: Tensor | None) -> tuple[Tensor, States]:
        own = dict(self.rnn.named_parameters())
        count = self.gates if self.recurrent_dropout else 1
        fed = _project(x, own["weight_ih_l0"], self._drops(x[:, :1], self.dropout, count))
        if "bias_ih_l0" in own:
            fed = fed + own["bias_ih_l0"]
        states = self._zeros(x)
        drops = self._drops(states[0], self.recurrent_dropout, self.gates)
        outputs = []
        for step, row in enumerate(fed.unbind(1)):
            new = self._step(row, states, own, drops)
            if lengths is not None:
                runs = (lengths > step).unsqueeze(-1)
                new = tuple(torch.where(runs, n, s) for n, s in zip(new, states, strict=True))
            states = new
            outputs.append(states[0])
        return torch.stack(outputs, 1), states

    def _zeros(self, x: Tensor) -> States:
        return (x.new_zeros(len(x), self.rnn.hidden_size),)

    def _drops(self, like: Tensor, rate: float, count: int) -> list[Tensor]:
        """Return factors that stay the same for all steps, none where nothing is dropped."""
        if not (self.training and rate):
            return []
        keep = 1 - rate
        return [
            torch.empty_like(like).bernoulli_(keep, generator=self.generator(like.device)) / keep
            for _ in range(count)
        ]

    def _step(
        self, fed: Tensor, states: States, own: Mapping[str, Tensor], drops: list[Tensor]
    ) -> States:
        """Return the states after one more step.

        Args:
            fed: the projected input of this step, gates side by side.
            states: those before; the first one is the output.
            own: weights by torch's names.
            drops: factors on the output before it meets each gate's weights.
        """
        raise NotImplementedError


def _needs_float32(x: Tensor) -> bool:
    """Return whether an LSTM would ask the processor for products of short numbers it has not.

    Why: there torch's LSTM raises an error, where its other layers multiply in another way.
    """
    if x.device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
        return False
    asks = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return asks is not None and not asks()


def _without_second_bias(rnn: nn.RNNBase) -> None:
    """Turn `bias_hh_l0` into a zero that is neither trained, counted nor saved.

    Why: torch's kernels add two biases where Keras has one. A zero buffer keeps the fused kernels
        and `flatten_parameters` working; assigning it once more tells torch's own list of weights.
    """
    if rnn.bias:
        zero = torch.zeros_like(rnn.get_parameter("bias_hh_l0").detach())
        del rnn.bias_hh_l0
        rnn.register_buffer("bias_hh_l0", zero, persistent=False)
        rnn.bias_hh_l0 = zero


def _leaky_relu(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, 0.2)


def _linear(x: Tensor) -> Tensor:
    return x


def _log_softmax(x: Tensor) -> Tensor:
    return torch.log_softmax(x, -1)


def _softmax(x: Tensor) -> Tensor:
    return torch.softmax(x, -1)


def _sparse_plus(x: Tensor) -> Tensor:
    bend = torch.where(x < 1, (x + 1) ** 2 / 4, x)
    return torch.where(x <= -1, torch.zeros_like(x), bend)


def _sparse_sigmoid(x: Tensor) -> Tensor:
    return torch.clamp((x + 1) / 2, 0, 1)


def _squareplus(x: Tensor) -> Tensor:
    return (x + torch.sqrt(x * x + 4)) / 2


_OWN: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": _linear,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "exponential": torch.exp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "leaky_relu": _leaky_relu,
    "squareplus": _squareplus,
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": _sparse_sigmoid,
}


_TORCH_NAMES = {
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_tanh": "hardtanh",
    "hard_shrink": "hardshrink",
    "soft_shrink": "softshrink",
    "tanh_shrink": "tanhshrink",
    "log_sigmoid": "logsigmoid",
}


def curve(name: str) -> Callable[[Tensor], Tensor]:
    """Return the function that Keras calls `name`.

    Why: what stands after a layer is written by `engine.layers.activation.bend`; a recurrence
        needs its curves inside the loop, where only a module can be. A test holds the two equal.
    """
    return _OWN[name] if name in _OWN else getattr(functional, _TORCH_NAMES.get(name, name))


class LSTM(Recurrence):
    """Keras' LSTM: one bias, gates in the order input, forget, cell, output.

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
        self.bend = curve(activation)
        self.gate = curve(recurrent_activation)

    def _kernel_fits(self, x: Tensor, lengths: Tensor | None) -> bool:
        # Of the kernels only the packed one tells the cell state at the last step that counts.
        # On a CPU it takes three times as long as the loop.
        packs = lengths is not None and self.return_state
        return super()._kernel_fits(x, lengths) and (x.is_cuda or not packs)

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
        self, fed: Tensor, states: States, own: Mapping[str, Tensor], drops: list[Tensor]
    ) -> States:
        h, c = states
        i, f, g, o = (fed + _project(h, own["weight_hh_l0"], drops)).chunk(4, -1)
        c = self.gate(f) * c + self.gate(i) * self.bend(g)
        return self.gate(o) * self.bend(c), c


class QuestionAnswering(nn.Module):
    """Takes
        text: (batch, text) int32
        question: (batch, question) int32
    and returns a dict of
        answer: (batch, 500)
    """

    def __init__(self):
        super().__init__()
        self.text_words = nn.Embedding(10000, 64)
        self.question_words = nn.Embedding(10000, 32)
        self.story = LSTM(64, 32)
        self.asked = LSTM(32, 16)
        self.answer_head = nn.Linear(48, 500)

    def logits(self, text, question):
        """Return the inputs of the losses: logits where a loss applies softmax or sigmoid."""
        text_words = self.text_words(text)
        text_words_mask = text != 0
        question_words = self.question_words(question)
        question_words_mask = question != 0
        story = self.story(text_words, text_words_mask)
        asked = self.asked(question_words, question_words_mask)
        both = torch.cat([story, asked], -1)
        answer_head = self.answer_head(both)
        return {"answer": answer_head}

    def forward(self, text, question):
        raw = self.logits(text, question)
        return {"answer": torch.softmax(raw["answer"], -1)}
