"""Layers that read a sequence step by step and remember: LSTM, GRU, SimpleRNN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, PositiveInt

from engine.core.diagnostic import require
from engine.core.registry import Registry
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.activation import ActivationField
from engine.layers.base import (
    Cost,
    Layer,
    Layout,
    Module,
    Nn,
    Specs,
    Tensor,
    Torch,
    Weight,
    Weights,
)
from engine.layers.initializer import Draw, Initializer, InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.insert_fixes import a_sequence
from engine.layers.support.requirements import require_measurements

# What all three declare alike, each in its own place in Keras' order.
Fraction = Annotated[float, Field(ge=0, lt=1)]
KernelStart = Annotated[InitializerField, Field(description="How the weights on the input start.")]
RecurrentStart = Annotated[
    InitializerField, Field(description="How the weights on the fed-back output start.")
]
BiasStart = Annotated[InitializerField, Field(description="How the offsets start.")]
KernelPenalty = Annotated[
    RegularizerField, Field(description="Penalty on the weights on the input.")
]
RecurrentPenalty = Annotated[
    RegularizerField, Field(description="Penalty on the weights on the fed-back output.")
]
BiasPenalty = Annotated[RegularizerField, Field(description="Penalty on the offsets.")]
OutputPenalty = Annotated[RegularizerField, Field(description="Penalty on the outputs.")]
InputDropout = Annotated[Fraction, Field(description="Fraction of the input dropped in training.")]
RecurrentDropout = Annotated[
    Fraction, Field(description="Fraction of the fed-back output dropped in training; slower.")
]
Seed = Annotated[
    int | None, Field(description="A seed of its own for what is dropped; null follows the run's.")
]
UseBias = Annotated[bool, Field(description="Add learned offsets.")]
ReturnSequences = Annotated[
    bool, Field(description="Answer the outputs of all steps, not only of the last one.")
]
ReturnState = Annotated[
    bool, Field(description="Answer what is remembered after the last step, too.")
]
GoBackwards = Annotated[
    bool, Field(description="Read from the last step on; sequences come out in the order read.")
]


class Recurrence(Layer):
    """Base of the layers that carry states from step to step.

    gates: equal blocks of columns in the kernels.
    order: Keras' place of each block of torch's, () where both agree.
    states: names of what is carried, the one that is also the output first.
    options: fields that the module takes beside its two sizes.
    """

    mask_rule = "use"

    gates: ClassVar[int]
    order: ClassVar[tuple[int, ...]] = ()
    states: ClassVar[tuple[str, ...]] = ("state_h",)
    options: ClassVar[tuple[str, ...]] = (
        "activation", "recurrent_activation", "use_bias", "dropout", "recurrent_dropout", "seed",
        "return_sequences", "return_state", "go_backwards", "reset_after",
    )  # fmt: skip

    if TYPE_CHECKING:  # each kind declares its fields whole, in Keras' order
        units: PositiveInt
        use_bias: bool
        kernel_initializer: Initializer
        recurrent_initializer: Initializer
        bias_initializer: Initializer
        kernel_regularizer: Any
        recurrent_regularizer: Any
        bias_regularizer: Any
        return_sequences: bool
        return_state: bool
        go_backwards: bool

    def curve(self) -> str:
        """Return "linear": the `activation` of a recurrence acts inside it."""
        return "linear"

    def infer(self, x: TensorSpec) -> Specs:
        require(
            x.rank == 2,
            "wrong-rank",
            "needs a sequence of steps, each of them a vector",
            a_sequence(x),
            port="x",
            found=x,
            expected="(batch, steps, features)",
        )
        require(
            not isinstance(x.shape[-1], DynamicLength),
            "free-axis",
            "needs to know how many features each step has",
            "Give the last axis of the Input a fixed size.",
            port="x",
            found=x,
            expected="a fixed number of features",
        )
        require_measurements(x)
        output = TensorSpec((x.shape[0], self.units) if self.return_sequences else (self.units,))
        if not self.return_state:
            return output
        return {"output": output} | dict.fromkeys(self.states, TensorSpec((self.units,)))

    def weights(self, x: TensorSpec) -> Weights:
        features, columns = x.shape[-1], self.gates * self.units
        assert isinstance(features, int)
        kernel = Weight(
            "kernel",
            (features, columns),
            self.kernel_initializer,
            (Layout("rnn.weight_ih_l0", (1, 0), self.order),),
            regularizer=self.kernel_regularizer,
        )
        recurrent = Weight(
            "recurrent_kernel",
            (self.units, columns),
            self.recurrent_initializer,
            (Layout("rnn.weight_hh_l0", (1, 0), self.order),),
            regularizer=self.recurrent_regularizer,
        )
        return (kernel, recurrent, self.bias(columns)) if self.use_bias else (kernel, recurrent)

    def bias(self, columns: int) -> Weight:
        """Return the offsets; torch's second ones are a zero that nobody trains."""
        return Weight(
            "bias",
            (columns,),
            self.bias_initializer,
            (Layout("rnn.bias_ih_l0", blocks=self.order),),
            regularizer=self.bias_regularizer,
        )

    def masks(self, x: TensorSpec) -> bool:
        return self.return_sequences and x.mask

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        fields = type(self).model_fields
        chosen = {name: getattr(self, name) for name in self.options if name in fields}
        options = {name: value for name, value in chosen.items() if value != fields[name].default}
        return getattr(nn, self.kind())(x.shape[-1], self.units, **options)

    def call(
        self, torch: Torch, rnn: Module, x: Tensor, mask: Tensor | None = None
    ) -> Tensor | Mapping[str, Tensor]:
        answer = rnn(x) if mask is None else rnn(x, mask)
        if not self.return_state:
            return answer
        return {name: answer[place] for place, name in enumerate(("output", *self.states))}

    def cost(self, x: TensorSpec) -> Cost:
        steps = x.shape[0] if isinstance(x.shape[0], int) else 1
        kernels = sum(weight.size for weight in self.weights(x)[:2])
        return Cost(kernels * steps, steps * self.units * (self.gates + len(self.states)))


