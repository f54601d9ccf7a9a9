"""What a starter network does to a column, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.column_roles import exclusion_reason
from engine.data.starter.network_size import network_size
from engine.data.starter.new_input import suggest_input
from engine.recipe.csv_dialect import QUANTITY_WORDS
from engine.recipe.encoding import ENCODINGS, LIST_SEPARATOR, Number

_READINGS: Mapping[str, str] = MappingProxyType(
    {
        "number": "numbers{notation}",
        "boolean": "a binary label, as 0 and 1",
        "category": "one of {distinct:,} labels",
        "multilabel": "several of {distinct:,} labels, {separator}",
        "date": "the {parts} of a date",
        "text": "text, as ids of words",
        "ids": "a sequence of ids",
        "image": "images, from the paths in its cells",
    }
)
_FILLS = {
    "most_frequent": "the most frequent label",
    "other": 'the label "other"',
    "zero": "zeros",
    "mean": "the mean",
    "median": "the median",
}


def column_treatment(stats: ColumnStatistics) -> str:
    """Return what happens to a column that a starter network reads, or why it does not read it."""
    if reason := exclusion_reason(stats):
        return f"left out: {reason}"
    encoding = suggest_input([stats])[1].encodings[0] or Number()
    is_list = stats.separator in ("", LIST_SEPARATOR)
    reading = _READINGS[ENCODINGS.name_of(encoding)].format(
        notation=stats.notation and f" with {stats.notation}",
        distinct=stats.distinct or 0,
        separator="as a list" if is_list else f'with "{stats.separator}" between them',
        parts=", ".join(getattr(encoding, "parts", ())),
    )
    parts = [reading]
    if stats.ambiguous_dates:
        parts.append("once the order of day and month is set")
    if isinstance(encoding, Number) and encoding.scale == "standardize":
        parts.append(_scaling(stats))
    if words := [word for word in stats.strange if word not in QUANTITY_WORDS]:
        parts.append(f"{', '.join(words)} count as missing")
    fill = _FILLS.get(getattr(encoding, "fill", ""))
    if fill and stats.missing:
        parts.append(f"missing cells become {fill}")
    return ", ".join(parts)


def _scaling(stats: ColumnStatistics) -> str:
    """Return how numbers are scaled, which depends on the number of rows."""
    if stats.shape:
        return "standardized"
    if bins := network_size(stats.rows).bins:
        return f"as ranks and in {bins} bins"
    if bins := network_size(stats.rows, only_classes=True).bins:
        return f"standardized (if only classes are predicted, as ranks and in {bins} bins)"
    return "standardized"
