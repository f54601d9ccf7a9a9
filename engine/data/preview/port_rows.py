"""What a port gets of some rows, in plain JSON: their cells beside the numbers made of them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.encoders import (
    Beside,
    Boolean,
    Category,
    Encoder,
    Ids,
    Number,
    Text,
)
from engine.data.encoders.feature_names import part_names
from engine.data.encoders.text import KNOWN
from engine.data.preview.preview_schema import PADDING, UNKNOWN, Row
from engine.data.table.cell_format import cell_texts
from engine.data.table.column_types import Column, is_text
from engine.data.table.number_parser import pointed

Array = NDArray[Any]
MOST = 32  # numbers of a row that are told; the rest is counted
_SIDE = 96  # pixels of a picture


def rows_of(
    columns: Sequence[Column],
    values: Array | None,
    encoder: Encoder | None,
    mask: Array | None = None,
) -> tuple[Row, ...]:
    """Return the rows of a port.

    Args:
        columns: of the table, the same rows as `values`.
        values: what the port gets; None where it gets nothing.
        encoder: that made them, None if numbers stay as they are.
        mask: True where a target counts; None counts all.
    """
    kinds = encoder.parts if isinstance(encoder, Beside) else [encoder] * len(columns)
    read = [values is not None and isinstance(kind, Number | None) for kind in kinds]
    cells = [list(_cells(*each)) for each in zip(columns, read, strict=True)]
    count = len(columns[0]) if values is None else len(values)
    answer = []
    for row in range(count):
        told: dict[str, Any] = {"cells": tuple(column[row] for column in cells)}
        if values is not None:
            told |= _told(np.asarray(values[row]), encoder)
            told["masked"] = mask is not None and not np.any(mask[row])
        answer.append(Row(**told))
    return tuple(answer)


def _cells(column: Column, number: bool) -> Iterator[str]:
    """Yield cells as text; a number has a point, whatever its sign in the file is."""
    for cell in cell_texts(column):
        yield pointed(cell) if number and is_text(column) else cell


def names_of(encoder: Encoder | None, columns: Sequence[str], width: int) -> tuple[str, ...]:
    """Return what each number of a row is called, () where numbers have no names.

    Args:
        encoder: of the port.
        columns: that feed it.
        width: numbers in a row.
    """
    if isinstance(encoder, Beside):
        names = [name for part, column in zip(encoder.parts, columns, strict=True)
                 for name in part_names(part, column)]  # fmt: skip
    elif encoder is not None and len(columns) == 1:
        names = list(part_names(encoder, columns[0]))
    else:
        names = list(columns)
    return tuple(names[:MOST]) if len(names) == width > 1 else ()


def _told(values: Array, encoder: Encoder | None) -> dict[str, Any]:
    pixels = values.ndim == 3 and values.shape[-1] in (1, 3) and min(values.shape[:2]) > 1
    if pixels:
        return {"picture": _picture(values)}
    flat = values.reshape(-1)[:MOST]
    numbers = tuple(
        float(f"{value:.6g}") if np.isfinite(value) else None for value in flat.tolist()
    )
    return {"values": numbers, "words": tuple(_words(flat, encoder))}


def _words(numbers: Array, encoder: Encoder | None) -> Iterator[str]:
    """Yield what each number of a row stands for."""
    if isinstance(encoder, Text):
        for number in numbers.tolist():
            yield (
                (PADDING, UNKNOWN)[number] if number < KNOWN else encoder.vocabulary[number - KNOWN]
            )
    elif isinstance(encoder, Ids):
        yield from ("" if number else PADDING for number in numbers.tolist())
    elif isinstance(encoder, Boolean) or (isinstance(encoder, Category) and not encoder.hot):
        for number in numbers.tolist():
            inside = 0 <= number < len(encoder.labels)
            yield encoder.labels[int(number)] if inside else ""


def _picture(pixels: Array) -> str:
    """Return pixels as a small PNG, their range stretched from black to white."""
    from PIL import Image

    finite = np.nan_to_num(pixels.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    grey = np.rint((finite - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)
    image = Image.fromarray(grey[..., 0] if grey.shape[-1] == 1 else grey)
    image.thumbnail((_SIDE, _SIDE))
    written = io.BytesIO()
    image.save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()
