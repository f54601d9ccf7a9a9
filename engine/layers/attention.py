"""Layers in which each step of one sequence looks at all steps of another."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt

from engine.core.diagnostic import Fix, require
from engine.core.tensor_spec import DynamicLength, TensorSpec, merge_dims
from engine.layers.base import Cost, Layer, Layout, Module, Nn, Tensor, Torch, Weight, Weights
from engine.layers.initializer import Flattened, InitializerField, Ones
from engine.layers.regularizer import RegularizerField
from engine.layers.support.insert_fixes import a_sequence
from engine.layers.support.requirements import require_measurements

Masks = tuple[Tensor | None, ...]
Fraction = Annotated[float, Field(ge=0, lt=1)]


class Looking(Layer):
    """Base of the attention layers: a query looks at values, by keys that may be the values."""

    mask_rule = "use"

    def require_sequences(
        self, query: TensorSpec, value: TensorSpec, key: TensorSpec | None
    ) -> None:
        """Refuse what is no sequence of vectors, and keys that do not belong to the values."""
        for port, spec in (("query", query), ("value", value), ("key", key)):
            require(
                spec is None or spec.rank == 2,
                "wrong-rank",
                f"needs a sequence of vectors as {port}",
                *([a_sequence(spec, port)] if spec is not None else []),
                port=port,
                found=spec,
                expected="(batch, steps, features)",
            )
            require(
                spec is None or not isinstance(spec.shape[-1], DynamicLength),
                "free-axis",
                f"needs to know how many features a step of {port} has",
                "Give the last axis of the Input a fixed size.",
                port=port,
                found=spec,
                expected="a fixed number of features",
            )
            if spec is not None:
                require_measurements(spec, port)
        require(
            key is None or merge_dims((value.shape[0], key.shape[0])) is not None,
            "shapes-differ",
            "each value needs a key",
            Fix("Wire key to a layer with as many steps as value, or leave it unwired."),
            port="key",
            found=f"{key} for values of {value}",
            expected="equally many steps",
        )

    def masks(self, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None) -> bool:
        return query.mask

    def mask_of(self, torch: Torch, *inputs: Tensor, masks: Masks) -> Tensor:
        return masks[0]


class MultiHeadAttention(Looking):
    """Lets each step of a query gather from all steps of a value, in several ways at once.

    Shapes: query (t, a), value (s, b), key (s, c), the value if unwired -> (t, a), or
        (t, *output_shape).
    Source: keras.layers.MultiHeadAttention; Vaswani et al. 2017, arXiv:1706.03762; built on
        torch.nn.functional.scaled_dot_product_attention.
    """

    family = "attention"
    words = ("transformer", "self-attention", "heads", "query", "key", "value")
    starts = {"num_heads": 4, "key_dim": 32}

    num_heads: PositiveInt = Field(description="Number of ways in which steps look at each other.")
    key_dim: PositiveInt = Field(description="Size of the vectors that are compared, per head.")
    value_dim: PositiveInt | None = Field(
        None, description="Size of the vectors that are gathered, per head; null takes key_dim."
    )
    dropout: Fraction = Field(0.0, description="Fraction of looks dropped in training; slower.")
    use_bias: bool = Field(True, description="Add learned offsets.")
    output_shape: PositiveInt | tuple[PositiveInt, ...] | None = Field(
        None, description="Size of what comes out at each step; null takes the query's."
    )
    sliding_window: PositiveInt | None = Field(
        None, description="Look at most this many steps away, less one; null looks everywhere."
    )
    kernel_initializer: InitializerField = Field(
        "glorot_uniform", description="How the weights start."
    )
    bias_initializer: InitializerField = Field("zeros", description="How the offsets start.")
    kernel_regularizer: RegularizerField = Field(None, description="Penalty on the weights.")
    bias_regularizer: RegularizerField = Field(None, description="Penalty on the offsets.")
    activity_regularizer: RegularizerField = Field(
        None, description="Penalty on the outputs of every map inside."
    )
    use_gate: bool = Field(
        False, description="Let the query damp what was gathered, which steadies training."
    )
    seed: int | None = Field(None, description="A seed of its own; null follows the run's.")
    use_causal_mask: bool = Field(False, description="Look at no step that comes later.")

    def sizes(self, query: TensorSpec) -> tuple[int, ...]:
        """Return the shape of what comes out at each step."""
        match self.output_shape:
            case None | ():
                return (_features(query),)
            case int() as size:
                return (size,)
            case sizes:
                return sizes

    def infer(
        self, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None
    ) -> TensorSpec:
        self.require_sequences(query, value, key)
        return TensorSpec((query.shape[0], *self.sizes(query)))

    def weights(
        self, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None
    ) -> Weights:
        keys = (self.num_heads, self.key_dim)
        values = (self.num_heads, self.value_dim or self.key_dim)
        maps: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
            ("query", (_features(query),), keys),
            ("key", (_features(key or value),), keys),
            *([("gate", (_features(query),), values)] if self.use_gate else []),
            ("value", (_features(value),), values),
            ("attention_output", values, self.sizes(query)),
        ]
        return tuple(weight for each in maps for weight in self._linear(*each))

    def _linear(self, name: str, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Weights:
        """Return kernel and offsets of one map; torch's Linear has its output axes first."""
        places = range(len(inputs) + len(outputs))
        split = len(inputs)
        kernel = Weight(
            f"{name}/kernel",
            (*inputs, *outputs),
            Flattened(inner=self.kernel_initializer, inputs=split),
            (Layout(f"{name}.weight", (*places[split:], *places[:split])),),
            regularizer=self.kernel_regularizer,
        )
        bias = Weight(
            f"{name}/bias",
            outputs,
            self.bias_initializer,
            (Layout(f"{name}.bias"),),
            regularizer=self.bias_regularizer,
        )
        return (kernel, bias) if self.use_bias else (kernel,)

    def build(
        self, nn: Nn, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None
    ) -> Module:
        sizes = (_features(query), _features(value), _features(key or value))
        names = (
            "value_dim", "dropout", "use_bias", "sliding_window", "use_gate", "seed",
            "use_causal_mask",
        )  # fmt: skip
        return nn.MultiHeadAttention(
            sizes, self.sizes(query), self.num_heads, self.key_dim, **_chosen(self, names)
        )

    def call(
        self,
        torch: Torch,
        attention: Module,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        mask: Masks = (None, None, None),
    ) -> Tensor:
        return _look(attention, query, value, key, mask)

    def activities(self) -> Mapping[str, Any]:
        """Return the penalty once for each of the maps inside, as Keras does."""
        if self.activity_regularizer is None:
            return {}
        gate = ("opening",) if self.use_gate else ()
        maps = ("query", "key", *gate, "value", "attention_output")
        return dict.fromkeys(maps, self.activity_regularizer)

    def cost(self, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None) -> Cost:
        asks, looks = _steps(query), _steps(value)
        by_query = ("query", "gate", "attention_output")
        maps = sum(
            weight.size * (asks if weight.name.split("/")[0] in by_query else looks)
            for weight in self.weights(query, value, key)
            if weight.name.endswith("kernel")
        )
        per_pair = self.num_heads * (self.key_dim + (self.value_dim or self.key_dim))
        outputs = asks * (prod(self.sizes(query)) + per_pair) + looks * per_pair
        return Cost(maps + asks * looks * per_pair, outputs + asks * looks * self.num_heads)


