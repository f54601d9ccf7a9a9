"""What a starter network does to a column, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.data.encoding_choice.choice import suggest_float_encoding
from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.column_roles import exclusion_reason
from engine.recipe.encoding import (
    LIST_SEPARATOR,
    Boolean,
    Category,
    Date,
    Encoding,
    Ids,
    Image,
    Multilabel,
    Number,
    Text,
)

_NOUNS: Mapping[type[Encoding], str] = MappingProxyType(
    {
        Boolean: "yes or no, as 0 and 1",
        Text: "text, as ids of words",
        Ids: "a sequence of ids",
        Image: "images, from the paths in its cells",
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
    encoding = suggest_float_encoding(stats) or Number()
    parts = [_reading(stats, encoding)]
    if isinstance(encoding, Number) and encoding.scale == "standardize":
        parts.append("standardized")
    if stats.strange:
        parts.append(f"{', '.join(stats.strange)} count as missing")
    if fill := _FILLS.get(getattr(encoding, "fill", "")):
        parts.append(f"missing cells become {fill}")
    return ", ".join(parts)


def _reading(stats: ColumnStatistics, encoding: Encoding) -> str:
    match encoding:
        case Number():
            return f"numbers with {stats.notation}" if stats.notation else "numbers"
        case Category():
            return f"one of {stats.distinct or 0:,} labels"
        case Date():
            order = ", once the order of day and month is set" if stats.ambiguous_dates else ""
            return f"the {', '.join(encoding.parts)} of a date{order}"
        case Multilabel():
            is_list = stats.separator == LIST_SEPARATOR
            form = "as a list" if is_list else f'with "{stats.separator}" between them'
            return f"several of {stats.distinct or 0:,} labels, {form}"
    return _NOUNS[type(encoding)]
