"""Texts taken apart: into words, characters, or what stands between spaces."""

from __future__ import annotations

import numpy as np

from engine.data.encoders.categories import texts
from engine.data.encoders.padding import Ragged, filled, ragged
from engine.data.table.column_types import Column, TextArray, is_list
from engine.data.table.lazy_arrow import pa, pc

# Letters with their marks, digits and the underscore make a word, as in Unicode's annex 29.
_BETWEEN = r"[^\p{L}\p{M}\p{N}_]+"


def words(column: Column, lower: bool) -> Ragged:
    """Return the words of each row; those of lists as they stand there."""
    if is_list(column):
        return filled(_listed(column, lower))
    return filled(ragged(pc.split_pattern_regex(folded(texts(column), lower), _BETWEEN)))


def chunks(column: Column, lower: bool) -> Ragged:
    """Return what stands between spaces, signs and all."""
    if is_list(column):
        return filled(_listed(column, lower))
    return filled(ragged(pc.utf8_split_whitespace(folded(texts(column), lower))))


def characters(column: Column, lower: bool) -> Ragged:
    """Return the code points of each row."""
    cells = pc.list_join(column, " ") if is_list(column) else texts(column)
    cells = folded(cells, lower)
    lengths = pc.utf8_length(cells).to_numpy(zero_copy_only=False).astype(np.int64)
    return Ragged(code_points(cells), lengths)


def code_points(cells: TextArray) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Return the code points of all texts, one after another."""
    data = cells.buffers()[2]
    offsets = np.frombuffer(cells.buffers()[1], np.int64)[cells.offset :][: len(cells) + 1]
    if data is None or not len(cells):
        return np.zeros(0, np.uint32)
    held = memoryview(data)[int(offsets[0]) : int(offsets[-1])]
    return np.frombuffer(bytes(held).decode().encode("utf-32-le"), np.uint32)


def folded(cells: TextArray, lower: bool) -> TextArray:
    """Return texts in which equal signs are equal bytes (Unicode's form C), maybe in lower case."""
    composed = pc.utf8_normalize(cells, form="NFC")
    return pc.utf8_lower(composed) if lower else composed


def _listed(column: Column, lower: bool) -> Ragged:
    rows = ragged(column)
    values = rows.values if pa.types.is_large_string(rows.values.type) else rows.values.to_numpy()
    return Ragged(folded(texts(values), lower), rows.lengths)
