"""Decides which columns can be features or targets of a starter network."""

from __future__ import annotations

from collections.abc import Sequence

from engine.data.profile.statistics import ColumnStatistics

MAX_CLASSES = 1_000


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
    if stats.kind == "category":
        return (stats.distinct or 0) <= MAX_CLASSES
    has_labels = stats.kind == "list" and bool(stats.top)
    return stats.kind == "boolean" or stats.is_numeric or has_labels


def default_target(columns: Sequence[ColumnStatistics]) -> str | None:
    """Return the name of the last possible target without an `exclusion_reason`, or None."""
    names = [c.name for c in columns if can_be_target(c) and not exclusion_reason(c)]
    return names[-1] if len(columns) > 1 and names else None
