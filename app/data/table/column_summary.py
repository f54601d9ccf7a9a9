"""The statistics of a column as text: type, distribution and missing cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.text.numbers import format_value
from app.text.phrases import capitalize, count_noun
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


def kind_in_words(facts: ColumnStatistics) -> str:
    """Return the type of a column as text, with the shape of arrays."""
    shape = f" of {' x '.join(map(str, facts.shape))}" if facts.shape else ""
    return _TYPE_NAMES[facts.kind] + shape


def statistics(facts: ColumnStatistics) -> str:
    """Return a one-line summary of the values of a column."""
    if facts.rows == facts.missing:
        return "all cells are empty"
    match facts.kind:
        case "category" | "boolean" | "list" if facts.top:
            return _label_summary(facts)
        case "constant":
            return f"always {facts.examples[0]}" if facts.examples else "always the same"
        case "date":
            return f"{facts.earliest} to {facts.latest}"
        case "text" | "id sequence" | "list" if facts.spread and not facts.shape:
            return _length_summary(facts)
        case "identifier" if facts.spread is None:
            return f"such as {facts.examples[0]}" if facts.examples else "all differ"
    if facts.spread is not None:
        spread = facts.spread
        low, high = format_value(spread.least), format_value(spread.most)
        return f"{low} to {high}, mean {format_value(spread.mean)}"
    return f"such as {facts.examples[0]}" if facts.examples else ""


def _label_summary(facts: ColumnStatistics) -> str:
    total = sum(label.count for label in facts.top)
    filled = max(1, total if facts.kind == "list" else facts.rows - facts.missing)
    frequencies = [f"{label.text} {label.count / filled:.0%}" for label in facts.top[:_MAX_LABELS]]
    count = facts.distinct or len(facts.top)
    return f"{count_noun(count, 'label')}: {', '.join(frequencies)}{', …' if count > _MAX_LABELS else ''}"


def _length_summary(facts: ColumnStatistics) -> str:
    spread = facts.spread
    assert spread is not None, "only columns with lengths"
    noun = {"text": "words", "id sequence": "ids"}.get(facts.kind, "items")
    if spread.least == spread.most:
        return f"{format_value(spread.most)} {noun}"
    median = format_value(spread.quantiles[len(spread.quantiles) // 2])
    low, high = format_value(spread.least), format_value(spread.most)
    return f"{low} to {high} {noun}, median {median}"


def missing_in_words(facts: ColumnStatistics) -> str:
    """Return the number and percentage of missing cells as text."""
    if not facts.missing:
        return "none missing"
    share = facts.missing / max(1, facts.rows)
    return f"{facts.missing:,} missing ({'under 1' if share < 0.01 else f'{share * 100:.0f}'} %)"


def whole_story(facts: ColumnStatistics, fed: str) -> str:
    """Return all statistics of a column, a line each, for tooltips and screen readers."""
    lines = [facts.name, kind_in_words(facts).capitalize() + ".", f"{statistics(facts)}."]
    if facts.distinct is not None:
        lines.append(f"{facts.distinct:,} distinct values.")
    if named_bars(facts):
        lines.append(f"{', '.join(f'{label.text} {label.count:,}' for label in facts.top)}.")
    lines.append(f"{missing_in_words(facts).capitalize()} of {count_noun(facts.rows, 'row')}.")
    if facts.fault:
        lines.append(f"{capitalize(facts.fault)}.")
    return "\n".join([*lines, fed + "."])


def fed_in_words(nodes: Sequence[str], uses: Sequence[str] = ()) -> str:
    """Return the nodes to which a column is assigned, and its other uses, as text."""
    assigned = [f"assigned to {', '.join(nodes)}"] if nodes else []
    return capitalize(", ".join([*assigned, *uses]) or "not used")


def named_bars(facts: ColumnStatistics) -> bool:
    """Return whether each bar of the histogram is a label."""
    return bool(facts.top) and facts.kind in ("category", "boolean", "list", "constant")


def bars_of(facts: ColumnStatistics) -> list[int]:
    """Return the bar heights of a histogram: bins of numbers, or the most frequent labels."""
    if named_bars(facts):
        return [label.count for label in facts.top]
    return list(facts.histogram.counts) if facts.histogram else []
