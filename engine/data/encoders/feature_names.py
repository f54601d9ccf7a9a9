"""The names of the features that an encoder returns."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data.encoders.base import Encoder
from engine.data.encoders.date import Date
from engine.data.encoders.labels import Category
from engine.data.encoders.multilabel import Multilabel


def part_names(encoder: Encoder, column: str) -> Iterator[str]:
    """Yield the name of each feature of an encoded column."""
    if isinstance(encoder, Multilabel) or (isinstance(encoder, Category) and encoder.hot):
        yield from encoder.labels
    elif isinstance(encoder, Date):
        yield from encoder.names()
    else:
        yield column
