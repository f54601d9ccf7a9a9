"""Encodings: the settings of encoders. `engine.data.encoders` holds the fitted encoders."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    NonNegativeInt,
    PlainSerializer,
    PlainValidator,
    PositiveInt,
    WithJsonSchema,
)

from engine.core.registry import Registry
from engine.core.schema import Schema

NumberScale = Literal["none", "standardize", "minmax", "log", "robust", "quantile", "mean"]
OTHER_LABEL = "other"  # of rare, unknown or missing labels
PaddingSide = Literal["end", "start"]
DatePart = Literal["year", "month", "day", "weekday", "yearday", "hour", "minute", "days"]
# The date parts that may be encoded as sine and cosine, and their periods.
DATE_PERIODS: Mapping[DatePart, float] = MappingProxyType(
    {"month": 12, "day": 31, "weekday": 7, "yearday": 366, "hour": 24, "minute": 60}
)
TextUnit = Literal["word", "character", "bpe"]
DateOrder = Literal["day", "month"]
LIST_SEPARATOR = "[]"  # of labels in lists such as ["a", "b"]
PixelRange = Literal["unit", "symmetric", "none"]
Length = Annotated[
    PositiveInt | None,
    Field(description="Ids per row; null uses the length of the Input, else of the longest row."),
]
IgnoreCase = Annotated[
    bool,
    Field(description="Labels that differ only in case or surrounding whitespace are one label."),
]
Padding = Annotated[
    PaddingSide, Field(description="The side that is padded; long rows are truncated at the end.")
]


class Encoding(Schema):
    """The base of all encodings, the settings of how a column is converted to numbers."""


ENCODINGS: Registry[Encoding] = Registry("encoding")


@ENCODINGS.register()
class Number(Encoding):
    """Numbers, unchanged or scaled."""

    scale: NumberScale = Field(
        "none",
        description="standardize: mean 0, standard deviation 1; minmax: 0 to 1; robust: by median "
        "and quartiles; log: log(1 + value), then standardized; quantile: the rank among the "
        "training values, then standardized, from -1.73 to 1.73; mean: divided by the mean.",
    )
    fill: Literal["error", "mean", "median", "zero"] = Field(
        "error", description="The fill value of missing numbers; error accepts none."
    )


@ENCODINGS.register()
class Category(Encoding):
    """One of several labels: a class id for an int32 Input, else one-hot columns."""

    rare: NonNegativeInt = Field(
        0, description='Labels that occur fewer times than this, or never, are grouped as "other".'
    )
    unknown: Literal["error", "other", "ignore"] = Field(
        "error",
        description='A label that is not in the training rows: an error, "other", or, in one-hot '
        "columns, ignore: all are 0.",
    )
    ignore_case: IgnoreCase = False
    fill: Literal["error", "other", "most_frequent"] = Field(
        "error",
        description='A missing label: an error, "other", or the most frequent label in training.',
    )


@ENCODINGS.register()
class Boolean(Encoding):
    """One of two labels, as 0 and 1."""

    ignore_case: IgnoreCase = False
    fill: Literal["error", "most_frequent"] = Field(
        "error", description="A missing label: an error, or the more frequent label in training."
    )


@ENCODINGS.register()
class Text(Encoding):
    """Words, characters or subwords as ids; 0 is padding, 1 is unknown."""

    unit: TextUnit = Field(
        "word", description="The tokens; bpe are subwords by byte-pair encoding."
    )
    vocabulary: int = Field(
        20_000,
        ge=3,
        description="The maximum vocabulary size, with padding and unknown; frequent tokens first.",
    )
    lower: bool = Field(True, description="Convert text to lower case.")
    length: Length = None
    pad: Padding = "end"


@ENCODINGS.register()
class Ids(Encoding):
    """A sequence of integer ids, as a list or as text such as "3 17 4"."""

    length: Length = None
    pad: Padding = "end"


@ENCODINGS.register()
class Multilabel(Encoding):
    """Any number of labels per cell, as multi-hot columns."""

    separator: str = Field(
        "|",
        min_length=1,
        description='The separator between labels; "[]" for lists such as ["a", "b"].',
    )
    unknown: Literal["error", "ignore"] = Field(
        "error", description="A label that is not in the training rows: an error, or left out."
    )


@ENCODINGS.register()
class Date(Encoding):
    """A date, encoded as its parts. Cyclic parts, such as the month, become sine and cosine."""

    parts: tuple[DatePart, ...] = Field(
        ("year", "month", "day", "weekday"),
        min_length=1,
        description="The parts to use; days is the time since 1970 in days, with a fraction.",
    )
    cycles: bool = Field(
        True, description="Encode cyclic parts as sine and cosine: day 31 is close to day 1."
    )
    first: DateOrder | None = Field(
        None, description="Whether the day or month is first in 3/4/2024; null detects it."
    )
    fill: Literal["error", "zero"] = Field(
        "error", description="A missing date: an error, or all zeros."
    )


@ENCODINGS.register()
class Image(Encoding):
    """The pixels of an image file. A cell contains the path, relative to the table's folder."""

    size: tuple[PositiveInt, PositiveInt] | None = Field(
        None, description="Height and width of the resized images; null uses those of the Input."
    )
    channels: Literal[1, 3] | None = Field(
        None, description="1 for grayscale, 3 for RGB; null uses that of the Input."
    )
    scale: PixelRange = Field(
        "unit", description="Range of the values: unit 0 to 1, symmetric -1 to 1, none 0 to 255."
    )


EncodeValue = Encoding | tuple[Encoding | None, ...] | None


def _parse(value: object) -> EncodeValue:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return tuple(None if item is None else ENCODINGS.validate(item) for item in value)
    return ENCODINGS.validate(value)


def encoding_to_json(encode: EncodeValue) -> Any:
    """Return the shortest JSON for one encoding, or for a tuple of encodings, one per column."""
    if isinstance(encode, tuple):
        return [encoding_to_json(item) for item in encode]
    return None if encode is None else ENCODINGS.to_plain_json(encode)


EncodeField = Annotated[
    EncodeValue,
    PlainValidator(_parse),
    PlainSerializer(encoding_to_json),
    WithJsonSchema({"anyOf": [{"enum": list(ENCODINGS)}, {"type": "array"}, {"type": "null"}]}),
    ENCODINGS,  # for `find_registry`
]
