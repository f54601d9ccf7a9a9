"""Encoders: columns to arrays of numbers, and predictions back to values."""

from __future__ import annotations

from engine.data.encoders.base import (
    ENCODERS,
    Encoded,
    Encoder,
    EncoderField,
    Fitter,
    Wanted,
)
from engine.data.encoders.concatenation import Beside
from engine.data.encoders.date import Date, DateFitter
from engine.data.encoders.ids import Ids, IdsFitter
from engine.data.encoders.image import Image, ImageFitter
from engine.data.encoders.labels import Boolean, BooleanFitter, Category, CategoryFitter, Labelled
from engine.data.encoders.multilabel import Multilabel, MultilabelFitter
from engine.data.encoders.number import Number, NumberFitter
from engine.data.encoders.padding import dense
from engine.data.encoders.text import Text, TextFitter
from engine.recipe import encoding

__all__ = [
    "ENCODERS",
    "Beside",
    "Boolean",
    "Category",
    "Date",
    "Encoded",
    "Encoder",
    "EncoderField",
    "Fitter",
    "Ids",
    "Image",
    "Labelled",
    "Multilabel",
    "Number",
    "Text",
    "Wanted",
    "dense",
    "fitter",
]


def fitter(settings: encoding.Encoding, requirement: Wanted | None = None) -> Fitter:
    """Return the fitter of an encoder.

    Args:
        settings: the settings of the encoder.
        requirement: the requirements of the port.

    Raises:
        DiagnosticError: if the port lacks what the encoder needs, such as a length.
    """
    requirement = requirement or Wanted()
    match settings:
        case encoding.Number():
            return NumberFitter(settings)
        case encoding.Category():
            return CategoryFitter(settings, requirement)
        case encoding.Boolean():
            return BooleanFitter(requirement)
        case encoding.Text():
            return TextFitter(settings, requirement)
        case encoding.Ids():
            return IdsFitter(settings, requirement)
        case encoding.Multilabel():
            return MultilabelFitter(settings, requirement)
        case encoding.Date():
            return DateFitter(settings)
        case encoding.Image():
            return ImageFitter(settings, requirement)
    raise TypeError(f"no encoder for {type(settings).__name__}")
