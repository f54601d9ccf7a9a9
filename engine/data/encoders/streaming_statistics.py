"""Mean, deviation, extremes and quartiles of columns that come in chunks, exactly.

Missing and infinite values are left out. The answers do not depend on how rows are cut into chunks,
to the last bit: sums are taken over blocks whose borders are counted from the first row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
BLOCK = 2**16  # values that are summed together, of all features
LEAST = 2**8  # rows of a block, however many features there are
EXACT = 2**22  # values of a feature that are kept for its quantiles, 32 MiB
_DROPPED = 64 - 12 - 13  # bits of a double that bins leave out: 13 of the fraction stay


class Moments:
    """Counts, means, deviations and extremes of each feature.

    Args:
        features: how many stand side by side.
    """

    def __init__(self, features: int) -> None:
        self.count = np.zeros(features)
        self.mean = np.zeros(features)
        self.low = np.full(features, np.inf)
        self.high = np.full(features, -np.inf)
        self._squares = np.zeros(features)
        self._waiting: list[Array] = []
        self._rows = 0
        self._block = max(BLOCK // max(features, 1), LEAST)

    def add(self, values: Array) -> None:
        """Take rows in, of shape (rows, features)."""
        while len(values):
            part = values[: self._block - self._rows]
            values = values[len(part) :]
            self._waiting.append(part)
            self._rows += len(part)
            if self._rows == self._block:
                self._close()

    def deviation(self) -> Array:
        """Return the deviations, 1 for a feature that is constant or empty."""
        deviation = np.sqrt(self._squares / np.maximum(self.count, 1))
        return np.where((self.low >= self.high) | (deviation == 0), 1.0, deviation)

    def close(self) -> None:
        """Count the rows that do not fill a block; none may follow."""
        if self._rows:
            self._close()
        # The mean of equal values may differ from them by rounding.
        self.mean = np.where(self.low == self.high, self.low, self.mean)

    def _close(self) -> None:
        block = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        self._waiting, self._rows = [], 0
        values = np.ascontiguousarray(block.T, np.float64)  # numpy sums whole rows several at once
        finite = np.isfinite(values)
        if finite.all():
            count = np.full(len(values), float(values.shape[1]))
            low, high = values.min(axis=1), values.max(axis=1)
        else:
            count = finite.sum(axis=1).astype(np.float64)
            low = np.where(finite, values, np.inf).min(axis=1)
            high = np.where(finite, values, -np.inf).max(axis=1)
            values = np.where(finite, values, 0.0)
        mean = values.sum(axis=1) / np.maximum(count, 1)
        apart = values - mean[:, None]
        if not finite.all():
            apart[~finite] = 0.0
        self.low, self.high = np.minimum(self.low, low), np.maximum(self.high, high)
        self._combine(count, mean, np.einsum("ij,ij->i", apart, apart))

    def _combine(self, count: Array, mean: Array, squares: Array) -> None:
        """Source: Chan, Golub and LeVeque 1983, Algorithms for computing the sample variance."""
        total = np.maximum(self.count + count, 1)
        step = mean - self.mean
        self._squares = self._squares + squares + step**2 * (self.count * count / total)
        self.mean = self.mean + step * (count / total)
        self.count = self.count + count


class Quantiles:
    """The values of one feature in order: exactly, or for very many within 0.01 %.

    Source: beyond `EXACT` values, counts in bins of equal relative width, as in Masson, Rim and
        Lee 2019, DDSketch, arXiv:1908.10693; the bins are the leading bits of a double.
    """

    def __init__(self) -> None:
        self._parts: list[Array] = []
        self._kept = 0
        self._bins = np.zeros(0, np.int64)
        self._counts = np.zeros(0, np.int64)

    def add(self, values: Array) -> None:
        """Take values in; those that are not finite are left out."""
        values = np.asarray(values, np.float64)
        values = values[np.isfinite(values)]
        self._parts.append(values)
        self._kept += len(values)
        if self._kept > EXACT:
            self._fold()

    def at(self, *shares: float) -> list[float]:
        """Return the values below which these shares of all lie, 0 if there are none."""
        if len(self._bins):
            self._fold()
            ranks = np.cumsum(self._counts)
            at = np.searchsorted(ranks, np.array(shares) * (ranks[-1] - 1), side="right")
            return [float(value) for value in _middle(self._bins[at])]
        values = np.concatenate(self._parts) if self._kept else np.zeros(1)
        return [float(value) for value in np.quantile(values, shares)]

    def _fold(self) -> None:
        """Count the values that were kept in bins, and let them go."""
        bins = [_bin(part) for part in self._parts]
        keys, places = np.unique(np.concatenate([self._bins, *bins]), return_inverse=True)
        weights = np.concatenate([self._counts, *(np.ones(len(each), np.int64) for each in bins)])
        counts = np.zeros(len(keys), np.int64)
        np.add.at(counts, places, weights)
        self._bins, self._counts, self._parts = keys, counts, []
        self._kept = EXACT + 1  # from here on everything is counted at once


def _bin(values: Array) -> NDArray[np.int64]:
    """Return whole numbers in the order of the values, from sign, exponent and leading bits."""
    bits = (np.abs(values).view(np.int64)) >> _DROPPED
    return np.where(np.signbit(values), -1 - bits, bits)


def _middle(bins: NDArray[np.int64]) -> Array:
    """Return a value in the middle of each bin."""
    negative = bins < 0
    bits = np.where(negative, -1 - bins, bins)
    half = 1 << (_DROPPED - 1)
    values = ((bits << _DROPPED) + np.where(bits == 0, 0, half)).view(np.float64)
    return np.where(negative, -values, values)