RECURRENCES: Registry[Recurrence] = Registry("recurrent layer", spell=lambda name: name)


class _ForgetBias(Initializer):
    """An LSTM's offsets: ones at the forget gate, so that it remembers at first.

    Source: Jozefowicz, Zaremba and Sutskever 2015, proceedings.mlr.press/v37/jozefowicz15.
    """

    others: Initializer = Field(description="How the other three gates start.")

    @property
    def named(self) -> Initializer:
        """That of the other gates."""
        return self.others

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        units = shape[0] // 4
        ones = Draw("constant", (units,), 1.0)
        return (*self.others.draws((units,)), ones, *self.others.draws((2 * units,)))


@RECURRENCES.register()
class LSTM(Recurrence):
    """Reads a sequence and keeps what matters over long stretches, in a state behind gates.

    Shapes: x (steps, features) -> (units), or (steps, units) with return_sequences;
        with return_state also state_h (units) and state_c (units).
    Source: keras.layers.LSTM; built on torch.nn.LSTM.
    """

    family = "recurrent"
    words = ("rnn", "memory", "sequence", "long short-term memory", "time series")
    starts = {"units": 32}
    gates = 4
    states = ("state_h", "state_c")

    units: PositiveInt = Field(description="Number of outputs, and size of each state.")
    activation: ActivationField = Field(
        "tanh", description="Curve on what enters the cell and on what leaves it."
    )
    recurrent_activation: ActivationField = Field("sigmoid", description="Curve of the gates.")
    use_bias: UseBias = Field(True)
    kernel_initializer: KernelStart = Field("glorot_uniform")
    recurrent_initializer: RecurrentStart = Field("orthogonal")
    bias_initializer: BiasStart = Field("zeros")
    unit_forget_bias: bool = Field(
        True, description="Start the forget gate's offsets at 1, so that it remembers at first."
    )
    kernel_regularizer: KernelPenalty = Field(None)
    recurrent_regularizer: RecurrentPenalty = Field(None)
    bias_regularizer: BiasPenalty = Field(None)
    activity_regularizer: OutputPenalty = Field(None)
    dropout: InputDropout = Field(0.0)
    recurrent_dropout: RecurrentDropout = Field(0.0)
    seed: Seed = Field(None)
    return_sequences: ReturnSequences = Field(False)
    return_state: ReturnState = Field(False)
    go_backwards: GoBackwards = Field(False)

    def bias(self, columns: int) -> Weight:
        bias = super().bias(columns)
        if not self.unit_forget_bias:
            return bias
        return replace(bias, initializer=_ForgetBias(others=self.bias_initializer))


