"""Fixes that edit the data mapping of an Input whose values are invalid or constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import Encoder, IdsEncoder, NumberEncoder, TextEncoder
from engine.data.table.array import Array
from engine.data.table.chunks import row_blocks
from engine.recipe import encoding
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.encoding import Encoding, encoding_to_json

Edit = Mapping[str, Any]


def _set_mapping(port: str, source: dict[str, Any]) -> Edit:
    return {"do": "set_mapping", "side": "inputs", "node": port, "source": source}


def fill_fix(mapping: DataMapping, port: str) -> Fix:
    """Return the fix that fills missing numbers of the Input `port` with the column's median."""
    source = mapping.source("inputs", port)
    encodings = tuple(_with_fill(settings) for settings in source.encodings)
    params = {key: value for key, value in source.params().items() if key != "scale"}
    params["encode"] = encoding_to_json(encodings[0] if len(set(encodings)) == 1 else encodings)
    return Fix("Fill them with the median of the training rows.", _set_mapping(port, params))


def _with_fill(settings: Encoding | None) -> Encoding | None:
    if settings is None:
        return encoding.Number(fill="median")
    if isinstance(settings, encoding.Number):
        return settings.model_copy(update={"fill": "median"})
    return settings


def pad_fix(
    mapping: DataMapping | None, port: str, encoder: Encoder | None, length: int
) -> list[Fix]:
    """Return the fix that pads an Input's sequences to `length`.

    The result is [] unless `encoder` transforms text or lists of ids to padded sequences.
    """
    if mapping is None or not isinstance(encoder, TextEncoder | IdsEncoder):
        return []
    source = mapping.source("inputs", port)
    settings = source.encodings[0] or (
        encoding.Ids() if isinstance(encoder, IdsEncoder) else encoding.Text(unit=encoder.unit)
    )
    padded = settings.model_copy(update={"length": length})
    edit = _set_mapping(port, source.with_encoding(source.column_names[0], padded))
    return [Fix(f"Pad the sequences to {length:,} steps.", edit)]


def constant_column_warnings(
    dataset: Dataset, mapping: DataMapping | None, shapes: Mapping[str, Sequence[int | None]]
) -> Iterator[Diagnostic]:
    """Yield a warning for each numeric column that has the same value in every row.

    `shapes` are those of the Inputs, by name. With windows, the first axis counts the past steps.

    Arrays are not checked: a pixel that is black in every image is not a mistake.
    """
    if mapping is None or dataset.row_count < 2:
        return
    for port, values in dataset.inputs.items():
        source = mapping.source("inputs", port)
        encoder = dataset.fitted.inputs.get(port)
        width = values.shape[1] if values.ndim == 2 else 1
        is_numeric = encoder is None or isinstance(encoder, NumberEncoder)
        is_plain = is_numeric and values.dtype.kind == "f" and values.ndim <= 2
        if not is_plain or width != len(source.column_names):
            continue
        for index in np.flatnonzero(_constant_features(values)).tolist():
            columns = source.column_names
            shape = [*shapes.get(port, ())[:-1], len(columns) - 1]
            yield Diagnostic.warning(
                "column-constant",
                f'"{columns[index]}" is the same in every row',
                leave_out_fix(port, source, index, shape),
                node=port,
                place=f"column {columns[index]}",
                found="one value only",
                expected="values that differ",
            )


def _constant_features(values: Array) -> Array:
    """Return, for each feature, whether it has the same value in every row."""
    first = np.array(values[0]).reshape(-1)
    is_constant = np.ones(len(first), bool)
    for _, part in row_blocks(values):
        is_constant &= (part.reshape(len(part), -1) == first).all(axis=0)
        if not is_constant.any():
            break
    return is_constant


def leave_out_fix(port: str, source: Source, index: int, shape: Sequence[int | None]) -> Fix:
    """Return the fix that leaves a column of an Input out, whose shape is then `shape`."""
    if len(source.column_names) == 1:
        return Fix(f'Remove the input "{port}", which has no other column.')
    set_shape = {"do": "set_params", "node": port, "params": {"shape": list(shape)}}
    edits = [_set_mapping(port, _without_column(source, index)), set_shape]
    return Fix(f'Leave "{source.column_names[index]}" out.', {"do": "several", "edits": edits})


def _without_column(source: Source, index: int) -> dict[str, Any]:
    """Return the JSON of a source without its column number `index`."""
    params = source.params()
    for key in ("columns", "encode"):
        if isinstance(params.get(key), list):
            params[key] = [*params[key][:index], *params[key][index + 1 :]]
    return params
