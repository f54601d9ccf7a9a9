"""Fuzzy matching of typed letters with the words of a name."""

from __future__ import annotations

import re
from os.path import commonprefix

NameWords = tuple[tuple[int, str], ...]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|\d+[A-Z]?|[a-z]+")


def split_name(name: str) -> NameWords:
    """Return (start index, lower-case word) of each word: (0, "conv"), (4, "1d") of "Conv1D"."""
    return tuple((match.start(), match[0].casefold()) for match in _WORD.finditer(name))


def lower_words(text: str) -> tuple[str, ...]:
    """Return all words of a sentence, converted to lower case."""
    return tuple(re.findall(r"[\w']+", text.casefold()))


def match_word_prefixes(text: str, words: NameWords) -> tuple[int, ...] | None:
    """Return the indices of letters of a name that spell `text`, None if there is no match.

    `words` is the result of `split_name` for the name. The text must be a concatenation of prefixes
    of words: "gap" matches GlobalAveragePooling1D, "c1" matches Conv1D, "pc" matches posts_conv.

    This is a depth-first search with backtracking: take the longest prefix of a word that matches
    the text, match the rest of the text with the following words, and try shorter prefixes and
    later words if that fails.
    """
    # States without a match. Without this set, "aaaaab" in "a_a_a_..." takes exponential time.
    failed: set[tuple[int, int]] = set()

    def search(position: int, first_word: int) -> tuple[int, ...] | None:
        if position == len(text):
            return ()
        for word_index in range(first_word, len(words)):
            if (position, word_index) in failed:
                continue
            start, word = words[word_index]
            for length in range(len(commonprefix([text[position:], word])), 0, -1):
                rest = search(position + length, word_index + 1)
                if rest is not None:
                    return (*range(start, start + length), *rest)
            failed.add((position, word_index))
        return None

    return search(0, 0) if text else None