@RECURRENCES.register()
class GRU(Recurrence):
    """Reads a sequence and remembers, with fewer gates and weights than an LSTM.

    Shapes: x (steps, features) -> (units), or (steps, units) with return_sequences;
        with return_state also state_h (units).
    Source: keras.layers.GRU; built on torch.nn.GRU, whose gates stand in another order.
    """

    family = "recurrent"
    words = ("rnn", "memory", "sequence", "gated recurrent unit", "time series")
    starts = {"units": 32}
    gates = 3
    order = (1, 0, 2)

    units: PositiveInt = Field(description="Number of outputs, and size of the state.")
    activation: ActivationField = Field("tanh", description="Curve on the new values.")
    recurrent_activation: ActivationField = Field("sigmoid", description="Curve of the gates.")
    use_bias: UseBias = Field(True)
    kernel_initializer: KernelStart = Field("glorot_uniform")
    recurrent_initializer: RecurrentStart = Field("orthogonal")
    bias_initializer: BiasStart = Field("zeros")
    kernel_regularizer: KernelPenalty = Field(None)
    recurrent_regularizer: RecurrentPenalty = Field(None)
    bias_regularizer: BiasPenalty = Field(None)
    activity_regularizer: OutputPenalty = Field(None)
    dropout: InputDropout = Field(0.0)
    recurrent_dropout: RecurrentDropout = Field(0.0)
    seed: Seed = Field(None)
    return_sequences: ReturnSequences = Field(False)
    return_state: ReturnState = Field(False)
    go_backwards: GoBackwards = Field(False)
    reset_after: bool = Field(
        True, description="Reset after the product with the weights (fast), not before it."
    )

    def bias(self, columns: int) -> Weight:
        bias = super().bias(columns)
        if not self.reset_after:
            return bias
        rows = tuple(
            Layout(param, blocks=self.order, row=row)
            for row, param in enumerate(("rnn.bias_ih_l0", "rnn.bias_hh_l0"))
        )
        return replace(bias, shape=(2, columns), layouts=rows)


@RECURRENCES.register()
class SimpleRNN(Recurrence):
    """Reads a sequence with the plainest memory: each output is fed back into the next step.

    Shapes: x (steps, features) -> (units), or (steps, units) with return_sequences;
        with return_state also state_h (units).
    Source: keras.layers.SimpleRNN; built on torch.nn.RNN.
    """

    family = "recurrent"
    words = ("rnn", "memory", "sequence", "elman")
    starts = {"units": 32}
    gates = 1

    units: PositiveInt = Field(description="Number of outputs, and size of the state.")
    activation: ActivationField = Field("tanh", description="Curve on every output.")
    use_bias: UseBias = Field(True)
    kernel_initializer: KernelStart = Field("glorot_uniform")
    recurrent_initializer: RecurrentStart = Field("orthogonal")
    bias_initializer: BiasStart = Field("zeros")
    kernel_regularizer: KernelPenalty = Field(None)
    recurrent_regularizer: RecurrentPenalty = Field(None)
    bias_regularizer: BiasPenalty = Field(None)
    activity_regularizer: OutputPenalty = Field(None)
    dropout: InputDropout = Field(0.0)
    recurrent_dropout: RecurrentDropout = Field(0.0)
    return_sequences: ReturnSequences = Field(False)
    return_state: ReturnState = Field(False)
    go_backwards: GoBackwards = Field(False)
    seed: Seed = Field(None)
