"""Tokenization of text into words, characters, or parts between spaces."""

from __future__ import annotations

import numpy as np

from engine.data.encoders.categories import texts
from engine.data.encoders.padding import Ragged, filled, ragged
from engine.data.table.column_types import Column, TextArray, is_list
from engine.data.table.lazy_arrow import pa, pc

# A word is a run of letters, combining marks, digits and underscores, as in Unicode annex 29.
_SEPARATORS = r"[^\p{L}\p{M}\p{N}_]+"


def words(column: Column, lower: bool) -> Ragged:
    """Return the words of each row; the items of lists are words already."""
    if is_list(column):
        return filled(_list_items(column, lower))
    return filled(ragged(pc.split_pattern_regex(folded(texts(column), lower), _SEPARATORS)))


def chunks(column: Column, lower: bool) -> Ragged:
    """Return the parts between spaces of each row, with punctuation."""
    if is_list(column):
        return filled(_list_items(column, lower))
    return filled(ragged(pc.utf8_split_whitespace(folded(texts(column), lower))))


def characters(column: Column, lower: bool) -> Ragged:
    """Return the code points of each row."""
    cells = pc.list_join(column, " ") if is_list(column) else texts(column)
    cells = folded(cells, lower)
    lengths = pc.utf8_length(cells).to_numpy(zero_copy_only=False).astype(np.int64)
    return Ragged(code_points(cells), lengths)


def code_points(cells: TextArray) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Return the concatenated code points of all texts."""
    # Decode the UTF-8 buffer of the array as a whole; its offsets limit a sliced array.
    data = cells.buffers()[2]
    offsets = np.frombuffer(cells.buffers()[1], np.int64)[cells.offset :][: len(cells) + 1]
    if data is None or not len(cells):
        return np.zeros(0, np.uint32)
    utf8 = memoryview(data)[int(offsets[0]) : int(offsets[-1])]
    return np.frombuffer(bytes(utf8).decode().encode("utf-32-le"), np.uint32)


def folded(cells: TextArray, lower: bool) -> TextArray:
    """Return texts in Unicode normalization form C, optionally in lower case."""
    composed = pc.utf8_normalize(cells, form="NFC")
    return pc.utf8_lower(composed) if lower else composed


def _list_items(column: Column, lower: bool) -> Ragged:
    rows = ragged(column)
    values = rows.values if pa.types.is_large_string(rows.values.type) else rows.values.to_numpy()
    return Ragged(folded(texts(values), lower), rows.lengths)
