"""The statistics of a column as text: type, distribution and missing cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.text.phrases import capitalize
from engine.core.formatting.counts import count_noun
from engine.core.formatting.numbers import format_value
from engine.data.profile.statistics import ColumnKind, ColumnStatistics

ICONS: Mapping[ColumnKind, str] = {
    "number": "decimal", "whole number": "numeric", "boolean": "toggle", "category": "tag",
    "text": "text", "date": "date", "list": "tags", "image path": "image",
    "id sequence": "sequence", "identifier": "key", "constant": "equal",
}  # fmt: skip
_TYPE_NAMES: Mapping[ColumnKind, str] = {
    "number": "floats", "whole number": "integers", "boolean": "booleans",
    "category": "categories", "text": "text", "date": "dates", "list": "lists of labels",
    "image path": "image paths", "id sequence": "sequences of ids",
    "identifier": "identifiers", "constant": "constant",
}  # fmt: skip
_MAX_LABELS = 2  # labels shown with their frequency


def type_text(column: ColumnStatistics) -> str:
    """Return the type of a column as text. For arrays, the text contains their shape."""
    shape = f" of {' x '.join(map(str, column.shape))}" if column.shape else ""
    return _TYPE_NAMES[column.kind] + shape


def value_summary(column: ColumnStatistics) -> str:
    """Return a one-line summary of the values of a column."""
    if column.rows == column.missing:
        return "all cells are empty"
    match column.kind:
        case "category" | "boolean" | "list" if column.top:
            return _label_summary(column)
        case "constant":
            return f"always {column.examples[0]}" if column.examples else "always the same"
        case "date":
            return f"{column.earliest} to {column.latest}"
        case "text" | "id sequence" | "list" if column.spread and not column.shape:
            return _length_summary(column)
        case "identifier" if column.spread is None:
            return f"such as {column.examples[0]}" if column.examples else "all unique"
    if column.spread is not None:
        spread = column.spread
        low, high = format_value(spread.least), format_value(spread.most)
        return f"{low} to {high}, mean {format_value(spread.mean)}"
    return f"such as {column.examples[0]}" if column.examples else ""


def _label_summary(column: ColumnStatistics) -> str:
    total = sum(label.count for label in column.top)
    filled = max(1, total if column.kind == "list" else column.rows - column.missing)
    frequencies = [f"{label.text} {label.count / filled:.0%}" for label in column.top[:_MAX_LABELS]]
    count = column.distinct or len(column.top)
    if count > _MAX_LABELS:
        frequencies.append("…")
    return f"{count_noun(count, 'label')}: {', '.join(frequencies)}"


def _length_summary(column: ColumnStatistics) -> str:
    spread = column.spread
    assert spread is not None, "only columns with lengths"
    noun = {"text": "words", "id sequence": "ids"}.get(column.kind, "items")
    if spread.least == spread.most:
        return f"{format_value(spread.most)} {noun}"
    median = format_value(spread.quantiles[len(spread.quantiles) // 2])
    low, high = format_value(spread.least), format_value(spread.most)
    return f"{low} to {high} {noun}, median {median}"


def missing_text(column: ColumnStatistics) -> str:
    """Return the number and percentage of missing cells as text."""
    if not column.missing:
        return "none missing"
    share = column.missing / max(1, column.rows)
    return f"{column.missing:,} missing ({'under 1' if share < 0.01 else f'{share * 100:.0f}'} %)"


def column_description(column: ColumnStatistics, uses: str) -> str:
    """Return the statistics of a column as lines; the last line is `uses` (see `uses_text`)."""
    lines = [column.name, type_text(column).capitalize() + ".", f"{value_summary(column)}."]
    if column.distinct is not None:
        lines.append(f"{column.distinct:,} distinct values.")
    if has_label_bars(column):
        lines.append(f"{', '.join(f'{label.text} {label.count:,}' for label in column.top)}.")
    lines.append(f"{missing_text(column).capitalize()} of {count_noun(column.rows, 'row')}.")
    if column.fault:
        lines.append(f"{capitalize(column.fault)}.")
    return "\n".join([*lines, uses + "."])


def uses_text(nodes: Sequence[str], uses: Sequence[str] = ()) -> str:
    """Return the uses of a column as text: the assigned `nodes`, and `uses` such as "split"."""
    assigned = [f"assigned to {', '.join(nodes)}"] if nodes else []
    return capitalize(", ".join([*assigned, *uses]) or "not used")


def has_label_bars(column: ColumnStatistics) -> bool:
    """Return whether each bar of the histogram stands for a label instead of a bin of numbers."""
    return bool(column.top) and column.kind in ("category", "boolean", "list", "constant")


def bar_heights(column: ColumnStatistics) -> list[int]:
    """Return the bar heights of a histogram: the counts of bins, or of frequent labels."""
    if has_label_bars(column):
        return [label.count for label in column.top]
    return list(column.histogram.counts) if column.histogram else []
