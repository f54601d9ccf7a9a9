"""What is known of a column, in words: its kind, how its cells are spread, how many are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.text.numbers import amount
from app.text.phrases import capital, counted
from engine.data.profile.statistics import ColumnFacts, Kind

ICONS: Mapping[Kind, str] = {
    "number": "decimal", "whole number": "numeric", "boolean": "toggle", "category": "tag",
    "text": "text", "date": "date", "list": "tags", "image path": "image",
    "id sequence": "sequence", "identifier": "key", "constant": "equal",
}  # fmt: skip
_SPOKEN: Mapping[Kind, str] = {
    "number": "numbers", "whole number": "whole numbers", "boolean": "yes or no",
    "category": "labels", "text": "text", "date": "dates", "list": "several labels a row",
    "image path": "pictures", "id sequence": "sequences of ids",
    "identifier": "one name for each row", "constant": "one value for all rows",
}  # fmt: skip
_NAMED = 2  # labels that are named with their share


def kind_in_words(facts: ColumnFacts) -> str:
    """Return what the cells are."""
    shape = f" of {' x '.join(map(str, facts.shape))}" if facts.shape else ""
    return _SPOKEN[facts.kind] + shape


def statistics(facts: ColumnFacts) -> str:
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
        return f"{amount(spread.least)} to {amount(spread.most)}, mean {amount(spread.mean)}"
    return f"such as {facts.examples[0]}" if facts.examples else ""


def _labels(facts: ColumnFacts) -> str:
    total = sum(label.count for label in facts.top)
    filled = max(1, total if facts.kind == "list" else facts.rows - facts.missing)
    shares = [f"{label.text} {label.count / filled:.0%}" for label in facts.top[:_NAMED]]
    count = facts.distinct or len(facts.top)
    return f"{counted(count, 'label')}: {', '.join(shares)}{', …' if count > _NAMED else ''}"


def _lengths(facts: ColumnFacts) -> str:
    spread = facts.spread
    assert spread is not None, "only columns with lengths come here"
    noun = {"text": "words", "id sequence": "ids"}.get(facts.kind, "items")
    if spread.least == spread.most:
        return f"{amount(spread.most)} {noun}"
    usual = spread.quantiles[len(spread.quantiles) // 2]
    return f"{amount(spread.least)} to {amount(spread.most)} {noun}, usually {amount(usual)}"


def missing_in_words(facts: ColumnFacts) -> str:
    """Return how many cells are missing."""
    if not facts.missing:
        return "none missing"
    share = facts.missing / max(1, facts.rows)
    return f"{facts.missing:,} missing ({'under 1' if share < 0.01 else f'{share * 100:.0f}'} %)"


def whole_story(facts: ColumnFacts, fed: str) -> str:
    """Return all that is known of a column, a line each, for a tool tip and for screen readers."""
    lines = [facts.name, kind_in_words(facts).capitalize() + ".", f"{statistics(facts)}."]
    if facts.distinct is not None:
        lines.append(f"{facts.distinct:,} different values.")
    if named_bars(facts):
        lines.append(f"{', '.join(f'{label.text} {label.count:,}' for label in facts.top)}.")
    lines.append(f"{missing_in_words(facts).capitalize()} of {counted(facts.rows, 'row')}.")
    if facts.fault:
        lines.append(f"{capital(facts.fault)}.")
    return "\n".join([*lines, fed + "."])


def fed_in_words(nodes: Sequence[str], uses: Sequence[str] = ()) -> str:
    """Return which nodes a column feeds, and what else it is read for."""
    feeds = [f"feeds {', '.join(nodes)}"] if nodes else []
    return capital(", ".join([*feeds, *uses]) or "feeds nothing")


def named_bars(facts: ColumnFacts) -> bool:
    """Return whether each bar of the histogram stands for a label."""
    return bool(facts.top) and facts.kind in ("category", "boolean", "list", "constant")


def bars_of(facts: ColumnFacts) -> list[int]:
    """Return the heights of a small histogram: bins of numbers, or labels that occur most."""
    if named_bars(facts):
        return [label.count for label in facts.top]
    return list(facts.histogram.counts) if facts.histogram else []
