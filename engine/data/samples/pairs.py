"""Pairs of short sentences: paraphrases, or sentences of different meaning."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The slots of a sentence are subject, verb and object; each slot has four groups of synonyms.
SLOTS = (
    (("doctor", "physician"), ("child", "kid"), ("teacher", "tutor"), ("thief", "burglar")),
    (("buys", "purchases"), ("repairs", "fixes"), ("hides", "conceals"), ("wants", "desires")),
    (("car", "automobile"), ("bike", "bicycle"), ("sofa", "couch"), ("stone", "rock")),
)
FILLERS = ("the", "a", "really", "now")
MAX_WORDS = 8  # the maximum number of words of a sentence
MIN_WORDS = 4  # the minimum number of words of a sentence

# Word ids start at 1; 0 is padding.
_SYNONYMS = [word for slot in SLOTS for group in slot for word in group]
WORD_IDS = {word: number for number, word in enumerate((*_SYNONYMS, *FILLERS), 1)}


def sentence_pairs(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.generic]]:
    """Return pairs of sentences, of which about half are paraphrases.

    Columns: left and right, int32 of shape (8,), word ids padded with 0; same, 1 for paraphrases.
    """
    same = rng.integers(0, 2, rows)
    left = rng.integers(0, 4, (rows, len(SLOTS)))
    others = (left + rng.integers(1, 4, left.shape)) % 4
    # Different pairs differ in one, two or all three slots.
    differs = rng.random(left.shape).argsort(axis=1) < rng.integers(1, len(SLOTS) + 1, (rows, 1))
    right = np.where(differs & (same == 0)[:, None], others, left)
    return {
        "left": np.stack([_sentence(rng, row) for row in left]),
        "right": np.stack([_sentence(rng, row) for row in right]),
        "same": same.astype(np.float32),
    }


def _sentence(rng: np.random.Generator, meaning: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return word ids of a random sentence. `meaning`: indices of its subject, verb and object."""
    length = int(rng.integers(MIN_WORDS, MAX_WORDS + 1))
    slot_positions = set(rng.choice(length, len(SLOTS), replace=False).tolist())
    groups = [slot[index] for slot, index in zip(SLOTS, meaning, strict=True)]
    words = (group[rng.integers(0, len(group))] for group in groups)
    sentence = [
        next(words) if position in slot_positions else FILLERS[rng.integers(0, len(FILLERS))]
        for position in range(length)
    ]
    ids = np.zeros(MAX_WORDS, np.int32)
    ids[:length] = [WORD_IDS[word] for word in sentence]
    return ids
