"""The Bidirectional wrapper of recurrent layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.registry import to_snake_case
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Cost, Layer, Module, Nn, Specs, Tensor, Torch, Weight, Weights
from engine.layers.recurrent import RECURRENT_LAYERS, RecurrentLayer

RecurrenceField = Annotated[
    RecurrentLayer,
    PlainValidator(RECURRENT_LAYERS.validate),
    PlainSerializer(RECURRENT_LAYERS.to_plain_json),
    WithJsonSchema(
        {
            "type": "object",
            "examples": [
                {"kind": "LSTM", "params": {"units": 32}},
                {"kind": "GRU", "params": {"units": 32, "return_sequences": True}},
                {"kind": "SimpleRNN", "params": {"units": 32}},
            ],
        }
    ),
]


class Bidirectional(Layer):
    """Runs a recurrent layer over a sequence in both directions and merges the outputs.

    Shapes: x (steps, features) -> the output shape of `layer`, with 2 * units for "concat".
        If merge_mode is null, two outputs: forward and backward. With return_state, also the
        states of each direction, such as forward_state_h.
    Source: keras.layers.Bidirectional.
    """

    family = "recurrent"
    words = ("rnn", "both directions", "lstm", "gru", "sequence")
    mask_rule = "use"
    initial_params = {"layer": {"kind": "LSTM", "params": {"units": 32}}}

    layer: RecurrenceField = Field(description="Forward recurrent layer.")
    merge_mode: Literal["concat", "sum", "mul", "ave"] | None = Field(
        "concat", description="How the two outputs are merged; null returns both."
    )
    backward_layer: RecurrenceField | None = Field(
        None, description="Backward recurrent layer; null uses a copy of layer."
    )

    def directions(self) -> Mapping[str, RecurrentLayer]:
        """Return the two recurrent layers by direction, forward first."""
        mirrored = self.layer.model_copy(update={"go_backwards": True})
        return {"forward": self.layer, "backward": self.backward_layer or mirrored}

    def infer(self, x: TensorSpec) -> Specs:
        forward, backward = self.directions().values()
        self._require_compatible(forward, backward)
        forward_specs, backward_specs = _output_specs(forward, x), _output_specs(backward, x)
        first = forward_specs.pop("output")
        second = backward_specs.pop("output")
        states = {f"forward_{name}": spec for name, spec in forward_specs.items()} | {
            f"backward_{name}": spec for name, spec in backward_specs.items()
        }
        if self.merge_mode is None:
            return {"forward": first, "backward": second} | states
        units = forward.units + (backward.units if self.merge_mode == "concat" else 0)
        output = TensorSpec((*first.shape[:-1], units))
        return {"output": output} | states if states else output

    def _require_compatible(self, forward: RecurrentLayer, backward: RecurrentLayer) -> None:
        for name in ("return_sequences", "return_state"):
            require(
                getattr(forward, name) == getattr(backward, name),
                "params-clash",
                f"the two directions must agree on {name}",
                Fix(f"Give both layers the same {name}."),
                set_params_fix("Remove backward_layer.", backward_layer=None),
                param="backward_layer",
                found=f"{getattr(forward, name)} forward, {getattr(backward, name)} backward",
                expected="the same in both",
            )
        require(
            forward.go_backwards != backward.go_backwards,
            "params-clash",
            "both layers process the sequence in the same direction",
            Fix("Set go_backwards to false in layer and to true in backward_layer."),
            param="backward_layer" if self.backward_layer else "layer",
            found=f"go_backwards {forward.go_backwards} in both",
            expected="one forward and one backward layer",
        )
        require(
            self.merge_mode in ("concat", None) or forward.units == backward.units,
            "params-clash",
            f'"{self.merge_mode}" needs outputs of equal size',
            set_params_fix("Concatenate the outputs.", merge_mode="concat"),
            param="merge_mode",
            found=f"{forward.units} units forward, {backward.units} backward",
            expected="the same number of units in both directions",
        )

    def weights(self, x: TensorSpec) -> Weights:
        parts = zip(self.directions().items(), ("ahead", "back"), strict=True)
        return tuple(
            _prefixed_weight(f"{name}_{to_snake_case(layer.kind())}", part, weight)
            for (name, layer), part in parts
            for weight in layer.weights(x)
        )

    def produces_mask(self, x: TensorSpec) -> bool:
        return bool(self.layer.produces_mask(x))

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        forward, backward = (layer.build(nn, x) for layer in self.directions().values())
        if self.merge_mode == "concat":
            return nn.Bidirectional(forward, backward)
        return nn.Bidirectional(forward, backward, merge_mode=self.merge_mode)

    def call(
        self, torch: Torch, pair: Module, x: Tensor, mask: Tensor | None = None
    ) -> Tensor | Mapping[str, Tensor]:
        output = pair(x) if mask is None else pair(x, mask)
        names = self.output_names()
        if len(names) == 1:
            return output
        return {name: output[index] for index, name in enumerate(names)}

    def output_names(self) -> tuple[str, ...]:
        """Return the output names, the main output first."""
        main = ("output",) if self.merge_mode else ("forward", "backward")
        if not self.layer.return_state:
            return main
        return main + tuple(
            f"{name}_{state}"
            for name, layer in self.directions().items()
            for state in layer.state_names
        )

    def activity_penalties(self) -> Mapping[str, Any]:
        """Return the regularizer of each direction by submodule name: "ahead" or "back".

        A regularizer penalizes the output of its direction, before both outputs are merged.
        """
        penalties = (layer.activity_penalties().get("") for layer in self.directions().values())
        parts = zip(("ahead", "back"), penalties, strict=True)
        return {part: penalty for part, penalty in parts if penalty is not None}

    def cost(self, x: TensorSpec) -> Cost:
        forward, backward = (layer.cost(x) for layer in self.directions().values())
        return Cost(
            forward.multiply_adds + backward.multiply_adds,
            forward.activations + backward.activations,
        )


def _output_specs(layer: RecurrentLayer, x: TensorSpec) -> dict[str, TensorSpec]:
    specs = layer.infer(x)
    return {"output": specs} if isinstance(specs, TensorSpec) else dict(specs)


def _prefixed_weight(prefix: str, part: str, weight: Weight) -> Weight:
    """Return `weight`, with "<prefix>/" before its Keras name and "<part>." before torch names."""
    layouts = tuple(replace(layout, param=f"{part}.{layout.param}") for layout in weight.layouts)
    return replace(weight, name=f"{prefix}/{weight.name}", layouts=layouts)
