"""Encoders: columns to arrays of numbers, and predictions back to values. One module per encoder."""

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


def fitter(asked: encoding.Encoding, wanted: Wanted | None = None) -> Fitter:
    """Return the fitter of an encoder.

    Args:
        asked: the settings of the encoder.
        wanted: the requirements of the port.

    Raises:
        Refused: if the port lacks what the encoder needs, such as a length.
    """
    wanted = wanted or Wanted()
    match asked:
        case encoding.Number():
            return NumberFitter(asked)
        case encoding.Category():
            return CategoryFitter(asked, wanted)
        case encoding.Boolean():
            return BooleanFitter(wanted)
        case encoding.Text():
            return TextFitter(asked, wanted)
        case encoding.Ids():
            return IdsFitter(asked, wanted)
        case encoding.Multilabel():
            return MultilabelFitter(asked, wanted)
        case encoding.Date():
            return DateFitter(asked)
        case encoding.Image():
            return ImageFitter(asked, wanted)
    raise TypeError(f"no encoder for {type(asked).__name__}")
