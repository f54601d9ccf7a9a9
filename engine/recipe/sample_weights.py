"""The `weights` entry of a file's `data` block: which column says how much each row counts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.core.schema import Schema

ALL = ""  # stands for every output, in the place of a name
_EXAMPLE = 'Write {"column": "name"} for all outputs, or {"output": {"column": "name"}} for some.'


class Weight(Schema):
    """Where the weights of rows come from."""

    column: str = Field(min_length=1, description="Numbers from 0; a row of 2 counts twice.")


Weights = Mapping[str, Weight]


def read_weights(entry: Any) -> dict[str, Weight] | list[Diagnostic]:
    """Return the weights by output, or under `ALL`, or what is wrong with the entry."""
    if not isinstance(entry, Mapping):
        return [_unfit("weights", entry)]
    if isinstance(entry.get("column"), str):
        entry = {ALL: entry}
    read: dict[str, Weight] = {}
    found: list[Diagnostic] = []
    for output, told in entry.items():
        weight = Weight.problems(told) if isinstance(told, Mapping) else None
        if isinstance(weight, Weight):
            read[output] = weight
        else:
            found.append(_unfit(f"weights.{output}" if output else "weights", told))
    return found or read


def plain_weights(weights: Weights) -> dict[str, Any]:
    """Return the shortest JSON that `read_weights` turns into equal weights."""
    plain = {output: weight.params() for output, weight in weights.items()}
    return plain.get(ALL, plain)


def set_weights(text: str, weights: Weights) -> Fix:
    """Return a fix that takes the weights of rows from elsewhere."""
    return Fix(text, {"do": "set_weights", "weights": plain_weights(weights) or None})


def strange_weights(weights: Weights, outputs: Collection[str]) -> Iterator[Diagnostic]:
    """Yield a finding for each name that no Output of the graph has."""
    for port in (port for port in weights if port not in (*outputs, ALL)):
        nearest = nearest_word(port, outputs)
        others = {name: weight for name, weight in weights.items() if name != port}
        fixes = [set_weights(f'Remove "{port}" from the weights.', others)]
        if nearest and nearest not in weights:
            better = {**others, nearest: weights[port]}
            fixes.insert(0, set_weights(f'Call it "{nearest}".', better))
        yield Diagnostic(
            "port-unknown",
            f'the graph has no output called "{port}"',
            place=f"data.weights.{port}",
            found=port,
            expected=", ".join(outputs) or "no outputs",
            fixes=tuple(fixes),
        )


def _unfit(place: str, entry: Any) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"{place}" can\'t be {json.dumps(entry, default=str)[:60]}',
        place=f"data.{place}",
        found=json.dumps(entry, default=str)[:60],
        expected='{"column": name}, for all outputs or under the name of one',
        fixes=(Fix(_EXAMPLE), set_weights("Let all rows count the same.", {})),
    )
