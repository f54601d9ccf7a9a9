"""Recurrent layers: LSTM, GRU, SimpleRNN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt

from engine.core.registry import Registry
from engine.core.tensor_spec import TensorSpec
from engine.layers.activation import ActivationField
from engine.layers.base import Cost, Layer, Layout, Module, Nn, Tensor, Torch, Weight, Weights
from engine.layers.initializer import Draw, Initializer, InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.requirements import require_vectors

Fraction = Annotated[float, Field(ge=0, lt=1)]


class RecurrentLayer(Layer):
    """Base class of the recurrent layers.

    gate_count: number of equal blocks of columns in the kernels.
    gate_order: for each block in torch, this block's index in Keras; () if the order is the same.
    state_names: names of the states; the first one is also the output.
    module_fields: fields that are passed to the torch module after its input size and `units`.
    """

    mask_rule = "use"

    gate_count: ClassVar[int]
    gate_order: ClassVar[tuple[int, ...]] = ()
    state_names: ClassVar[tuple[str, ...]] = ("state_h",)
    module_fields: ClassVar[tuple[str, ...]] = (
        "activation", "recurrent_activation", "use_bias", "dropout", "recurrent_dropout", "seed",
        "return_sequences", "return_state", "go_backwards", "reset_after",
    )  # fmt: skip

    units: PositiveInt = Field(description="Number of outputs and size of the state.")
    activation: ActivationField = Field("tanh", description="Activation function.")
    use_bias: bool = Field(True, description="Add a learned bias.")
    kernel_initializer: InitializerField = Field(
        "glorot_uniform", description="Initializer of the input weights."
    )
    recurrent_initializer: InitializerField = Field(
        "orthogonal", description="Initializer of the recurrent weights."
    )
    bias_initializer: InitializerField = Field("zeros", description="Initializer of the bias.")
    kernel_regularizer: RegularizerField = Field(
        None, description="Regularizer of the input weights."
    )
    recurrent_regularizer: RegularizerField = Field(
        None, description="Regularizer of the recurrent weights."
    )
    bias_regularizer: RegularizerField = Field(None, description="Regularizer of the bias.")
    activity_regularizer: RegularizerField = Field(None, description="Regularizer of the outputs.")
    dropout: Fraction = Field(0.0, description="Fraction of the inputs dropped in training.")
    recurrent_dropout: Fraction = Field(
        0.0, description="Fraction of the recurrent state dropped in training; slower."
    )
    return_sequences: bool = Field(
        False, description="Return the outputs of all steps, not only of the last one."
    )
    return_state: bool = Field(False, description="Also return the state after the last step.")
    go_backwards: bool = Field(
        False, description="Process the sequence backwards; output sequences are reversed."
    )
    seed: int | None = Field(
        None, description="Random seed of the dropout; null uses the seed of the run."
    )

    def output_activation(self) -> str:
        """Return "linear": the `activation` of a recurrent layer is applied inside it."""
        return "linear"

    def infer(self, x: TensorSpec) -> TensorSpec | Mapping[str, TensorSpec]:
        require_vectors(x)
        output = TensorSpec((x.shape[0], self.units) if self.return_sequences else (self.units,))
        if not self.return_state:
            return output
        return {"output": output} | dict.fromkeys(self.state_names, TensorSpec((self.units,)))

    def weights(self, x: TensorSpec) -> Weights:
        features, columns = x.shape[-1], self.gate_count * self.units
        assert isinstance(features, int)
        layout = Layout("rnn.weight_ih_l0", (1, 0), self.gate_order)
        kernel = self.make_weight("kernel", (features, columns), layout)
        layout = Layout("rnn.weight_hh_l0", (1, 0), self.gate_order)
        shape = (self.units, columns)
        recurrent = self.make_weight("recurrent_kernel", shape, layout, field="recurrent")
        bias = (self.bias_weight(columns),) if self.use_bias else ()
        return (kernel, recurrent, *bias)

    def bias_weight(self, columns: int) -> Weight:
        """Return the bias, of `columns` values. Torch's second bias is zero and not trained."""
        layout = Layout("rnn.bias_ih_l0", blocks=self.gate_order)
        return self.make_weight("bias", (columns,), layout)

    def produces_mask(self, x: TensorSpec) -> bool:
        return self.return_sequences and x.mask

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        changed = [name for name in self.non_default_fields() if name in self.module_fields]
        options = {name: getattr(self, name) for name in changed}
        return getattr(nn, self.kind())(x.shape[-1], self.units, **options)

    def call(
        self, torch: Torch, rnn: Module, x: Tensor, mask: Tensor | None = None
    ) -> Tensor | Mapping[str, Tensor]:
        output = rnn(x) if mask is None else rnn(x, mask)
        if not self.return_state:
            return output
        return {name: output[index] for index, name in enumerate(("output", *self.state_names))}

    def cost(self, x: TensorSpec) -> Cost:
        steps = x.shape[0] if isinstance(x.shape[0], int) else 1
        kernels = sum(weight.size for weight in self.weights(x)[:2])
        return Cost(kernels * steps, steps * self.units * (self.gate_count + len(self.state_names)))


