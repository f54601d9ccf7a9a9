"""Counts as text, with their noun in singular or plural, and lists of which some are named."""

from __future__ import annotations

from collections.abc import Iterable


def count_noun(number: int, noun: str) -> str:
    """Return a number with its noun in singular or plural: "1 layer", "1,200 layers"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def join_first(items: Iterable[str], limit: int = 12) -> str:
    """Return at most `limit` items and the number of the others: "a, b and 3 more"."""
    known = list(items)
    shown, rest = ", ".join(known[:limit]), len(known) - limit
    return f"{shown} and {rest:,} more" if rest > 0 else shown
