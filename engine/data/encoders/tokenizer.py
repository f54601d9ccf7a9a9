"""Tokenization of text: into words, into characters, or at spaces."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from engine.data.encoders.categories import CategoricalColumn, to_categorical, to_text
from engine.data.encoders.padding import RaggedRows, drop_empty_texts, ragged_from_lists
from engine.data.table.column_types import Column, TextArray, is_list, is_text, text_column
from engine.recipe.encoding import TextUnit

# A word is a run of letters, combining marks, digits and underscores, as in Unicode annex 29.
_SEPARATORS = r"[^\p{L}\p{M}\p{N}_]+"


def split_tokens(column: Column, unit: TextUnit, lower: bool) -> RaggedRows:
    """Return the words or characters of each row as a `CategoricalColumn`.

    For the unit "bpe", words have their punctuation.
    """
    if unit != "character":
        words = split_words(column, lower, with_punctuation=unit == "bpe")
        return RaggedRows(to_categorical(words.values), words.lengths)
    rows = split_characters(column, lower)
    points = np.flatnonzero(np.bincount(rows.values))
    codes = np.zeros(points.max(initial=0) + 1, np.int32)
    codes[points] = np.arange(len(points))
    categories = text_column(map(chr, points.tolist()))
    return RaggedRows(CategoricalColumn(codes[rows.values], categories), rows.lengths)


def split_words(column: Column, lower: bool, with_punctuation: bool = False) -> RaggedRows:
    """Return the words of each row. In a column of lists, each item is one word.

    If `with_punctuation`, texts are split at whitespace only.
    """
    if is_list(column):
        return drop_empty_texts(_list_items(column, lower))
    texts = normalize_text(to_text(column), lower)
    if with_punctuation:
        words = pc.utf8_split_whitespace(texts)
    else:
        words = pc.split_pattern_regex(texts, _SEPARATORS)
    return drop_empty_texts(ragged_from_lists(words))


def split_characters(column: Column, lower: bool) -> RaggedRows:
    """Return the Unicode code points of each row, as integers."""
    cells = pc.list_join(column, " ") if is_list(column) else to_text(column)
    cells = normalize_text(cells, lower)
    lengths = pc.utf8_length(cells).to_numpy(zero_copy_only=False).astype(np.int64)
    return RaggedRows(code_points(cells), lengths)


def code_points(cells: TextArray) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Return the Unicode code points of all texts, concatenated."""
    # Decode the UTF-8 buffer at once, between the offsets of the first and the last text.
    data = cells.buffers()[2]
    offsets = np.frombuffer(cells.buffers()[1], np.int64)[cells.offset :][: len(cells) + 1]
    if data is None or not len(cells):
        return np.zeros(0, np.uint32)
    utf8 = memoryview(data)[int(offsets[0]) : int(offsets[-1])]
    return np.frombuffer(bytes(utf8).decode().encode("utf-32-le"), np.uint32)


def normalize_text(cells: TextArray, lower: bool) -> TextArray:
    """Return texts in the Unicode normalization form NFC, in lower case if `lower` is True."""
    composed = pc.utf8_normalize(cells, form="NFC")
    return pc.utf8_lower(composed) if lower else composed


def _list_items(column: Column, lower: bool) -> RaggedRows:
    rows = ragged_from_lists(column)
    values = rows.values if is_text(rows.values) else rows.values.to_numpy()
    return RaggedRows(normalize_text(to_text(values), lower), rows.lengths)