RECURRENT_LAYERS: Registry[RecurrentLayer] = Registry("recurrent layer", spell=lambda name: name)


class _ForgetBias(Initializer):
    """Initializer of an LSTM's bias: ones for the forget gate, so that the cell keeps its state.

    Source: Jozefowicz, Zaremba and Sutskever 2015, proceedings.mlr.press/v37/jozefowicz15.
    """

    others: Initializer = Field(description="Initializer of the other three gates.")

    @property
    def unwrapped(self) -> Initializer:
        """The initializer that the user chose, which all gates but the forget gate use."""
        return self.others

    def draws(self, shape: tuple[int, ...]) -> tuple[Draw, ...]:
        units = shape[0] // 4
        ones = Draw("constant", (units,), 1.0)
        return (*self.others.draws((units,)), ones, *self.others.draws((2 * units,)))


class _GatedLayer(RecurrentLayer):
    """Base class of LSTM and GRU."""

    last_fields = (
        "use_bias", "kernel_initializer", "recurrent_initializer", "bias_initializer",
        "unit_forget_bias", "kernel_regularizer", "recurrent_regularizer", "bias_regularizer",
        "activity_regularizer", "dropout", "recurrent_dropout", "seed", "return_sequences",
        "return_state", "go_backwards", "reset_after",
    )  # fmt: skip

    recurrent_activation: ActivationField = Field("sigmoid", description="Activation of the gates.")


@RECURRENT_LAYERS.register()
class LSTM(_GatedLayer):
    """Long short-term memory: a recurrent layer with gates and a cell state.

    Shapes: x (steps, features) -> (units), or (steps, units) with return_sequences;
        with return_state also state_h (units) and state_c (units).
    Source: keras.layers.LSTM; built on torch.nn.LSTM.
    """

    family = "recurrent"
    words = ("rnn", "memory", "sequence", "long short-term memory", "time series")
    initial_params = {"units": 32}
    gate_count = 4
    state_names = ("state_h", "state_c")

    units: PositiveInt = Field(description="Number of outputs and size of each state.")
    activation: ActivationField = Field(
        "tanh", description="Activation of the cell input and output."
    )
    unit_forget_bias: bool = Field(
        True, description="Initialize the bias of the forget gate with 1."
    )

    def bias_weight(self, columns: int) -> Weight:
        bias = super().bias_weight(columns)
        if not self.unit_forget_bias:
            return bias
        return replace(bias, initializer=_ForgetBias(others=self.bias_initializer))


@RECURRENT_LAYERS.register()
class GRU(_GatedLayer):
    """Gated recurrent unit: a recurrent layer with fewer gates and weights than an LSTM.

    Shapes: x (steps, features) -> (units), or (steps, units) with return_sequences;
        with return_state also state_h (units).
    Source: keras.layers.GRU; built on torch.nn.GRU, whose gates are in another order.
    """

    family = "recurrent"
    words = ("rnn", "memory", "sequence", "gated recurrent unit", "time series")
    initial_params = {"units": 32}
    gate_count = 3
    gate_order = (1, 0, 2)

    activation: ActivationField = Field("tanh", description="Activation of the candidate state.")
    reset_after: bool = Field(
        True, description="Apply the reset gate after the matrix product (fast), not before it."
    )

    def bias_weight(self, columns: int) -> Weight:
        bias = super().bias_weight(columns)
        if not self.reset_after:
            return bias
        rows = tuple(
            Layout(param, blocks=self.gate_order, row=row)
            for row, param in enumerate(("rnn.bias_ih_l0", "rnn.bias_hh_l0"))
        )
        return replace(bias, shape=(2, columns), layouts=rows)


@RECURRENT_LAYERS.register()
class SimpleRNN(RecurrentLayer):
    """Fully connected recurrent layer: each output is fed back at the next step.

    Shapes: x (steps, features) -> (units), or (steps, units) with return_sequences;
        with return_state also state_h (units).
    Source: keras.layers.SimpleRNN; built on torch.nn.RNN.
    """

    family = "recurrent"
    words = ("rnn", "memory", "sequence", "elman")
    initial_params = {"units": 32}
    gate_count = 1
