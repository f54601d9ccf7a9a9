"""The Dense and Embedding layers."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.activation import ActivationField
from engine.layers.base import Cost, Layer, Layout, Module, Nn, Tensor, Torch, Weights
from engine.layers.initializer import InitializerField
from engine.layers.regularizer import RegularizerField
from engine.layers.support.insert_fixes import EMBEDDING_PARAMS, embedding_fix


class Dense(Layer):
    """Fully connected layer.

    Shapes: x (..., features) -> (..., units).
    Source: keras.layers.Dense; built on torch.nn.Linear.
    """

    family = "dense"
    words = ("linear", "fully connected", "perceptron", "mlp")
    mask_rule = "pass"
    initial_params = {"units": 32}

    units: PositiveInt = Field(description="Number of outputs.")
    activation: ActivationField = Field("linear", description="Activation function.")
    use_bias: bool = Field(True, description="Add a learned bias to each output.")
    kernel_initializer: InitializerField = Field(
        "glorot_uniform", description="Initializer of the weights."
    )
    bias_initializer: InitializerField = Field("zeros", description="Initializer of the bias.")
    kernel_regularizer: RegularizerField = Field(None, description="Regularizer of the weights.")
    bias_regularizer: RegularizerField = Field(None, description="Regularizer of the bias.")
    activity_regularizer: RegularizerField = Field(None, description="Regularizer of the outputs.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.dtype == "float32",
            "wrong-dtype",
            "expects float values, got integer ids",
            embedding_fix(),
            'Set the Input\'s dtype to "float32" if its values are not ids.',
            port="x",
            found=x.dtype,
            expected="float32",
        )
        features = x.shape[-1] if x.rank else None
        require(
            isinstance(features, int),
            "free-axis" if isinstance(features, DynamicLength) else "wrong-rank",
            "needs a fixed number of input features",
            "Insert an Embedding or a global pooling before it, or give the Input a fixed size.",
            port="x",
            found=x,
            expected="(batch, ..., features) with a fixed number of features",
        )
        return TensorSpec((*x.shape[:-1], self.units))

    def weights(self, x: TensorSpec) -> Weights:
        features = x.shape[-1]
        assert isinstance(features, int)
        kernel = self.make_weight("kernel", (features, self.units), Layout("weight", (1, 0)))
        bias = self.make_weight("bias", (self.units,), Layout("bias"))
        return (kernel, bias) if self.use_bias else (kernel,)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        if self.use_bias:
            return nn.Linear(x.shape[-1], self.units)
        return nn.Linear(x.shape[-1], self.units, bias=False)

    def call(self, torch: Torch, linear: Module, x: Tensor) -> Tensor:
        return linear(x)


class Embedding(Layer):
    """Embedding layer: maps integer ids, such as word ids, to learned vectors.

    Shapes: x (...) of ids -> (..., output_dim).
    Source: keras.layers.Embedding; built on torch.nn.Embedding.
    """

    family = "dense"
    words = ("lookup", "word", "token", "vocabulary", "vector")
    mask_reads_input = True
    initial_params = EMBEDDING_PARAMS

    input_dim: PositiveInt = Field(
        description="Vocabulary size: the largest id in the data plus one."
    )
    output_dim: PositiveInt = Field(description="Size of the vector of each id.")
    embeddings_initializer: InitializerField = Field(
        "uniform", description="Initializer of the vectors."
    )
    embeddings_regularizer: RegularizerField = Field(
        None, description="Regularizer of the vectors."
    )
    mask_zero: bool = Field(
        False, description="Treat id 0 as padding, which the following layers skip."
    )

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            x.dtype == "int32",
            "wrong-dtype",
            "expects integer ids, got float values",
            'Set the Input\'s dtype to "int32", or use Dense for float values.',
            port="x",
            found=x.dtype,
            expected="int32",
        )
        require(
            not self.mask_zero or x.rank >= 1,
            "wrong-rank",
            "has no steps to mask",
            set_params_fix("Set mask_zero to false.", mask_zero=False),
            param="mask_zero",
            found=x,
            expected="(batch, length)",
        )
        return TensorSpec((*x.shape, self.output_dim))

    def weights(self, x: TensorSpec) -> Weights:
        shape = (self.input_dim, self.output_dim)
        return (self.make_weight("embeddings", shape, Layout("weight")),)

    def produces_mask(self, x: TensorSpec) -> bool:
        return self.mask_zero

    def compute_mask(self, torch: Torch, x: Tensor, masks: tuple[Tensor | None, ...]) -> Tensor:
        return x != 0

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.Embedding(self.input_dim, self.output_dim)

    def call(self, torch: Torch, table: Module, x: Tensor) -> Tensor:
        return table(x)

    def cost(self, x: TensorSpec) -> Cost:
        return Cost(activations=self.infer(x).size or 0)
