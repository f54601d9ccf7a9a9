"""Decides which columns can be features or targets of a starter network, and of which kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.data.profile.statistics import ColumnStatistics

MAX_CLASSES = 1_000
LONG_TAIL = 2.0  # the tail above the median is longer than the one below by more than this factor
MIN_TAIL_ROWS = 100  # of fewer rows, the 5 % and 95 % quantiles are too uncertain
MAGNITUDES = 1_000.0  # the 95 % quantile is more than this factor above the 5 % quantile
MAX_FEW_CLASSES = 5  # more whole numbers than this may be counts or points, by their distribution


def exclusion_reason(stats: ColumnStatistics) -> str:
    """Return why a column is useless as a feature, "" if it is useful."""
    if stats.missing == stats.rows:
        return "it is empty"
    if stats.kind == "constant":
        return "all its values are the same"
    if stats.kind == "identifier":
        return "every value is different, so it looks like an identifier"
    return stats.fault


def can_be_target(stats: ColumnStatistics) -> bool:
    """Return whether a column can be a target: it holds numbers, or labels that repeat."""
    if stats.kind == "constant" or stats.missing == stats.rows or stats.shape:
        return False
    has_labels = stats.kind == "list" and bool(stats.top)
    if not has_labels and stats.distinct == 1:  # and missing cells, which are masked
        return False
    if stats.kind == "category":
        return (stats.distinct or 0) <= MAX_CLASSES
    return stats.kind == "boolean" or stats.is_numeric or has_labels


def looks_like_classes(stats: ColumnStatistics) -> bool:
    """Return whether whole numbers are predicted as class ids by default.

    Two consecutive numbers always are. Counts with a long upper tail and points, such as the right
    answers of a test, are numbers.
    """
    if stats.distinct == 2:
        return stats.may_be_classes or stats.holds_class_ids
    is_quantity = upper_tail(stats) == "long" or _has_inner_mode(stats)
    is_few = (stats.distinct or 0) <= MAX_FEW_CLASSES
    return stats.holds_class_ids and (is_few or not is_quantity)


def _has_inner_mode(stats: ColumnStatistics) -> bool:
    """Return whether the frequencies of whole numbers rise to one between the ends, then fall."""
    counts = stats.histogram.counts if stats.histogram else ()
    mode = counts.index(max(counts, default=0)) if counts else 0
    rising, falling = counts[: mode + 1], counts[mode:]
    is_one_peak = [*rising] == sorted(rising) and [*falling] == sorted(falling, reverse=True)
    return 0 < mode < len(counts) - 1 and is_one_peak


def upper_tail(stats: ColumnStatistics) -> Literal["", "long", "orders of magnitude"]:
    """Return how far a column of quantities extends above its median; "" for not unusually far."""
    if stats.spread is None or stats.spread.least < 0:
        return ""
    low, _, middle, _, high = stats.spread.quantiles
    if low > 0 and high > MAGNITUDES * low:
        return "orders of magnitude"
    is_long = high - middle > LONG_TAIL * (middle - low)
    return "long" if is_long and stats.rows >= MIN_TAIL_ROWS else ""


def default_target(columns: Sequence[ColumnStatistics]) -> str | None:
    """Return the name of the last possible target without an `exclusion_reason`, or None."""
    names = [c.name for c in columns if can_be_target(c) and not exclusion_reason(c)]
    return names[-1] if len(columns) > 1 and names else None
