"""Detects columns whose cells hold several labels, such as "a|b", "a, b" or "['a', 'b']"."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.encoders.multilabel import split_labels
from engine.data.table.column_types import TextArray, matches_pattern
from engine.recipe.encoding import LIST_SEPARATOR

SEPARATORS = ("|", ";", ",", "/", " ")
_USUAL_SEPARATORS = ("|", ";", ",")  # the others also occur within labels, as in "New York"
MAX_LABEL_WORDS = 3.0  # the maximum mean number of words in labels
_MAX_LABELS = 200  # of rare combinations
_LIST = r"^\[.*\]$"


def label_separator(sample: TextArray) -> str:
    """Return the separator of labels within a cell, "" if cells don't hold several labels.

    For cells such as "['a', 'b']", the result is `LIST_SEPARATOR`.
    """
    if len(sample) and matches_pattern(sample, _LIST).mean() > 0.9:
        return LIST_SEPARATOR if _repeats(sample, LIST_SEPARATOR) else ""
    for separator in SEPARATORS:
        fraction = pc.mean(pc.match_substring(sample, separator)).as_py() or 0.0
        if fraction >= 0.3 and separator in _USUAL_SEPARATORS and _repeats(sample, separator):
            return separator
        if fraction >= 0.05 and _is_label_set(sample, separator):
            return separator
    return ""


def _repeats(sample: TextArray, separator: str) -> bool:
    """Return whether labels are short and occur several times, in different combinations."""
    labels = split_labels(sample, separator).values
    of_distinct = split_labels(pc.unique(sample), separator).values
    repeats = 2 * len(pc.unique(labels)) <= len(labels)
    repeats = repeats and len(pc.unique(of_distinct)) < len(of_distinct)
    return repeats and count_words(labels).max(initial=0) <= MAX_LABEL_WORDS


def _is_label_set(sample: TextArray, separator: str) -> bool:
    """Return whether a few labels make up all cells, alone and in many combinations.

    So "red/blue" beside "red" and "blue" are labels, but "and/or" or "New York" are not.
    """
    distinct = pc.unique(sample)
    rows = split_labels(distinct, separator)
    labels = pc.unique(rows.values)
    if (
        not 2 <= len(labels) <= min(_MAX_LABELS, len(distinct) - 1)
        or count_words(labels).max(initial=0) > MAX_LABEL_WORDS
    ):
        return False
    combined = distinct.filter(pc.match_substring(distinct, separator))
    in_combination = pc.value_counts(split_labels(combined, separator).values)
    if not len(in_combination):  # cells of separators only
        return False
    recurring = pc.greater(in_combination.field("counts"), 1).to_numpy(zero_copy_only=False)
    alone = float(pc.is_in(labels, value_set=distinct).to_numpy(zero_copy_only=False).mean())
    is_combined = 2 * len(labels) <= len(distinct)
    is_usual = separator in _USUAL_SEPARATORS
    return recurring.mean() >= 0.9 and (
        alone >= 0.9 or (is_combined and (is_usual or alone >= 0.5))
    )


def count_words(cells: TextArray) -> NDArray[np.int64]:
    """Return the number of words in each cell."""
    return np.asarray(pc.count_substring_regex(cells, r"\S+"), np.int64)
