"""Edits of the mapping that mend what the audit finds in an Input's values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import Encoder, Ids, Number, Text
from engine.data.table.chunks import parts
from engine.recipe import encoding
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.encoding import Encoding, plain

Array = NDArray[Any]
Edit = Mapping[str, Any]


def _set(port: str, source: dict[str, Any]) -> Edit:
    return {"do": "set_mapping", "side": "inputs", "node": port, "source": source}


def filling(mapping: DataMapping, port: str) -> Fix:
    """Return the fix that fills missing numbers of an Input with the median of their column."""
    source = mapping.source("inputs", port)
    each = tuple(_filled(asked) for asked in source.encodings)
    params = {key: value for key, value in source.params().items() if key != "scale"}
    params["encode"] = plain(each[0] if len(set(each)) == 1 else each)
    return Fix("Fill them with the median of the training rows.", _set(port, params))


def _filled(asked: Encoding | None) -> Encoding | None:
    if asked is None:
        return encoding.Number(fill="median")
    if isinstance(asked, encoding.Number):
        return asked.model_copy(update={"fill": "median"})
    return asked


def padding(mapping: DataMapping, port: str, encoder: Encoder | None, length: int) -> Fix | None:
    """Return the fix that brings the sequences of an Input to a length, None for arrays."""
    if not isinstance(encoder, Text | Ids):
        return None
    source = mapping.source("inputs", port)
    asked = source.encodings[0] or (
        encoding.Ids() if isinstance(encoder, Ids) else encoding.Text(unit=encoder.unit)
    )
    longer = asked.model_copy(update={"length": length})
    edit = _set(port, source.encoded(source.names[0], longer))
    return Fix(f"Fill the sequences up to {length:,} steps.", edit)


def constants(dataset: Dataset, mapping: DataMapping | None) -> Iterator[Diagnostic]:
    """Warn of columns that feed one and the same number in every row.

    Only columns that are named one by one are looked at: a pixel that is black in every picture,
    one of hundreds in an array, is no mistake.
    """
    if mapping is None or dataset.rows < 2:
        return
    for port, values in dataset.inputs.items():
        source = mapping.source("inputs", port)
        encoder = dataset.fitted.inputs.get(port)
        width = values.shape[1] if values.ndim == 2 else 1
        numbers = encoder is None or isinstance(encoder, Number)
        plain_numbers = numbers and values.dtype.kind == "f" and values.ndim <= 2
        if not plain_numbers or width != len(source.names):
            continue
        for place in np.flatnonzero(_same(values)).tolist():
            yield _constant(port, source, place)


def _same(values: Array) -> Array:
    """Return which features have one value only."""
    first = np.array(values[0]).reshape(-1)
    same = np.ones(len(first), bool)
    for _, part in parts(values):
        same &= (part.reshape(len(part), -1) == first).all(axis=0)
        if not same.any():
            break
    return same


def _constant(port: str, source: Source, place: int) -> Diagnostic:
    name = source.names[place]
    fix = Fix(f"Take the Input {port} out: nothing can be learned from it.")
    if source.columns and len(source.columns) > 1:
        shape = {"do": "set_params", "node": port, "params": {"shape": [len(source.columns) - 1]}}
        edit = {"do": "several", "edits": [_set(port, _without(source, place)), shape]}
        fix = Fix(f'Leave "{name}" out.', edit)
    return Diagnostic(
        "column-constant",
        f'"{name}" is the same in every row',
        severity="warning",
        node=port,
        place=f"column {name}",
        found="one value only",
        expected="values that differ",
        fixes=(fix,),
    )


def _without(source: Source, place: int) -> dict[str, Any]:
    """Return the JSON of a source without one of its columns."""
    params = source.params()
    for key in ("columns", "encode"):
        if isinstance(params.get(key), list):
            params[key] = [each for at, each in enumerate(params[key]) if at != place]
    return params
