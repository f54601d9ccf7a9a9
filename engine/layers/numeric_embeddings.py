"""Embeddings of numbers, for networks that read tables: each feature becomes a vector."""

from __future__ import annotations

from pydantic import Field, PositiveFloat, PositiveInt

from engine.core.diagnostic import require, set_params_fix
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Cost, Layer, Layout, Module, Nn, Tensor, Torch, Weight, Weights
from engine.layers.initializer import InitializerField, RandomNormal, RandomUniform
from engine.layers.regularizer import RegularizerField
from engine.layers.support.insert_fixes import insert_layer_fix
from engine.layers.support.requirements import fixed_size, require_float


def _feature_count(x: TensorSpec) -> int:
    """Return the size of the last axis; raise a LayerError if there is none, or of no numbers."""
    require_float(x)
    require(
        x.rank >= 1,
        "wrong-rank",
        "needs an axis of features",
        insert_layer_fix("Insert a Reshape to [1] before it.", "Reshape", target_shape=[1]),
        port="x",
        found=x,
        expected="(batch, features)",
    )
    return fixed_size(x, x.rank - 1, "needs a fixed number of features")


class PeriodicEmbedding(Layer):
    """Periodic embedding of numbers: cosines with learned frequencies and phases.

    Each feature x becomes (x, v), where v is a learned linear combination of cosines
    cos(2 pi (frequency * x + phase)) with learned frequencies and phases. Flatten usually follows.

    Shapes: x (..., features) -> (..., features, output_dim).
    Source: Gorishniy, Rubachev and Babenko 2022, arXiv:2203.05556; with the number itself and the
        initial values of Holzmüller, Grinsztajn and Steinwart 2024, arXiv:2407.04491.
    """

    family = "dense"
    words = ("numeric embedding", "numerical", "tabular", "fourier", "cosine", "plr")
    mask_rule = "pass"

    output_dim: int = Field(
        4, ge=2, description="Size of the vector of each feature, the number itself included."
    )
    frequencies: PositiveInt = Field(16, description="Number of cosines for each feature.")
    stddev: PositiveFloat = Field(
        0.1, description="Standard deviation of the initial frequencies; for standardized features."
    )
    kernel_regularizer: RegularizerField = Field(None, description="Regularizer of the kernel.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        _feature_count(x)
        return TensorSpec((*x.shape, self.output_dim))

    def weights(self, x: TensorSpec) -> Weights:
        features, size = _feature_count(x), self.output_dim - 1
        waves, limit = (features, self.frequencies), self.frequencies**-0.5
        normal = RandomNormal(stddev=self.stddev)
        bounded = RandomUniform(minval=-limit, maxval=limit)
        return (
            Weight("frequencies", waves, normal, (Layout("frequencies"),)),
            Weight("phases", waves, RandomUniform(minval=-0.5, maxval=0.5), (Layout("phases"),)),
            Weight(
                "kernel", (*waves, size), bounded, (Layout("weight"),),
                regularizer=self.kernel_regularizer,
            ),
            Weight("bias", (features, size), bounded, (Layout("bias"),)),
        )  # fmt: skip

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.PeriodicEmbedding(_feature_count(x), self.frequencies, self.output_dim)

    def call(self, torch: Torch, embedding: Module, x: Tensor) -> Tensor:
        return embedding(x)

    def cost(self, x: TensorSpec) -> Cost:
        numbers = (x.size or 0) * self.frequencies
        return Cost(numbers * self.output_dim, numbers + (x.size or 0) * self.output_dim)


class PiecewiseLinearEncoding(Layer):
    """Piecewise linear encoding: the fill level of each of several equal-width bins.

    An entry is 0 if the number is below its bin, 1 if it is above, and rises linearly within. The
    first and the last bin go on beyond the bounds. A following Dense layer is piecewise linear in
    each feature. The default bounds are those of numbers with the scale "quantile", whose bins then
    hold equal numbers of training rows.

    Shapes: x (..., features) -> (..., features, bins).
    Source: Gorishniy, Rubachev and Babenko 2022, arXiv:2203.05556.
    """

    family = "dense"
    words = ("numeric embedding", "numerical", "tabular", "bin", "ple", "bucket")
    mask_rule = "pass"

    bins: int = Field(48, ge=2, description="Number of bins of each feature.")
    low: float = Field(-1.732, description="Lower bound of the first bin.")
    high: float = Field(1.732, description="Upper bound of the last bin.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        require(
            self.low < self.high,
            "params-clash",
            "high has to be larger than low",
            set_params_fix("Use the bounds -1.732 and 1.732.", low=-1.732, high=1.732),
            param="high",
            found=f"low {self.low:g}, high {self.high:g}",
            expected=f"a number above {self.low:g}",
        )
        _feature_count(x)
        return TensorSpec((*x.shape, self.bins))

    def call(self, torch: Torch, x: Tensor) -> Tensor:
        width = (self.high - self.low) / self.bins
        bins = torch.arange(self.bins, dtype=x.dtype, device=x.device)
        reached = (x.unsqueeze(-1) - self.low) / width - bins
        # The entry of the first bin has no lower limit, and that of the last bin no upper one.
        lower = torch.where(bins > 0, 0.0, -torch.inf)
        upper = torch.where(bins < self.bins - 1, 1.0, torch.inf)
        return reached.maximum(lower).minimum(upper)


class FeatureTokenizer(Layer):
    """Feature tokenizer: one token per number, so that attention layers can use tabular rows.

    The token of a feature is the number times a learned vector, plus another learned vector. With
    `class_token`, a learned token comes first, from which an output may read the whole row.

    Shapes: x (features) -> (features, output_dim), or (features + 1, output_dim).
    Source: Gorishniy, Rubachev, Khrulkov and Babenko 2021 (FT-Transformer), arXiv:2106.11959.
    """

    family = "dense"
    words = ("numeric embedding", "numerical", "tabular", "ft-transformer", "attention", "cls")
    initial_params = {"output_dim": 32}

    output_dim: PositiveInt = Field(description="Size of each token.")
    class_token: bool = Field(True, description="Prepend a learned class token.")
    kernel_initializer: InitializerField = Field(
        "glorot_uniform", description="Initializer of the factors."
    )
    bias_initializer: InitializerField = Field(
        "glorot_uniform", description="Initializer of the offsets and of the learned token."
    )
    kernel_regularizer: RegularizerField = Field(None, description="Regularizer of the factors.")

    def infer(self, x: TensorSpec) -> TensorSpec:
        count = _feature_count(x)
        flatten = insert_layer_fix("Insert a Flatten before it.", "Flatten")
        require(
            x.rank == 1,
            "wrong-rank",
            "reads one row of features",
            "Insert a global pooling before it." if x.dynamic_axes else flatten,
            port="x",
            found=x,
            expected="(batch, features)",
        )
        return TensorSpec((count + self.class_token, self.output_dim))

    def weights(self, x: TensorSpec) -> Weights:
        shape, initializer = (_feature_count(x), self.output_dim), self.bias_initializer
        kernel = self.make_weight("kernel", shape, Layout("weight"))
        bias = Weight("bias", shape, initializer, (Layout("bias"),))
        token = Weight("class_token", (1, self.output_dim), initializer, (Layout("token"),))
        return (kernel, bias, token) if self.class_token else (kernel, bias)

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        return nn.FeatureTokenizer(_feature_count(x), self.output_dim, self.class_token)

    def call(self, torch: Torch, tokenizer: Module, x: Tensor) -> Tensor:
        return tokenizer(x)
