"""Posts whose words tell the writer's age, income and gender, up to a known doubt."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.data.samples.base import Sample

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

VOCABULARY = 50_000
YOUNGEST, OLDEST = 18.0, 66.0
BAND = 4.0  # years that share their words
BANDS = int((OLDEST - YOUNGEST) / BAND)
INCOMES = 10
WORDS = 6  # of each band, income and gender
COMMON = 500  # words that tell nothing
DOUBT = 7.0  # years between the age in the passport and the age in the words
INCOME_DOUBT, GENDER_DOUBT = 0.03, 0.0
SHARES = (0.2, 0.4, 0.3, 0.1)  # of words on nothing, age, income, gender


@dataclass(frozen=True)
class _Writers:
    """People: what is true of them, and what their words will tell."""

    age: Reals
    income: Ints
    gender: Ints
    said_band: Ints
    said_income: Ints
    said_gender: Ints


def posts(rows: int, held_out: int, seed: int, length: int) -> Sample:
    """Make posts of up to `length` words, 0 where they are shorter.

    Columns: posts int32 (length,), age float32 in years, income one-hot (10,), gender 0 or 1.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    words = rng.permutation(np.arange(1, VOCABULARY))
    train, test = _writers(rng, rows), _writers(rng, held_out)
    return Sample(
        _columns(rng, train, words, length), _columns(rng, test, words, length), _best(test)
    )


def _writers(rng: np.random.Generator, rows: int) -> _Writers:
    age = rng.uniform(YOUNGEST, OLDEST, rows)
    income = rng.integers(0, INCOMES, rows)
    gender = rng.integers(0, 2, rows)
    said_age = age + rng.normal(0.0, DOUBT, rows)
    band = np.clip(np.floor((said_age - YOUNGEST) / BAND), 0, BANDS - 1).astype(np.int64)
    moved = (income + rng.integers(1, INCOMES, rows)) % INCOMES
    said_income = np.where(rng.random(rows) < INCOME_DOUBT, moved, income)
    said_gender = np.where(rng.random(rows) < GENDER_DOUBT, 1 - gender, gender)
    return _Writers(age, income, gender, band, said_income, said_gender)


def _columns(
    rng: np.random.Generator, people: _Writers, words: Ints, length: int
) -> dict[str, NDArray[np.generic]]:
    rows = len(people.age)
    lengths = rng.integers(length * 3 // 5, length + 1, rows)
    topic = rng.choice(len(SHARES), size=(rows, length), p=SHARES)
    # One word on each topic at least, so that what the words tell is certain.
    topic[:, :3] = (1, 2, 3)
    order = rng.random((rows, length))
    order[np.arange(length) >= lengths[:, None]] = 2.0
    place = np.argsort(order, axis=1)
    starts = (
        np.zeros(rows, np.int64),
        COMMON + WORDS * people.said_band,
        COMMON + WORDS * (BANDS + people.said_income),
        COMMON + WORDS * (BANDS + INCOMES + people.said_gender),
    )
    start = np.stack(starts, axis=1)[np.arange(rows)[:, None], topic]
    spread = np.where(topic == 0, COMMON, WORDS)
    chosen = words[start + rng.integers(0, spread)]
    filled = np.arange(length) < lengths[:, None]
    ids = np.zeros((rows, length), np.int32)
    np.put_along_axis(ids, place, np.where(filled, chosen, 0).astype(np.int32), axis=1)
    return {
        "posts": ids,
        "age": people.age.astype(np.float32),
        "income": np.eye(INCOMES, dtype=np.float32)[people.income],
        "gender": people.gender.astype(np.float32),
    }


def _best(people: _Writers) -> dict[str, dict[str, float]]:
    """Score the one who knows how the posts were made, and reads what the words tell."""
    guess = _likely_age()[people.said_band]
    return {
        "age": {"mae": float(np.abs(guess - people.age).mean())},
        "income": {"accuracy": float((people.said_income == people.income).mean())},
        "gender": {"accuracy": float((people.said_gender == people.gender).mean())},
    }


def _likely_age() -> Reals:
    """Answer, by band, the median age of those whose words are of that band."""
    ages = np.linspace(YOUNGEST, OLDEST, 2001)
    edges = YOUNGEST + BAND * np.arange(1, BANDS)
    below = np.array(
        [[0.5 + 0.5 * erf((edge - age) / DOUBT / sqrt(2)) for age in ages] for edge in edges]
    )
    ends = np.zeros((1, len(ages))), np.ones((1, len(ages)))
    weight = np.diff(np.concatenate((ends[0], below, ends[1])), axis=0)
    share = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    return np.asarray(ages[(share >= 0.5).argmax(axis=1)])
