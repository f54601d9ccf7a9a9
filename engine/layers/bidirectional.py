"""The layer that reads a sequence in both directions with two recurrent layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.registry import to_snake_case
from engine.core.tensor_spec import TensorSpec
from engine.layers.base import Cost, Layer, Module, Nn, Specs, Tensor, Torch, Weight, Weights
from engine.layers.recurrent import RECURRENCES, Recurrence

RecurrenceField = Annotated[
    Recurrence,
    PlainValidator(RECURRENCES.validate),
    PlainSerializer(RECURRENCES.to_plain_json),
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
    """Reads a sequence from both ends with two recurrent layers, and joins what they answer.

    Shapes: x (steps, features) -> as the recurrent layer, its units doubled by "concat";
        with merge_mode null two outputs, forward and backward; with return_state also the states
        of each direction, such as forward_state_h.
    Source: keras.layers.Bidirectional.
    """

    family = "recurrent"
    words = ("rnn", "both directions", "lstm", "gru", "sequence")
    mask_rule = "use"
    starts = {"layer": {"kind": "LSTM", "params": {"units": 32}}}

    layer: RecurrenceField = Field(description="The recurrent layer that reads forward.")
    merge_mode: Literal["concat", "sum", "mul", "ave"] | None = Field(
        "concat", description="How the two outputs are joined; null keeps both."
    )
    backward_layer: RecurrenceField | None = Field(
        None, description="The recurrent layer that reads backward; null takes a twin."
    )

    def directions(self) -> Mapping[str, Recurrence]:
        """Return the two recurrent layers, forward one first."""
        twin = self.layer.model_copy(update={"go_backwards": True})
        return {"forward": self.layer, "backward": self.backward_layer or twin}

    def infer(self, x: TensorSpec) -> Specs:
        forward, backward = self.directions().values()
        self._require_pair(forward, backward)
        ahead, back = _told(forward, x), _told(backward, x)
        first = ahead.pop("output")
        second = back.pop("output")
        states = {f"forward_{name}": spec for name, spec in ahead.items()} | {
            f"backward_{name}": spec for name, spec in back.items()
        }
        if self.merge_mode is None:
            return {"forward": first, "backward": second} | states
        units = forward.units + (backward.units if self.merge_mode == "concat" else 0)
        output = TensorSpec((*first.shape[:-1], units))
        return {"output": output} | states if states else output

    def _require_pair(self, forward: Recurrence, backward: Recurrence) -> None:
        for name in ("return_sequences", "return_state"):
            require(
                getattr(forward, name) == getattr(backward, name),
                "params-clash",
                f"the two directions must agree on {name}",
                Fix(f"Give both layers the same {name}."),
                set_params_fix("Remove backward_layer, to take a twin.", backward_layer=None),
                param="backward_layer",
                found=f"{getattr(forward, name)} forward, {getattr(backward, name)} backward",
                expected="the same in both",
            )
        require(
            forward.go_backwards != backward.go_backwards,
            "params-clash",
            "both layers read in the same direction",
            Fix("Set go_backwards to false in layer and to true in backward_layer."),
            param="backward_layer" if self.backward_layer else "layer",
            found=f"go_backwards {forward.go_backwards} in both",
            expected="one that reads forward and one that reads backward",
        )
        require(
            self.merge_mode in ("concat", None) or forward.units == backward.units,
            "params-clash",
            f'"{self.merge_mode}" joins outputs of one size only',
            set_params_fix("Put the outputs side by side.", merge_mode="concat"),
            param="merge_mode",
            found=f"{forward.units} units forward, {backward.units} backward",
            expected="as many units in both directions",
        )

    def weights(self, x: TensorSpec) -> Weights:
        return tuple(
            _below(f"{name}_{to_snake_case(layer.kind())}", part, weight)
            for (name, layer), part in zip(
                self.directions().items(), ("ahead", "back"), strict=True
            )
            for weight in layer.weights(x)
        )

    def masks(self, x: TensorSpec) -> bool:
        return bool(self.layer.masks(x))

    def build(self, nn: Nn, x: TensorSpec) -> Module:
        forward, backward = (layer.build(nn, x) for layer in self.directions().values())
        if self.merge_mode == "concat":
            return nn.Bidirectional(forward, backward)
        return nn.Bidirectional(forward, backward, merge_mode=self.merge_mode)

    def call(
        self, torch: Torch, pair: Module, x: Tensor, mask: Tensor | None = None
    ) -> Tensor | Mapping[str, Tensor]:
        answer = pair(x) if mask is None else pair(x, mask)
        names = self.outputs()
        if len(names) == 1:
            return answer
        return {name: answer[place] for place, name in enumerate(names)}

    def outputs(self) -> tuple[str, ...]:
        """Return the names of what comes out, the main one first."""
        main = ("output",) if self.merge_mode else ("forward", "backward")
        if not self.layer.return_state:
            return main
        return main + tuple(
            f"{name}_{state}" for name, layer in self.directions().items() for state in layer.states
        )

    def activities(self) -> Mapping[str, Any]:
        """Return the penalties of the two directions, whose outputs are joined behind them."""
        parts = zip(("ahead", "back"), self.directions().values(), strict=True)
        return {part: layer.activities()[""] for part, layer in parts if layer.activities()}

    def cost(self, x: TensorSpec) -> Cost:
        forward, backward = (layer.cost(x) for layer in self.directions().values())
        return Cost(
            forward.multiply_adds + backward.multiply_adds,
            forward.activations + backward.activations,
        )


def _told(layer: Recurrence, x: TensorSpec) -> dict[str, TensorSpec]:
    answer = layer.infer(x)
    return {"output": answer} if isinstance(answer, TensorSpec) else dict(answer)


def _below(prefix: str, part: str, weight: Weight) -> Weight:
    """Return the weight of one direction under its name in the pair."""
    layouts = tuple(replace(each, param=f"{part}.{each.param}") for each in weight.layouts)
    return replace(weight, name=f"{prefix}/{weight.name}", layouts=layouts)
