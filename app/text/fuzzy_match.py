"""Matching a few typed letters with a name: its words, its capitals, pieces of them."""

from __future__ import annotations

import re

Words = tuple[tuple[int, str], ...]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|\d+[A-Z]?|[a-z]+")


def words_of(name: str) -> Words:
    """Return (place, word in small letters) of a name: Max, Pooling and 1D of MaxPooling1D."""
    return tuple((found.start(), found[0].casefold()) for found in _WORD.finditer(name))


def letters(text: str) -> tuple[str, ...]:
    """Return the words of a sentence in small letters."""
    return tuple(re.findall(r"[\w']+", text.casefold()))


def chain(text: str, words: Words) -> tuple[int, ...] | None:
    """Return which letters of a name spell `text` if each piece of it begins a word.

    "gap" is found in GlobalAveragePooling1D, "c1" in Conv1D, "pc" in posts_conv.
    """
    # Without it, a text such as "aaaaab" tries every choice of words of a long "a_a_a_...".
    failed: set[tuple[int, int]] = set()

    def follow(at: int, first: int) -> tuple[int, ...] | None:
        if at == len(text):
            return ()
        for place in range(first, len(words)):
            if (at, place) in failed:
                continue
            start, word = words[place]
            for taken in range(_alike(text[at:], word), 0, -1):
                rest = follow(at + taken, place + 1)
                if rest is not None:
                    return (*range(start, start + taken), *rest)
            failed.add((at, place))
        return None

    return follow(0, 0) if text else None


def _alike(first: str, second: str) -> int:
    """Return how many letters two texts have in common from their beginnings on."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
