"""Generated example data: posts whose words show the writer's age, income and gender with noise."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.data.samples.base import Sample

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

VOCABULARY = 50_000
MIN_AGE, MAX_AGE = 18.0, 66.0
AGE_BAND_YEARS = 4.0  # the years of an age band; each band has separate words
AGE_BANDS = int((MAX_AGE - MIN_AGE) / AGE_BAND_YEARS)
INCOMES = 10
WORDS_PER_CLASS = 6  # the number of words of each age band, each income and each gender
COMMON_WORDS = 500  # the number of words that are independent of the writer
AGE_NOISE = 7.0  # the standard deviation, in years, of the age that words reveal from the true age
INCOME_NOISE, GENDER_NOISE = 0.03, 0.0  # the probability that words reveal a wrong value
TOPIC_FRACTIONS = (0.2, 0.4, 0.3, 0.1)  # the fractions of common, age, income and gender words


@dataclass(frozen=True)
class _Writers:
    """Writers' true age, income and gender, and noisy values from which post words are chosen."""

    age: Reals
    income: Ints
    gender: Ints
    noisy_band: Ints
    noisy_income: Ints
    noisy_gender: Ints


def posts(rng: np.random.Generator, rows: int, held_out: int, length: int) -> Sample:
    """Return `rows` training and `held_out` test posts of up to `length` word ids, 0-padded.

    Columns: posts, int32 of shape (length,); age, float32, in years; income, one-hot of shape
    (10,); gender, 0 or 1.
    """
    words = rng.permutation(np.arange(1, VOCABULARY))
    train, test = _writers(rng, rows), _writers(rng, held_out)
    train_columns = _columns(rng, train, words, length)
    return Sample(train_columns, _columns(rng, test, words, length), _best(test))


def _writers(rng: np.random.Generator, rows: int) -> _Writers:
    age = rng.uniform(MIN_AGE, MAX_AGE, rows)
    income = rng.integers(0, INCOMES, rows)
    gender = rng.integers(0, 2, rows)
    noisy_age = age + rng.normal(0.0, AGE_NOISE, rows)
    band = np.floor((noisy_age - MIN_AGE) / AGE_BAND_YEARS)
    band = np.clip(band, 0, AGE_BANDS - 1).astype(np.int64)
    other_income = (income + rng.integers(1, INCOMES, rows)) % INCOMES
    noisy_income = np.where(rng.random(rows) < INCOME_NOISE, other_income, income)
    noisy_gender = np.where(rng.random(rows) < GENDER_NOISE, 1 - gender, gender)
    return _Writers(age, income, gender, band, noisy_income, noisy_gender)


def _columns(
    rng: np.random.Generator, writers: _Writers, words: Ints, length: int
) -> dict[str, NDArray[np.generic]]:
    rows = len(writers.age)
    lengths = rng.integers(length * 3 // 5, length + 1, rows)
    topic = rng.choice(len(TOPIC_FRACTIONS), size=(rows, length), p=TOPIC_FRACTIONS)
    # Each post has at least one word of each topic, so the noisy values can be inferred exactly.
    topic[:, :3] = (1, 2, 3)
    # Shuffle the words of each post; padding stays at the end, since it has the largest sort keys.
    order = rng.random((rows, length))
    order[np.arange(length) >= lengths[:, None]] = 2.0
    position = np.argsort(order, axis=1)
    starts = (
        np.zeros(rows, np.int64),
        COMMON_WORDS + WORDS_PER_CLASS * writers.noisy_band,
        COMMON_WORDS + WORDS_PER_CLASS * (AGE_BANDS + writers.noisy_income),
        COMMON_WORDS + WORDS_PER_CLASS * (AGE_BANDS + INCOMES + writers.noisy_gender),
    )
    start = np.stack(starts, axis=1)[np.arange(rows)[:, None], topic]
    word_count = np.where(topic == 0, COMMON_WORDS, WORDS_PER_CLASS)
    chosen = words[start + rng.integers(0, word_count)]
    is_word = np.arange(length) < lengths[:, None]
    ids = np.zeros((rows, length), np.int32)
    np.put_along_axis(ids, position, np.where(is_word, chosen, 0).astype(np.int32), axis=1)
    return {
        "posts": ids,
        "age": writers.age.astype(np.float32),
        "income": np.eye(INCOMES, dtype=np.float32)[writers.income],
        "gender": writers.gender.astype(np.float32),
    }


def _best(writers: _Writers) -> dict[str, dict[str, float]]:
    """Return the best reachable scores for posts of these writers, by output, then by metric."""
    guess = _median_age()[writers.noisy_band]
    return {
        "age": {"mae": float(np.abs(guess - writers.age).mean())},
        "income": {"accuracy": float((writers.noisy_income == writers.income).mean())},
        "gender": {"accuracy": float((writers.noisy_gender == writers.gender).mean())},
    }


def _median_age() -> Reals:
    """Return, for each age band, the median true age of writers whose noisy age is in this band."""
    ages = np.linspace(MIN_AGE, MAX_AGE, 2001)
    edges = MIN_AGE + AGE_BAND_YEARS * np.arange(1, AGE_BANDS)
    below = np.array(
        [[0.5 + 0.5 * erf((edge - age) / AGE_NOISE / sqrt(2)) for age in ages] for edge in edges]
    )
    ends = np.zeros((1, len(ages))), np.ones((1, len(ages)))
    likelihood = np.diff(np.concatenate((ends[0], below, ends[1])), axis=0)
    cumulative = np.cumsum(likelihood, axis=1) / likelihood.sum(axis=1, keepdims=True)
    return np.asarray(ages[(cumulative >= 0.5).argmax(axis=1)])
