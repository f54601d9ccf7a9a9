"""Streaming statistics: the mean, deviation, range and quantiles of columns read in chunks.

Non-finite values are ignored. The results don't depend on how rows are divided into chunks, because
sums are computed over blocks of a fixed number of rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
BLOCK_VALUES = 2**16  # the values of a block, of all features together
MIN_BLOCK_ROWS = 2**8  # the minimum number of rows of a block, if there are many features
MAX_EXACT_VALUES = 2**22  # the maximum number of values kept for exact quantiles, 32 MiB
# The low bits of a double that bins drop; the sign, exponent and 13 bits of the fraction remain.
_DROPPED_BITS = 64 - 12 - 13


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
        self._pending: list[Array] = []
        self._pending_rows = 0
        self._block_rows = max(BLOCK_VALUES // max(features, 1), MIN_BLOCK_ROWS)

    def add(self, values: Array) -> None:
        """Add rows; `values` has the shape (rows, features)."""
        while len(values):
            part = values[: self._block_rows - self._pending_rows]
            values = values[len(part) :]
            self._pending.append(part)
            self._pending_rows += len(part)
            if self._pending_rows == self._block_rows:
                self._close_block()

    def standard_deviation(self) -> Array:
        """Return the standard deviation of each feature, 1 for a constant or empty feature."""
        deviation = np.sqrt(self._squared_deviations / np.maximum(self.count, 1))
        return np.where((self.minimum >= self.maximum) | (deviation == 0), 1.0, deviation)

    def finish(self) -> None:
        """Process the rows that `add` has collected so far. `add` must not be called afterwards."""
        if self._pending_rows:
            self._close_block()
        # Due to rounding errors, the mean of equal values may differ from the values.
        self.mean = np.where(self.minimum == self.maximum, self.minimum, self.mean)

    def _close_block(self) -> None:
        """Compute the statistics of the pending rows, and merge them into the totals."""
        block = self._pending[0] if len(self._pending) == 1 else np.concatenate(self._pending)
        self._pending, self._pending_rows = [], 0
        values = np.ascontiguousarray(block.T, np.float64)  # contiguous for fast sums
        is_finite = np.isfinite(values)
        if is_finite.all():
            count = np.full(len(values), float(values.shape[1]))
            low, high = values.min(axis=1), values.max(axis=1)
        else:
            count = is_finite.sum(axis=1).astype(np.float64)
            low = np.where(is_finite, values, np.inf).min(axis=1)
            high = np.where(is_finite, values, -np.inf).max(axis=1)
            values = np.where(is_finite, values, 0.0)
        mean = values.sum(axis=1) / np.maximum(count, 1)
        deviations = values - mean[:, None]
        if not is_finite.all():
            deviations[~is_finite] = 0.0
        self.minimum, self.maximum = np.minimum(self.minimum, low), np.maximum(self.maximum, high)
        self._combine(count, mean, np.einsum("ij,ij->i", deviations, deviations))

    def _combine(self, count: Array, mean: Array, squares: Array) -> None:
        """Merge count, mean and sum of squared deviations (`squares`) of new rows into the totals.

        Source: Chan, Golub and LeVeque 1983, Algorithms for computing the sample variance.
        """
        total = np.maximum(self.count + count, 1)
        delta = mean - self.mean
        between = delta**2 * (self.count * count / total)
        self._squared_deviations = self._squared_deviations + squares + between
        self.mean = self.mean + delta * (count / total)
        self.count = self.count + count


class StreamingQuantiles:
    """Accumulates the quantiles of one feature. For very many values, the error is up to 0.01 %.

    Up to `MAX_EXACT_VALUES` values are kept. If there are more values, all values are counted in
    bins of about equal relative width. The leading bits of a value's float64 define its bin.

    Source: Masson, Rim and Lee 2019, DDSketch, arXiv:1908.10693.
    """

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._kept_count = 0
        self._bins = np.zeros(0, np.int64)
        self._counts = np.zeros(0, np.int64)

    def add(self, values: Array) -> None:
        """Add values; non-finite ones are ignored."""
        values = np.asarray(values, np.float64)
        values = values[np.isfinite(values)]
        self._parts.append(values)
        self._kept_count += len(values)
        if self._kept_count > MAX_EXACT_VALUES:
            self._fold()

    def quantiles(self, *fractions: float) -> list[float]:
        """Return the quantile of each fraction (0.5 for the median), or 0 without any values."""
        if len(self._bins):
            self._fold()
            ranks = np.cumsum(self._counts)
            index = np.searchsorted(ranks, np.array(fractions) * (ranks[-1] - 1), side="right")
            return [float(value) for value in _middle(self._bins[index])]
        values = np.concatenate(self._parts) if self._kept_count else np.zeros(1)
        return [float(value) for value in np.quantile(values, fractions)]

    def _fold(self) -> None:
        """Count the kept values in bins, then discard the values."""
        bins = [_bin(part) for part in self._parts]
        keys, indices = np.unique(np.concatenate([self._bins, *bins]), return_inverse=True)
        weights = np.concatenate([self._counts, *(np.ones(len(part), np.int64) for part in bins)])
        counts = np.zeros(len(keys), np.int64)
        np.add.at(counts, indices, weights)
        self._bins, self._counts, self._parts = keys, counts, []
        self._kept_count = MAX_EXACT_VALUES + 1  # from now on, count each chunk immediately


def _bin(values: Array) -> NDArray[np.int64]:
    """Return the bin of each value: its leading bits, as an integer that sorts like the value."""
    bits = (np.abs(values).view(np.int64)) >> _DROPPED_BITS
    return np.where(np.signbit(values), -1 - bits, bits)


def _middle(bins: NDArray[np.int64]) -> Array:
    """Return the middle of the value range of each bin; `bins` has integers from `_bin`."""
    negative = bins < 0
    bits = np.where(negative, -1 - bins, bins)
    half = 1 << (_DROPPED_BITS - 1)
    values = ((bits << _DROPPED_BITS) + np.where(bits == 0, 0, half)).view(np.float64)
    return np.where(negative, -values, values)
