"""Sample weight columns: the `weights` entry of a project's `data` block."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.core.schema import Schema, invalid_value

ALL_OUTPUTS = ""  # the key of a column for all outputs
_EXAMPLE = 'Write {"column": "name"} for all outputs, or {"output": {"column": "name"}} for some.'


class WeightColumn(Schema):
    """The column of the sample weights."""

    column: str = Field(
        min_length=1,
        description="A column of non-negative weights; a row of weight 2 counts twice.",
    )


WeightColumns = Mapping[str, WeightColumn]


def parse_weight_columns(entry: Any) -> dict[str, WeightColumn] | list[Diagnostic]:
    """Return the sample weight columns by output name, or diagnostics if `entry` is invalid.

    `entry` is the value of "weights" in the data mapping. If it is a single column, the
    column applies to all outputs and has the key `ALL_OUTPUTS`.
    """
    if not isinstance(entry, Mapping):
        return [_invalid_entry("weights", entry)]
    if isinstance(entry.get("column"), str):
        entry = {ALL_OUTPUTS: entry}
    columns: dict[str, WeightColumn] = {}
    diagnostics: list[Diagnostic] = []
    for output, value in entry.items():
        weight = WeightColumn.try_from_params(value) if isinstance(value, Mapping) else None
        if isinstance(weight, WeightColumn):
            columns[output] = weight
        else:
            diagnostics.append(_invalid_entry(f"weights.{output}" if output else "weights", value))
    return diagnostics or columns


def weight_columns_to_json(weights: WeightColumns) -> dict[str, Any]:
    """Return the shortest JSON that `parse_weight_columns` turns into equal columns."""
    plain = {output: weight.params() for output, weight in weights.items()}
    return plain.get(ALL_OUTPUTS, plain)


def set_weights_fix(text: str, weights: WeightColumns) -> Fix:
    """Return a fix with the description `text` that sets the sample weight columns to `weights`."""
    return Fix(text, {"do": "set_weights", "weights": weight_columns_to_json(weights) or None})


def unknown_output_diagnostics(
    weights: WeightColumns, outputs: Collection[str]
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each output in `weights` that the graph does not have."""
    for port in (port for port in weights if port not in (*outputs, ALL_OUTPUTS)):
        nearest = nearest_word(port, outputs)
        others = {name: weight for name, weight in weights.items() if name != port}
        fixes = [set_weights_fix(f'Remove "{port}" from the weights.', others)]
        if nearest and nearest not in weights:
            renamed = {**others, nearest: weights[port]}
            fixes.insert(0, set_weights_fix(f'Call it "{nearest}".', renamed))
        yield Diagnostic.error(
            "port-unknown",
            f'the graph has no output called "{port}"',
            *fixes,
            place=f"data.weights.{port}",
            found=port,
            expected=", ".join(outputs) or "no outputs",
        )


def _invalid_entry(path: str, entry: Any) -> Diagnostic:
    fixes = Fix(_EXAMPLE), set_weights_fix("Weight all rows equally.", {})
    expected = '{"column": name} for all outputs, or one under the name of each'
    return invalid_value(path, entry, f"data.{path}", *fixes, expected=expected)
