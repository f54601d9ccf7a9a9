"""How the cells of a column become numbers: what a person asks for, before anything is fitted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    NonNegativeInt,
    PlainSerializer,
    PlainValidator,
    PositiveInt,
    WithJsonSchema,
)

from engine.core.registry import Family
from engine.core.schema import Schema

Scale = Literal["none", "standardize", "minmax", "log", "robust"]
Pad = Literal["end", "start"]
Part = Literal["year", "month", "day", "weekday", "yearday", "hour", "minute", "days"]
Unit = Literal["word", "character", "bpe"]
Order = Literal["day", "month"]
Pixels = Literal["unit", "symmetric", "none"]


class Encoding(Schema):
    """Base of all encodings."""


ENCODINGS: Family[Encoding] = Family("encoding")


@ENCODINGS.add()
class Number(Encoding):
    """Numbers, as they are or brought to one size."""

    scale: Scale = Field(
        "none",
        description="standardize: mean 0, deviation 1; minmax: 0 to 1; robust: median and "
        "quartiles; log: logarithm of 1 + value, then standardised.",
    )
    fill: Literal["error", "mean", "median", "zero"] = Field(
        "error", description="What stands in for a missing number; error refuses it."
    )


@ENCODINGS.add()
class Category(Encoding):
    """One of several labels: its number for an Input of int32, else one column per label."""

    rare: NonNegativeInt = Field(
        0, description='Labels seen fewer times than this, or never, become one label, "other".'
    )
    unknown: Literal["error", "other"] = Field(
        "error", description='A label that the training rows do not hold: refused, or "other".'
    )
    fill: Literal["error", "other"] = Field(
        "error", description='An empty cell: refused, or counted as "other".'
    )


@ENCODINGS.add()
class Boolean(Encoding):
    """One of two labels, as 0 and 1."""


@ENCODINGS.add()
class Text(Encoding):
    """Words, characters or word pieces as ids; 0 is padding, 1 is unknown."""

    unit: Unit = Field("word", description="What gets an id of its own; bpe are pieces of words.")
    vocabulary: int = Field(
        20_000, ge=3, description="How many ids at most, with padding and unknown; rare ones go."
    )
    lower: bool = Field(True, description="Read capital letters as small ones.")
    length: PositiveInt | None = Field(
        None, description="Ids in a row; null takes the Input's, or the longest training row's."
    )
    pad: Pad = Field("end", description="Where zeros fill a short row; a long one loses its end.")


@ENCODINGS.add()
class Ids(Encoding):
    """A sequence of ids that are there already, in a list or as text such as "3 17 4"."""

    length: PositiveInt | None = Field(
        None, description="Ids in a row; null takes the Input's, or the longest training row's."
    )
    pad: Pad = Field("end", description="Where zeros fill a short row; a long one loses its end.")


@ENCODINGS.add()
class Multilabel(Encoding):
    """Any number of labels in a cell, as one column of 0 and 1 per label."""

    separator: str = Field("|", min_length=1, description="What stands between two labels.")


@ENCODINGS.add()
class Date(Encoding):
    """The parts of a date, those that come round again as points on a circle."""

    parts: tuple[Part, ...] = Field(
        ("year", "month", "day", "weekday"),
        min_length=1,
        description="What to take of a date; days counts them from 1970, with their fraction.",
    )
    cycles: bool = Field(
        True, description="Parts that come round as sine and cosine, so that 31 is beside 1."
    )
    first: Order | None = Field(
        None, description="Which comes first in 3/4/2024; null takes what only one can be."
    )
    fill: Literal["error", "zero"] = Field(
        "error", description="A row without a date: refused, or all zeros."
    )


@ENCODINGS.add()
class Image(Encoding):
    """The picture that a cell names, by its path below the table's own folder."""

    size: tuple[PositiveInt, PositiveInt] | None = Field(
        None, description="Height and width that pictures are brought to; null takes the Input's."
    )
    channels: Literal[1, 3] | None = Field(
        None, description="1 for grey, 3 for colours; null takes the Input's."
    )
    scale: Pixels = Field(
        "unit", description="Range: unit 0 to 1, symmetric -1 to 1, none 0 to 255."
    )


Encode = Encoding | tuple[Encoding | None, ...] | None


def _read(value: object) -> Encode:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return tuple(None if each is None else ENCODINGS.validate(each) for each in value)
    return ENCODINGS.validate(value)


def plain(encode: Encode) -> Any:
    """Return the shortest JSON that stands for one encoding, or for one per column."""
    if isinstance(encode, tuple):
        return [plain(each) for each in encode]
    return None if encode is None else ENCODINGS.plain(encode)


EncodeField = Annotated[
    Encode,
    PlainValidator(_read),
    PlainSerializer(plain),
    WithJsonSchema({"anyOf": [{"enum": list(ENCODINGS)}, {"type": "array"}, {"type": "null"}]}),
]
