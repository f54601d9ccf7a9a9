"""Counts as text, with their noun in singular or plural."""

from __future__ import annotations


def count_noun(number: int, noun: str) -> str:
    """Return a number with its noun in singular or plural: "1 layer", "1,200 layers"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
