"""The two layers that are a table of weights: Dense multiplies by it, Embedding looks rows up."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.activation import ActivationField
from engine.layers.base import (
    Cost,
    Layer,
    Layout,
    Module,
    Nn,
    Tensor,
    Torch,
    Weight,
    Weights,
)
from engine.layers.initializer import InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.insert_fixes import EMBEDDING, embedding


class Dense(Layer):
    """Mixes all features of its input into each of its outputs, with learned weights.

    Shapes: x (..., features) -> (..., units).
    Source: keras.layers.Dense; built on torch.nn.Linear.
    """

    family = "dense"
    words = ("linear", "fully connected", "perceptron", "mlp")
    mask_rule = "pass"
    starts = {"units": 32}

    units: PositiveInt = Field(description="Number of outputs.")
    activation: ActivationField = Field("linear", description="Curve applied to every output.")
    use_bias: bool = Field(True, description="Add one learned offset per output.")
    kernel_initializer: InitializerField = Field(
        "glorot_uniform", description="How the weights start."
    )
    bias_initializer: InitializerField = Field("zeros", description="How the offsets start.")
    kernel_regularizer: RegularizerField = Field(None, description="Penalty on the weights.")
    bias_regularizer: RegularizerField = Field(None, description="Penalty on the offsets.")
    activity_regularizer: RegularizerField = Field(None, description="Penalty on the outputs.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.dtype == "float32",
            "wrong-dtype",
            "needs measurements, and ids are none",
            embedding(),
            'Set the Input\'s dtype to "float32" if its numbers are measurements.',
            port="x",
            found=x.dtype,
            expected="float32",
        )
        features = x.shape[-1] if x.rank else None
        require(
            isinstance(features, int),
            "free-axis" if isinstance(features, DynamicLength) else "wrong-rank",
            "needs to know how many features come in",
            "Put an Embedding or a global pooling in front, or give the Input a fixed size.",
            port="x",
            found=x,
            expected="(batch, ..., features) with a fixed number of features",
        )
        return TensorSpec((*x.shape[:-1], self.units))

    def weights(self, x: TensorSpec) -> Weights:
        features = x.shape[-1]
        assert isinstance(features, int)
        kernel = Weight(
            "kernel",
            (features, self.units),
            self.kernel_initializer,
            (Layout("weight", (1, 0)),),
            regularizer=self.kernel_regularizer,
        )
        bias = Weight(
            "bias",
            (self.units,),
            self.bias_initializer,
            (Layout("bias"),),
            regularizer=self.bias_regularizer,
        )
        return (kernel, bias) if self.use_bias else (kernel,)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        if self.use_bias:
            return nn.Linear(x.shape[-1], self.units)
        return nn.Linear(x.shape[-1], self.units, bias=False)

    def call(self, torch: Torch, linear: Module, x: Tensor) -> Tensor:
        return linear(x)


class Embedding(Layer):
    """Looks up a learned vector for each id, such as the number of a word.

    Shapes: x (...) of ids -> (..., output_dim).
    Source: keras.layers.Embedding; built on torch.nn.Embedding.
    """

    family = "dense"
    words = ("lookup", "word", "token", "vocabulary", "vector")
    starts = EMBEDDING

    input_dim: PositiveInt = Field(
        description="Vocabulary size: the largest id in the data plus one."
    )
    output_dim: PositiveInt = Field(description="Vector size: how many numbers stand for an id.")
    embeddings_initializer: InitializerField = Field(
        "uniform", description="How the vectors start."
    )
    embeddings_regularizer: RegularizerField = Field(None, description="Penalty on the vectors.")
    mask_zero: bool = Field(
        False, description="Treat id 0 as padding, and tell the layers after it to skip it."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.dtype == "int32",
            "wrong-dtype",
            "looks up whole-number ids",
            'Set the Input\'s dtype to "int32", or use Dense for measurements.',
            port="x",
            found=x.dtype,
            expected="int32",
        )
        require(
            not self.mask_zero or x.rank >= 1,
            "wrong-rank",
            "has no steps to mask",
            set_params_fix("Switch mask_zero off.", mask_zero=False),
            param="mask_zero",
            found=x,
            expected="(batch, length)",
        )
        return TensorSpec((*x.shape, self.output_dim))

    def weights(self, x: TensorSpec) -> Weights:
        table = Weight(
            "embeddings",
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            (Layout("weight"),),
            regularizer=self.embeddings_regularizer,
        )
        return (table,)

    def masks(self, x: TensorSpec) -> bool:
        return self.mask_zero

    def mask_of(self, torch: Torch, x: Tensor, masks: tuple[Tensor | None, ...]) -> Tensor:
        return x != 0

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.Embedding(self.input_dim, self.output_dim)

    def call(self, torch: Torch, table: Module, x: Tensor) -> Tensor:
        return table(x)

    def cost(self, x: TensorSpec) -> Cost:
        return Cost(activations=self.infer(x).size or 0)
