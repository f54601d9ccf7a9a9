"""Attention layers: MultiHeadAttention and Attention."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from engine.core.diagnostic import Fix, require
from engine.core.tensor_spec import TensorSpec, merge_dims
from engine.layers.base import Cost, Layer, Layout, Module, Nn, Tensor, Torch, Weight, Weights
from engine.layers.initializer import FlattenedInitializer, InitializerField, Ones
from engine.layers.regularizer import RegularizerField
from engine.layers.support.requirements import require_vectors

KeySpec = TensorSpec | None  # None if the key is not wired
Masks = tuple[Tensor | None, ...]
Fraction = Annotated[float, Field(ge=0, lt=1)]


class BaseAttention(Layer):
    """Base class of the attention layers, with the ports query, value and an optional key."""

    mask_rule = "use"
    mask_names: ClassVar[tuple[str, ...]] = ("query_mask", "value_mask", "key_mask")

    def require_sequences(self, query: TensorSpec, value: TensorSpec, key: KeySpec) -> None:
        """Raise LayerError unless all inputs are sequences of vectors.

        If `key` is not None, it must have as many steps as `value`.
        """
        for port, spec in (("query", query), ("value", value), ("key", key)):
            if spec is not None:
                require_vectors(spec, port)
        require(
            key is None or merge_dims((value.shape[0], key.shape[0])) is not None,
            "shapes-differ",
            "each value needs a key",
            Fix("Connect key to a layer with as many steps as value, or leave it unconnected."),
            port="key",
            found=f"{key} for values of {value}",
            expected="the same number of steps",
        )

    def produces_mask(self, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> bool:
        return query.mask

    def compute_mask(self, torch: Torch, *inputs: Tensor, masks: Masks) -> Tensor:
        return masks[0]

    def call(
        self,
        torch: Torch,
        attention: Module,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        mask: Masks = (None, None, None),
    ) -> Tensor:
        named = zip(self.mask_names, mask or (), strict=False)
        masks = {name: given for name, given in named if given is not None}
        inputs = (query, value) if key is None else (query, value, key)
        return attention(*inputs, **masks)


class MultiHeadAttention(BaseAttention):
    """Multi-head attention: each query step attends to all value steps.

    Shapes: query (t, a), value (s, b), key (s, c) -> (t, a), or (t, *output_shape). t and s are
        numbers of steps; a, b and c are numbers of features. An unwired key is the value.
    Source: keras.layers.MultiHeadAttention; Vaswani et al. 2017, arXiv:1706.03762; built on
        torch.nn.functional.scaled_dot_product_attention.
    """

    family = "attention"
    words = ("transformer", "self-attention", "heads", "query", "key", "value")
    initial_params = {"num_heads": 4, "key_dim": 32}

    num_heads: PositiveInt = Field(description="Number of attention heads.")
    key_dim: PositiveInt = Field(description="Size of the query and key vectors per head.")
    value_dim: PositiveInt | None = Field(
        None, description="Size of the value vectors per head; null uses key_dim."
    )
    dropout: Fraction = Field(0.0, description="Fraction of scores dropped in training; slower.")
    use_bias: bool = Field(True, description="Add a learned bias to the projections.")
    output_shape: PositiveInt | tuple[PositiveInt, ...] | None = Field(
        None, description="Output size of each step; null uses the size of the query."
    )
    sliding_window: PositiveInt | None = Field(
        None, description="Attend to fewer than this many steps away; null attends to all steps."
    )
    kernel_initializer: InitializerField = Field(
        "glorot_uniform", description="Initializer of the weights."
    )
    bias_initializer: InitializerField = Field("zeros", description="Initializer of the bias.")
    kernel_regularizer: RegularizerField = Field(None, description="Regularizer of the weights.")
    bias_regularizer: RegularizerField = Field(None, description="Regularizer of the bias.")
    activity_regularizer: RegularizerField = Field(
        None, description="Regularizer of the output of each projection."
    )
    use_gate: bool = Field(
        False, description="Scale the attention output by a learned gate of the query."
    )
    seed: int | None = Field(None, description="Random seed; null uses the seed of the run.")
    use_causal_mask: bool = Field(False, description="Causal mask: no step attends to later steps.")

    def step_shape(self, query: TensorSpec) -> tuple[int, ...]:
        """Return the shape of the output for one query step."""
        match self.output_shape:
            case None | ():
                return (_features(query),)
            case int() as size:
                return (size,)
            case shape:
                return shape

    def infer(self, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> TensorSpec:
        self.require_sequences(query, value, key)
        return TensorSpec((query.shape[0], *self.step_shape(query)))

    def weights(self, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> Weights:
        keys = (self.num_heads, self.key_dim)
        values = (self.num_heads, self.value_dim or self.key_dim)
        projections: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
            ("query", (_features(query),), keys),
            ("key", (_features(key or value),), keys),
            *([("gate", (_features(query),), values)] if self.use_gate else []),
            ("value", (_features(value),), values),
            ("attention_output", values, self.step_shape(query)),
        ]
        return tuple(weight for args in projections for weight in self._linear(*args))

    def _linear(self, name: str, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Weights:
        """Return the kernel and, with `use_bias`, the bias of the projection `name`.

        `inputs` and `outputs` are the kernel's axis sizes. In torch, the output axes come first.
        """
        axes = range(len(inputs) + len(outputs))
        split = len(inputs)
        kernel = Weight(
            f"{name}/kernel",
            (*inputs, *outputs),
            FlattenedInitializer(inner=self.kernel_initializer, inputs=split),
            (Layout(f"{name}.weight", (*axes[split:], *axes[:split])),),
            regularizer=self.kernel_regularizer,
        )
        bias = self.make_weight(f"{name}/bias", outputs, Layout(f"{name}.bias"), field="bias")
        return (kernel, bias) if self.use_bias else (kernel,)

    def build(self, nn: Nn, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> Module:
        sizes = (_features(query), _features(value), _features(key or value))
        names = (
            "value_dim", "dropout", "use_bias", "sliding_window", "use_gate", "seed",
            "use_causal_mask",
        )  # fmt: skip
        options = {name: getattr(self, name) for name in self.non_default_fields() if name in names}
        shape = self.step_shape(query)
        return nn.MultiHeadAttention(sizes, shape, self.num_heads, self.key_dim, **options)

    def activity_penalties(self) -> Mapping[str, Any]:
        """Return `activity_regularizer` by the name of each submodule that is a projection.

        As in Keras, the outputs of all projections are penalized.
        """
        if self.activity_regularizer is None:
            return {}
        gate = ("opening",) if self.use_gate else ()
        projections = ("query", "key", *gate, "value", "attention_output")
        return dict.fromkeys(projections, self.activity_regularizer)

    def cost(self, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> Cost:
        query_steps, value_steps = _steps(query), _steps(value)
        per_query_step = ("query", "gate", "attention_output")
        projections = sum(
            weight.size
            * (query_steps if weight.name.split("/")[0] in per_query_step else value_steps)
            for weight in self.weights(query, value, key)
            if weight.name.endswith("kernel")
        )
        per_pair = self.num_heads * (self.key_dim + (self.value_dim or self.key_dim))
        pairs = query_steps * value_steps
        outputs = query_steps * (prod(self.step_shape(query)) + per_pair) + value_steps * per_pair
        return Cost(projections + pairs * per_pair, outputs + pairs * self.num_heads)


class Attention(BaseAttention):
    """Dot-product attention (Luong) of a query on a value.

    Shapes: query (t, a), value (s, b), key (s, a) -> (t, b). t and s are numbers of steps; a and b
        are numbers of features. An unwired key is the value.
    Source: keras.layers.Attention; Luong et al. 2015, arXiv:1508.04025.
    """

    family = "attention"
    words = ("luong", "dot product", "query", "key", "value", "alignment")
    mask_names = ("query_mask", "value_mask")  # Keras ignores the mask of the key

    use_scale: bool = Field(False, description="Scale the scores by a learned factor.")
    score_mode: Literal["dot", "concat"] = Field(
        "dot", description="Score by dot product, or by the tanh of the sum (much slower)."
    )
    dropout: Fraction = Field(0.0, description="Fraction of scores dropped in training.")
    seed: int | None = Field(None, description="Random seed; null uses the seed of the run.")
    use_causal_mask: bool = Field(False, description="Causal mask: no step attends to later steps.")

    def infer(self, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> TensorSpec:
        self.require_sequences(query, value, key)
        keys = key or value
        port = "value" if key is None else "key"
        require(
            query.shape[-1] == keys.shape[-1],
            "shapes-differ",
            f"query and {port} need the same number of features",
            Fix(f"Make the sizes equal with a Dense before query or {port}."),
            port=port,
            found=f"{query.shape[-1]} features in query, {keys.shape[-1]} in {port}",
            expected="the same number of features",
        )
        return TensorSpec((query.shape[0], value.shape[-1]))

    def weights(self, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> Weights:
        uses = {"scale": self.use_scale, "concat_score_weight": self.score_mode == "concat"}
        return tuple(Weight(name, (), Ones(), (Layout(name),)) for name in uses if uses[name])

    def build(self, nn: Nn, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> Module:
        return nn.Attention(**{name: getattr(self, name) for name in self.non_default_fields()})

    def cost(self, query: TensorSpec, value: TensorSpec, key: KeySpec = None) -> Cost:
        pairs = _steps(query) * _steps(value)
        per_pair = _features(query) + _features(value)
        return Cost(pairs * per_pair, pairs + _steps(query) * _features(value))


def _features(spec: TensorSpec) -> int:
    features = spec.shape[-1]
    assert isinstance(features, int)
    return features


def _steps(spec: TensorSpec) -> int:
    return spec.shape[0] if isinstance(spec.shape[0], int) else 1
