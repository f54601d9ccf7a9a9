"""Pairs of short sentences, which say the same in other words or differ in one thing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.samples.base import Sample

# Who, what, and to what: words in one group mean the same.
SLOTS = (
    (("doctor", "physician"), ("child", "kid"), ("teacher", "tutor"), ("thief", "burglar")),
    (("buys", "purchases"), ("repairs", "mends"), ("hides", "conceals"), ("wants", "desires")),
    (("car", "automobile"), ("bike", "bicycle"), ("sofa", "couch"), ("stone", "rock")),
)
FILLERS = ("the", "a", "really", "now")
SENTENCE = 8  # words at most
LEAST = 4

# Ids from 1; 0 is the padding.
WORDS = {
    word: number
    for number, word in enumerate(
        [*(word for slot in SLOTS for group in slot for word in group), *FILLERS], 1
    )
}


def pairs(rows: int, held_out: int, seed: int) -> Sample:
    """Make pairs of sentences, half of them of equal meaning.

    Columns: left and right int32 (8,), word ids with 0 where a sentence is shorter; same 0 or 1.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    return Sample(_pairs(rng, rows), _pairs(rng, held_out), {"same": {"accuracy": 1.0}})


def _pairs(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.generic]]:
    same = rng.integers(0, 2, rows)
    left = rng.integers(0, 4, (rows, len(SLOTS)))
    others = (left + rng.integers(1, 4, left.shape)) % 4
    # Pairs that differ do so in one thing, in two or in all.
    differs = rng.random(left.shape).argsort(axis=1) < rng.integers(1, len(SLOTS) + 1, (rows, 1))
    right = np.where(differs & (same == 0)[:, None], others, left)
    return {
        "left": np.stack([_sentence(rng, row) for row in left]),
        "right": np.stack([_sentence(rng, row) for row in right]),
        "same": same.astype(np.float32),
    }


def _sentence(rng: np.random.Generator, meant: NDArray[np.int64]) -> NDArray[np.int32]:
    """Say a meaning: one word a slot, in order, with words between that tell nothing."""
    length = int(rng.integers(LEAST, SENTENCE + 1))
    told = set(rng.choice(length, len(SLOTS), replace=False).tolist())
    words = iter(
        group[rng.integers(0, len(group))]
        for group in (slot[place] for slot, place in zip(SLOTS, meant, strict=True))
    )
    said = [
        next(words) if place in told else FILLERS[rng.integers(0, len(FILLERS))]
        for place in range(length)
    ]
    ids = np.zeros(SENTENCE, np.int32)
    ids[:length] = [WORDS[word] for word in said]
    return ids
