"""What the numbers are called that an encoder makes of a column."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data.encoders.base import Encoder
from engine.data.encoders.date import Date
from engine.data.encoders.labels import Category
from engine.data.encoders.multilabel import Multilabel


def part_names(encoder: Encoder, column: str) -> Iterator[str]:
    """Yield what each number that an encoder makes of one column is called."""
    if isinstance(encoder, Multilabel) or (isinstance(encoder, Category) and encoder.hot):
        yield from encoder.labels
    elif isinstance(encoder, Date):
        yield from encoder.names()
    else:
        yield column
