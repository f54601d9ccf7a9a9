"""Decides which columns can be features or targets of a starter network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.profile.statistics import ColumnKind, ColumnStatistics
from engine.recipe.csv_dialect import missing_words_fix

MAX_CLASSES = 1_000
_CODES: Mapping[ColumnKind, str] = {"date": "date-unreadable"}


def exclusion_reason(stats: ColumnStatistics) -> str:
    """Return why a column is useless as a feature, "" if it is useful."""
    if stats.missing == stats.rows:
        return "it is empty"
    if stats.kind == "constant":
        return "all its values are the same"
    if stats.kind == "identifier":
        return "every value is different, so it looks like an identifier"
    return stats.fault


def unreadable_cell_warnings(columns: Iterable[ColumnStatistics]) -> tuple[Diagnostic, ...]:
    """Return warnings about columns of numbers or dates that contain a few unreadable cells."""
    return tuple(
        Diagnostic(
            _CODES.get(column.kind, "number-unreadable"),
            f'"{column.name}": {column.fault}',
            severity="warning",
            place=f"column {column.name}",
            found=", ".join(column.strange),
            fixes=(missing_words_fix(column.strange),) if column.strange else (Fix(column.mend),),
        )
        for column in columns
        if column.strange or column.mend
    )


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
