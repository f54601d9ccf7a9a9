"""Fits encoders for tests: whole, in chunks, and through JSON and back."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.data.encoders import ENCODERS, Encoder, PortRequirement, create_fitter
from engine.data.table.column_types import take_rows
from engine.recipe.encoding import Encoding


def fitted(asked: Encoding, column: Any, wanted: PortRequirement | None = None) -> Encoder:
    """Return the encoder of a whole column."""
    return fitted_by(asked, [column], wanted)


def fitted_by(
    asked: Encoding, chunks: Sequence[Any], wanted: PortRequirement | None = None
) -> Encoder:
    """Return the encoder of a column that comes in chunks."""
    fitting = create_fitter(asked, wanted)
    for chunk in chunks:
        fitting.add(chunk)
    return fitting.finish()


def cut(column: Any, sizes: Sequence[int]) -> list[Any]:
    """Return a column in chunks of these sizes, and the rest."""
    ends = np.minimum(np.cumsum([0, *sizes]), len(column)).tolist()
    return [
        take_rows(column, np.arange(start, stop))
        for start, stop in zip(ends, [*ends[1:], len(column)], strict=True)
    ]


def through_json(encoder: Encoder) -> Encoder:
    """Return what is read of what is written of an encoder."""
    return ENCODERS.parse(json.loads(json.dumps(ENCODERS.to_plain_json(encoder))))