class Attention(Looking):
    """Lets each step of a query gather from the steps of a value that resemble it.

    Shapes: query (t, a), value (s, b), key (s, a), the value if unwired -> (t, b).
    Source: keras.layers.Attention; Luong et al. 2015, arXiv:1508.04025.
    """

    family = "attention"
    words = ("luong", "dot product", "query", "key", "value", "alignment")

    use_scale: bool = Field(False, description="Learn one factor on the scores.")
    score_mode: Literal["dot", "concat"] = Field(
        "dot", description="Compare by dot product, or by the tanh of the sum (much slower)."
    )
    dropout: Fraction = Field(0.0, description="Fraction of looks dropped in training.")
    seed: int | None = Field(None, description="A seed of its own; null follows the run's.")
    use_causal_mask: bool = Field(False, description="Look at no step that comes later.")

    def infer(
        self, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None
    ) -> TensorSpec:
        self.require_sequences(query, value, key)
        compared = key or value
        port = "value" if key is None else "key"
        require(
            query.shape[-1] == compared.shape[-1],
            "shapes-differ",
            f"can compare query and {port} only if their steps have one size",
            Fix(f"Give query or {port} the other's size with a Dense in front."),
            port=port,
            found=f"{query.shape[-1]} features in query, {compared.shape[-1]} in {port}",
            expected="equally many features",
        )
        return TensorSpec((query.shape[0], value.shape[-1]))

    def weights(
        self, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None
    ) -> Weights:
        names = (("scale", self.use_scale), ("concat_score_weight", self.score_mode == "concat"))
        return tuple(Weight(name, (), Ones(), (Layout(name),)) for name, there in names if there)

    def build(
        self, nn: Nn, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None
    ) -> Module:
        return nn.Attention(**_chosen(self, tuple(type(self).model_fields)))

    def call(
        self,
        torch: Torch,
        attention: Module,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        mask: Masks = (None, None, None),
    ) -> Tensor:
        return _look(attention, query, value, key, mask[:2])  # as in Keras, a key's mask is idle

    def cost(self, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None) -> Cost:
        pairs = _steps(query) * _steps(value)
        per_pair = _features(query) + _features(value)
        return Cost(pairs * per_pair, pairs + _steps(query) * _features(value))


def _look(
    attention: Module, query: Tensor, value: Tensor, key: Tensor | None, masks: Masks | None
) -> Tensor:
    """Call the module with no more than what is wired and masked."""
    names = ("query_mask", "value_mask", "key_mask")
    known = {name: mask for name, mask in zip(names, masks or (), strict=False) if mask is not None}
    wired = (query, value) if key is None else (query, value, key)
    return attention(*wired, **known)


def _chosen(layer: Layer, names: tuple[str, ...]) -> dict[str, Any]:
    """Return those fields that differ from their defaults."""
    fields = type(layer).model_fields
    chosen = {name: getattr(layer, name) for name in names}
    return {name: value for name, value in chosen.items() if value != fields[name].default}


def _features(spec: TensorSpec) -> int:
    features = spec.shape[-1]
    assert isinstance(features, int)
    return features


def _steps(spec: TensorSpec) -> int:
    return spec.shape[0] if isinstance(spec.shape[0], int) else 1
