"""Which scores of two runs can't be weighed against each other, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from engine.events import OutputInfo
from engine.graph.model import Graph
from engine.layers.io import Output
from engine.runs.comparison.score_summary import unit_of
from engine.runs.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class Measured:
    """By what the losses of a run were measured in the end.

    Args:
        heads: as the run's start tells them.
        weights: of the losses in the total, by output, as they were turned last.
        losses, classes: of each Output its loss, and the weights of its classes.
    """

    heads: tuple[OutputInfo, ...]
    weights: Mapping[str, float]
    losses: Mapping[str, Any]
    classes: Mapping[str, Any]

    @classmethod
    def of(cls, graph: Graph, state: RunState) -> Self:
        """Return by what a run's losses were measured."""
        outputs = {node.name: node.layer for node in graph if isinstance(node.layer, Output)}
        plain = {name: layer.model_dump(mode="json") for name, layer in outputs.items()}
        return cls(
            state.heads,
            state.weights.newest,
            {name: fields["loss"] for name, fields in plain.items()},
            {name: fields["class_weight"] for name, fields in plain.items()},
        )


def unlike(score: str, one: Measured, other: Measured) -> str:
    """Say why neither run's score is the better one, "" if they can be compared.

    Args:
        score: its name: "loss" for the total, "age/loss", "age/mae".
        one, other: by what the runs were measured.
    """
    output, _, name = score.rpartition("/")
    names = [output] if output else list(dict.fromkeys((*one.losses, *other.losses)))
    why: list[str] = []
    if not output:
        why += _weights(one.weights, other.weights)
    if name == "loss":
        for each in names:
            why += _differing(f"loss of {each}", one.losses.get(each), other.losses.get(each))
            if one.classes.get(each) != other.classes.get(each):
                why.append(f"the classes of {each} have other weights")
    why += _differing("unit", unit_of(one.heads, score), unit_of(other.heads, score))
    return f"Not comparable: {'; '.join(why)}" if why else ""


def _weights(one: Mapping[str, float], other: Mapping[str, float]) -> Iterator[str]:
    for name in dict.fromkeys((*one, *other)):
        yield from _differing(f"weight of {name} in the total", one.get(name), other.get(name))


def _differing(what: str, one: Any, other: Any) -> Iterator[str]:
    if one != other:
        yield f"the {what} is {_shown(one)} in one, {_shown(other)} in the other"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("kind", "another"))
    return f"{value:g}" if isinstance(value, (int, float)) else str(value or "none")
