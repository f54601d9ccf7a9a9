"""Checks whether a score of two runs can be compared, and explains why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from engine.core.formatting.numbers import format_json_value
from engine.events import OutputInfo
from engine.graph.model import Graph
from engine.layers.io import Output
from engine.runs.comparison.score_summary import SCALED_UNITS, score_unit
from engine.runs.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class ScoreBasis:
    """The settings on which the scores of a run depend, as they are at the end of the run."""

    outputs: tuple[OutputInfo, ...]
    weights: Mapping[str, float]
    losses: Mapping[str, Any]
    class_weights: Mapping[str, Any]

    def scale(self, output: str) -> str:
        """Return the unit of an output's scaled target, "" if the target is not scaled."""
        unit = next((head.unit for head in self.outputs if head.name == output), "")
        return unit if unit in SCALED_UNITS else ""

    @classmethod
    def from_run(cls, graph: Graph, state: RunState) -> Self:
        """Return the settings of a run: outputs, latest loss weights, losses and class weights."""
        layers = {node.name: node.layer for node in graph if isinstance(node.layer, Output)}
        outputs = {name: layer.model_dump(mode="json") for name, layer in layers.items()}
        return cls(
            state.outputs,
            state.weights.latest,
            {name: fields["loss"] for name, fields in outputs.items()},
            {name: fields["class_weight"] for name, fields in outputs.items()},
        )


def incomparable_reason(score: str, one: ScoreBasis, other: ScoreBasis) -> str:
    """Return why a score such as "age/mae" of two runs can't be compared; "" if it can."""
    output, _, kind = score.rpartition("/")
    names = [output] if output else list(dict.fromkeys((*one.losses, *other.losses)))
    reasons: list[str] = []
    if not output:
        for name in dict.fromkeys((*one.weights, *other.weights)):
            weights = one.weights.get(name), other.weights.get(name)
            reasons += _difference(f"weight of {name} in the total", *weights)
    if kind == "loss":
        for name in names:
            reasons += _difference(f"scale of {name}", one.scale(name), other.scale(name))
            reasons += _difference(f"loss of {name}", one.losses.get(name), other.losses.get(name))
            if one.class_weights.get(name) != other.class_weights.get(name):
                reasons.append(f"the class weights of {name} differ")
    reasons += _difference("unit", score_unit(one.outputs, score), score_unit(other.outputs, score))
    return f"Not comparable: {'; '.join(reasons)}" if reasons else ""


def _difference(name: str, one: Any, other: Any) -> Iterator[str]:
    if one != other:
        yield f"the {name} is {_describe(one)} in one run, {_describe(other)} in the other"


def _describe(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("kind", "another")
    return format_json_value(None if value == "" else value)
