"""Encoders, which transform columns to arrays of numbers, and predictions back to values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.data.encoders.base import (
    ENCODERS,
    Encoder,
    EncoderField,
    Fitter,
    PortRequirement,
)
from engine.data.encoders.concatenation import ConcatEncoder
from engine.data.encoders.date import DateEncoder, DateFitter
from engine.data.encoders.ids import IdsEncoder, IdsFitter
from engine.data.encoders.image import ImageEncoder, ImageFitter
from engine.data.encoders.labels import (
    BooleanEncoder,
    BooleanFitter,
    CategoryEncoder,
    CategoryFitter,
    LabelEncoder,
)
from engine.data.encoders.multilabel import MultilabelEncoder, MultilabelFitter
from engine.data.encoders.number import NumberEncoder, NumberFitter
from engine.data.encoders.padding import lists_to_array
from engine.data.encoders.text import TextEncoder, TextFitter
from engine.recipe import encoding

__all__ = [
    "ENCODERS",
    "ConcatEncoder",
    "BooleanEncoder",
    "CategoryEncoder",
    "DateEncoder",
    "Encoder",
    "EncoderField",
    "IdsEncoder",
    "ImageEncoder",
    "LabelEncoder",
    "MultilabelEncoder",
    "NumberEncoder",
    "TextEncoder",
    "PortRequirement",
    "lists_to_array",
    "column_encoders",
    "column_features",
    "create_fitter",
]


_FITTERS: Mapping[type[encoding.Encoding], Callable[[Any, PortRequirement], Fitter]] = {
    encoding.Number: NumberFitter,
    encoding.Category: CategoryFitter,
    encoding.Boolean: BooleanFitter,
    encoding.Text: TextFitter,
    encoding.Ids: IdsFitter,
    encoding.Multilabel: MultilabelFitter,
    encoding.Date: DateFitter,
    encoding.Image: ImageFitter,
}


def create_fitter(
    settings: encoding.Encoding, requirement: PortRequirement | None = None
) -> Fitter:
    """Return the fitter for an encoding. `requirement` is what the encoded Input or target needs.

    Raises:
        DiagnosticError: if the Input or target lacks what the encoder needs, such as a length.
    """
    return _FITTERS[type(settings)](settings, requirement or PortRequirement())


def column_encoders(encoder: Encoder | None, count: int) -> Sequence[Encoder | None]:
    """Return the encoder of each of the `count` columns of a port.

    Columns of numbers may share one: each gets a copy with the values of this column.
    """
    if isinstance(encoder, ConcatEncoder):
        return encoder.parts
    if isinstance(encoder, NumberEncoder) and count > 1:
        return [encoder.of_column(index) for index in range(count)]
    return [encoder] * count


def column_features(
    encoder: Encoder | None, columns: Sequence[str], width: int
) -> list[tuple[str, ...]]:
    """Return the names of the features of each column of a port, [] if there are not `width`."""
    parts = zip(column_encoders(encoder, len(columns)), columns, strict=True)
    names = [part.feature_names(column) if part else (column,) for part, column in parts]
    return names if sum(map(len, names)) == width else []
