"""Scores with percentile bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine.data.table.array import Array
from engine.runs.evaluation import EvaluationScore, round_finite

REPLICATES = 1000
DRAW_CELLS = 200_000  # counts that are held at once, in 1.6 MB
LEVEL = 0.95
Statistics = Callable[[Array], Array]


def interval_scores(
    names: Sequence[str],
    counts: Array,
    statistics: Statistics,
    baseline: Array | None,
    values: Array | None = None,
) -> Iterator[EvaluationScore]:
    """Yield a score for each name, with its interval; the name of the output is still empty.

    Args:
        counts: the number of rows in each cell; a cell may be a single row.
        statistics: returns an array of shape (draws, names) for counts of shape (draws, cells).
        baseline: the value of the baseline for each name, None if it is unknown.
        values: the value for each name, by default the statistics of `counts`.
    """
    low, high = _bootstrap_intervals(counts, statistics)
    values = statistics(counts[None])[0] if values is None else values
    columns = (values, low, high, np.full(len(names), np.nan) if baseline is None else baseline)
    for name, row in zip(names, np.stack(columns, axis=1).tolist(), strict=True):
        value, lower, upper, reference = map(round_finite, row)
        yield EvaluationScore(name=name, value=value, low=lower, high=upper, baseline=reference)


def _bootstrap_intervals(counts: Array, statistics: Statistics) -> Array:
    """Return the bounds of the interval of each statistic, NaN if the draws can't estimate it.

    They can't if no draw defines the statistic, or if it is equal in all draws, such as the
    accuracy without any error: the error rate of other rows may still be about 3 / rows.

    Drawing rows with replacement gives multinomial counts of the cells into which the rows fall.
    The draws have a fixed seed.

    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
    """
    rng, total, size = np.random.default_rng(0), counts.sum(), max(1, DRAW_CELLS // len(counts))
    draws = (rng.multinomial(total, counts / total, size) for _ in range(0, REPLICATES, size))
    values = np.concatenate([statistics(drawn) for drawn in draws])[:REPLICATES]
    undefined = np.isnan(values).all(axis=0)
    tail = (1 - LEVEL) / 2
    bounds = np.nanquantile(np.where(undefined, 0.0, values), (tail, 1 - tail), axis=0)
    is_known = ~undefined & (bounds[0] < bounds[1])
    return np.asarray(np.where(is_known, bounds, np.nan))


def ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, NaN where the denominator is 0."""
    result: Array = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result
