"""The names of the features into which an encoder transforms a column."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data.encoders.base import Encoder
from engine.data.encoders.date import DateEncoder
from engine.data.encoders.labels import CategoryEncoder
from engine.data.encoders.multilabel import MultilabelEncoder


def feature_names(encoder: Encoder, column: str) -> Iterator[str]:
    """Yield the feature names of an encoded column. A single feature has the name `column`."""
    if isinstance(encoder, MultilabelEncoder) or (
        isinstance(encoder, CategoryEncoder) and encoder.hot
    ):
        yield from encoder.labels
    elif isinstance(encoder, DateEncoder):
        yield from encoder.feature_names()
    else:
        yield column
