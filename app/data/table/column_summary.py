"""What is known of a column, in words: its kind, how its cells are spread, how many are missing."""

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
_SPOKEN: Mapping[ColumnKind, str] = {
    "number": "numbers", "whole number": "whole numbers", "boolean": "yes or no",
    "category": "labels", "text": "text", "date": "dates", "list": "several labels a row",
    "image path": "pictures", "id sequence": "sequences of ids",
    "identifier": "one name for each row", "constant": "one value for all rows",
}  # fmt: skip
_NAMED = 2  # labels that are named with their share


def kind_in_words(facts: ColumnStatistics) -> str:
    """Return what the cells are."""
    shape = f" of {' x '.join(map(str, facts.shape))}" if facts.shape else ""
    return _SPOKEN[facts.kind] + shape


def statistics(facts: ColumnStatistics) -> str:
    """Return how the cells are spread, on one line."""
    if facts.rows == facts.missing:
        return "all cells are empty"
    match facts.kind:
        case "category" | "boolean" | "list" if facts.top:
            return _labels(facts)
        case "constant":
            return f"always {facts.examples[0]}" if facts.examples else "always the same"
        case "date":
            return f"{facts.earliest} to {facts.latest}"
        case "text" | "id sequence" | "list" if facts.spread and not facts.shape:
            return _lengths(facts)
        case "identifier" if facts.spread is None:
            return f"such as {facts.examples[0]}" if facts.examples else "all differ"
    if facts.spread is not None:
        spread = facts.spread
        return f"{format_value(spread.least)} to {format_value(spread.most)}, mean {format_value(spread.mean)}"
    return f"such as {facts.examples[0]}" if facts.examples else ""


def _labels(facts: ColumnStatistics) -> str:
    total = sum(label.count for label in facts.top)
    filled = max(1, total if facts.kind == "list" else facts.rows - facts.missing)
    shares = [f"{label.text} {label.count / filled:.0%}" for label in facts.top[:_NAMED]]
    count = facts.distinct or len(facts.top)
    return f"{count_noun(count, 'label')}: {', '.join(shares)}{', …' if count > _NAMED else ''}"


def _lengths(facts: ColumnStatistics) -> str:
    spread = facts.spread
    assert spread is not None, "only columns with lengths come here"
    noun = {"text": "words", "id sequence": "ids"}.get(facts.kind, "items")
    if spread.least == spread.most:
        return f"{format_value(spread.most)} {noun}"
    usual = spread.quantiles[len(spread.quantiles) // 2]
    return f"{format_value(spread.least)} to {format_value(spread.most)} {noun}, usually {format_value(usual)}"


def missing_in_words(facts: ColumnStatistics) -> str:
    """Return how many cells are missing."""
    if not facts.missing:
        return "none missing"
    share = facts.missing / max(1, facts.rows)
    return f"{facts.missing:,} missing ({'under 1' if share < 0.01 else f'{share * 100:.0f}'} %)"


def whole_story(facts: ColumnStatistics, fed: str) -> str:
    """Return all that is known of a column, a line each, for a tool tip and for screen readers."""
    lines = [facts.name, kind_in_words(facts).capitalize() + ".", f"{statistics(facts)}."]
    if facts.distinct is not None:
        lines.append(f"{facts.distinct:,} different values.")
    if named_bars(facts):
        lines.append(f"{', '.join(f'{label.text} {label.count:,}' for label in facts.top)}.")
    lines.append(f"{missing_in_words(facts).capitalize()} of {count_noun(facts.rows, 'row')}.")
    if facts.fault:
        lines.append(f"{capitalize(facts.fault)}.")
    return "\n".join([*lines, fed + "."])


def fed_in_words(nodes: Sequence[str], uses: Sequence[str] = ()) -> str:
    """Return which nodes a column feeds, and what else it is read for."""
    feeds = [f"feeds {', '.join(nodes)}"] if nodes else []
    return capitalize(", ".join([*feeds, *uses]) or "feeds nothing")


def named_bars(facts: ColumnStatistics) -> bool:
    """Return whether each bar of the histogram stands for a label."""
    return bool(facts.top) and facts.kind in ("category", "boolean", "list", "constant")


def bars_of(facts: ColumnStatistics) -> list[int]:
    """Return the heights of a small histogram: bins of numbers, or labels that occur most."""
    if named_bars(facts):
        return [label.count for label in facts.top]
    return list(facts.histogram.counts) if facts.histogram else []
