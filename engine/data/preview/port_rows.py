"""Builds the preview of a port's rows: the cells of each row and their encoded values."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from engine.data.encoders import (
    BooleanEncoder,
    CategoryEncoder,
    Encoder,
    IdsEncoder,
    NumberEncoder,
    TextEncoder,
    column_encoders,
    column_features,
)
from engine.data.encoders.text import FIRST_TOKEN_ID
from engine.data.preview.preview_schema import PADDING_WORD, UNKNOWN_WORD, PreviewRow
from engine.data.table.array import Array
from engine.data.table.cell_format import format_cells
from engine.data.table.column_types import Column, is_text
from engine.data.table.number_parser import with_decimal_point

MAX_VALUES = 32  # the maximum number of values of a row that a preview shows
_THUMBNAIL_SIZE = 96  # the maximum width and height of a thumbnail in pixels


def preview_rows(
    columns: Sequence[Column],
    values: Array | None,
    encoder: Encoder | None,
    mask: Array | None = None,
) -> tuple[PreviewRow, ...]:
    """Return the preview rows of a port.

    Args:
        columns: the table columns that feed the port, with the same rows as `values`.
        values: the encoded values of the port; None if they can't be encoded.
        encoder: the encoder of the port; None if the port reads numbers as they are.
        mask: True where a target is present; None if all targets are present.
    """
    encoders = column_encoders(encoder, len(columns))
    cells = [list(_cells(*pair)) for pair in zip(columns, encoders, strict=True)]
    count = len(columns[0]) if values is None else len(values)
    rows = []
    for index in range(count):
        params: dict[str, Any] = {"cells": tuple(column[index] for column in cells)}
        if values is not None:
            params |= _encoded_params(np.asarray(values[index]), encoder)
            params["masked"] = mask is not None and not np.any(mask[index])
        rows.append(PreviewRow(**params))
    return tuple(rows)


def _cells(column: Column, encoder: Encoder | None) -> Iterator[str]:
    """Yield cells as text, with points in place of the decimal commas of numbers."""
    forms = encoder.forms if isinstance(encoder, NumberEncoder) else ()
    has_commas = is_text(column) and any(form.decimal == "," for form in forms)
    for cell in format_cells(column):
        yield with_decimal_point(cell) if has_commas else cell


def value_names(encoder: Encoder | None, columns: Sequence[str], width: int) -> tuple[str, ...]:
    """Return names of the `width` values that encode a port's `columns`, () if they have none."""
    features = column_features(encoder, columns, width) if width > 1 else []
    return tuple(chain.from_iterable(features))[:MAX_VALUES]


def _encoded_params(values: Array, encoder: Encoder | None) -> dict[str, Any]:
    is_image = values.ndim == 3 and values.shape[-1] in (1, 3) and min(values.shape[:2]) > 1
    if is_image:
        return {"picture": _thumbnail(values)}
    flat = values.reshape(-1)[:MAX_VALUES]
    numbers = tuple(float(f"{x:.6g}") if np.isfinite(x) else None for x in flat.tolist())
    return {"values": numbers, "words": tuple(_decoded_words(flat, encoder))}


def _decoded_words(numbers: Array, encoder: Encoder | None) -> Iterator[str]:
    """Yield the label or word that each of the encoded numbers stands for, "" if there is none.

    If the encoder has neither labels nor words, yield nothing.
    """
    if isinstance(encoder, TextEncoder):
        for number in numbers.tolist():
            yield (
                (PADDING_WORD, UNKNOWN_WORD)[number]
                if number < FIRST_TOKEN_ID
                else encoder.vocabulary[number - FIRST_TOKEN_ID]
            )
    elif isinstance(encoder, IdsEncoder):
        yield from ("" if number else PADDING_WORD for number in numbers.tolist())
    elif isinstance(encoder, BooleanEncoder) or (
        isinstance(encoder, CategoryEncoder) and not encoder.hot
    ):
        for number in numbers.tolist():
            is_valid = 0 <= number < len(encoder.labels)
            yield encoder.labels[int(number)] if is_valid else ""


def _thumbnail(pixels: Array) -> str:
    """Return a PNG thumbnail in base64; the smallest value is black, the largest white."""
    from PIL import Image

    finite = np.nan_to_num(pixels.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    levels = np.rint((finite - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)
    image = Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels)
    image.thumbnail((_THUMBNAIL_SIZE, _THUMBNAIL_SIZE))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()
