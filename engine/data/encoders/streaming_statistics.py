"""Streaming statistics: the mean, deviation, range and quantiles of columns read in chunks.

Infinite and huge values and NaN are ignored. The results don't depend on how rows are divided into
chunks: a run may continue on a table in memory that was read in chunks before, and must get the
same encoders.
"""

from __future__ import annotations

import numpy as np

from engine.data.table.array import MAX_NUMBER, Array

BLOCK_VALUES = 2**16  # the values of a block, of all features together
MIN_BLOCK_ROWS = 2**8  # the minimum number of rows of a block, if there are many features
MAX_EXACT_VALUES = 2**22  # by default, the maximum number of values kept for quantiles, 36 MiB


class StreamingMoments:
    """Accumulates count, mean, deviation, minimum and maximum of each feature.

    The results are complete only after `finish`.
    """

    def __init__(self, features: int) -> None:
        self.count = np.zeros(features)
        self.mean = np.zeros(features)
        self.minimum = np.full(features, np.inf)
        self.maximum = np.full(features, -np.inf)
        self._squared_deviations = np.zeros(features)
        self._block_rows = max(BLOCK_VALUES // max(features, 1), MIN_BLOCK_ROWS)
        self._pending = np.empty((0, features))

    def add(self, values: Array) -> None:
        """Add rows; `values` has the shape (rows, features)."""
        start = 0
        while len(self._pending) + len(values) - start >= self._block_rows:
            stop = start + self._block_rows - len(self._pending)
            self._add_block(np.concatenate([self._pending, values[start:stop]]))
            self._pending, start = self._pending[:0], stop
        self._pending = np.concatenate([self._pending, values[start:]])

    def standard_deviation(self) -> Array:
        """Return the standard deviation of each feature, 1 for a constant or empty feature."""
        deviation = np.sqrt(self._squared_deviations / np.maximum(self.count, 1))
        return np.where((self.minimum >= self.maximum) | (deviation == 0), 1.0, deviation)

    def finish(self) -> None:
        """Process the rows that `add` has collected so far. `add` must not be called afterwards."""
        if len(self._pending):
            self._add_block(self._pending)
        # Due to rounding errors, the mean of equal values may differ from the values.
        self.mean = np.where(self.minimum == self.maximum, self.minimum, self.mean)

    def _add_block(self, block: Array) -> None:
        """Compute the statistics of a block of rows, and merge them into the totals.

        Source: Chan, Golub and LeVeque 1983, Algorithms for computing the sample variance.
        """
        values = np.ascontiguousarray(block.T, np.float64)  # contiguous for fast sums
        is_finite = np.abs(values) < MAX_NUMBER
        count = is_finite.sum(axis=1).astype(np.float64)
        mean = np.where(is_finite, values, 0.0).sum(axis=1) / np.maximum(count, 1)
        deviations = np.where(is_finite, values - mean[:, None], 0.0)
        total, delta = np.maximum(self.count + count, 1), mean - self.mean
        between = delta**2 * (self.count * count / total)
        squares = np.einsum("ij,ij->i", deviations, deviations)
        self._squared_deviations = self._squared_deviations + squares + between
        self.mean = self.mean + delta * (count / total)
        self.count = self.count + count
        low = np.where(is_finite, values, np.inf).min(axis=1)
        high = np.where(is_finite, values, -np.inf).max(axis=1)
        self.minimum, self.maximum = np.minimum(self.minimum, low), np.maximum(self.maximum, high)


class StreamingQuantiles:
    """Accumulates the quantiles of one feature, exact up to `max_values` values.

    If there are more values, the result has the quantiles of a random sample of about half as many
    to as many values. Each value gets a random level: level 1 with probability 1/2, level 2 with
    1/4 and so on. If too many values are kept, those of the lowest level are discarded.
    """

    def __init__(self, max_values: int = MAX_EXACT_VALUES) -> None:
        self._max_values = max_values
        self._random = np.random.default_rng(0)
        self._min_level = 1
        self._parts = [(np.zeros(0), np.zeros(0, np.uint8))]
        self._kept_count = 0

    def add(self, values: Array) -> None:
        """Add values; non-finite ones are ignored."""
        values = np.asarray(values, np.float64)
        values = values[np.isfinite(values)]
        self._keep(values, self._random.geometric(0.5, len(values)).astype(np.uint8))
        while self._kept_count > self._max_values:
            self._min_level += 1
            values, levels = map(np.concatenate, zip(*self._parts, strict=True))
            self._parts, self._kept_count = [], 0
            self._keep(values, levels)

    def quantiles(self, *fractions: float) -> list[float]:
        """Return the quantile of each fraction (0.5 for the median), or 0 without any values."""
        values = np.concatenate([values for values, _ in self._parts])
        quantiles: list[float] = np.quantile(values if len(values) else [0.0], fractions).tolist()
        return quantiles

    def _keep(self, values: Array, levels: Array) -> None:
        is_kept = levels >= self._min_level
        self._parts.append((values[is_kept], levels[is_kept]))
        self._kept_count += int(is_kept.sum())
