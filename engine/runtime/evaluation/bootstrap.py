"""Percentile bootstrap intervals of statistics that are computed from counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.data.table.array import Array

REPLICATES = 1000
LEVEL = 0.95
_BLOCK_VALUES = 2**20  # counts that are drawn at once, 8 MiB


def bootstrap_intervals(counts: Array, statistics: Callable[[Array], Array]) -> Array:
    """Return the bounds of the percentile interval of each statistic, with the shape (2, k).

    Drawing rows with replacement gives multinomial counts of the cells into which the rows fall.
    The draws have a fixed seed. A statistic that no draw defines has the bounds NaN.

    Args:
        counts: the number of rows in each cell; a cell may be a single row.
        statistics: returns an array of shape (draws, k) for counts of shape (draws, cells).

    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
    """
    rng, total = np.random.default_rng(0), int(counts.sum())
    size = max(1, _BLOCK_VALUES // len(counts))
    sizes = (min(size, REPLICATES - start) for start in range(0, REPLICATES, size))
    draws = [statistics(rng.multinomial(total, counts / total, number)) for number in sizes]
    values = np.concatenate(draws)
    undefined = np.isnan(values).all(axis=0)
    tail = (1 - LEVEL) / 2
    bounds = np.nanquantile(np.where(undefined, 0.0, values), (tail, 1 - tail), axis=0)
    return np.asarray(np.where(undefined, np.nan, bounds))
