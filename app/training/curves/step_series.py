"""Per-step series with millions of values, and their reduction to a few hundred plot points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.training.curves.running_mean import (
    BLOCK_SIZE,
    running_mean_at_block_ends,
    running_mean_in_blocks,
)

FloatArray = NDArray[np.float64]
_INITIAL_CAPACITY = 1024
MAX_STEP_GAP = 1_000_000  # maximum number of missing steps before an event; else it is invalid


class _Buffer:
    """An array that can grow. It reserves memory in advance, so that it is rarely copied."""

    def __init__(self) -> None:
        self._array: FloatArray = np.empty(_INITIAL_CAPACITY)
        self.size = 0

    @property
    def values(self) -> FloatArray:
        return self._array[: self.size]

    def extend(self, values: FloatArray) -> None:
        """Append values."""
        size = self.size + len(values)
        if size > len(self._array):
            grown = np.empty(max(size, len(self._array) * 3 // 2))
            grown[: self.size] = self.values
            self._array = grown
        self._array[self.size : size] = values
        self.size = size


class StepSeries:
    """A growing series with one value per step, from step 1; NaN for missing values.

    If `smooth` is True, the series also stores its running mean at the end of each full block of
    `BLOCK_SIZE` values. These means are computed by `update_means` or when first needed.
    """

    def __init__(self, smooth: bool = False) -> None:
        self._has_mean = smooth
        self._values, self._means = _Buffer(), _Buffer()

    def __len__(self) -> int:
        return self._values.size

    @property
    def values(self) -> FloatArray:
        """A view of all values so far."""
        return self._values.values

    @property
    def running_mean(self) -> FloatArray:
        """The running mean at each step."""
        return self.running_mean_at(np.arange(1, len(self) + 1, dtype=np.float64))

    def values_at(self, steps: FloatArray) -> FloatArray:
        """Return the values at the given steps, NaN at steps without a value."""
        values, result = self.values, np.full(len(steps), np.nan)
        is_valid = (steps >= 1) & (steps <= len(values))
        result[is_valid] = values[steps[is_valid].astype(np.intp) - 1]
        return result

    def write(self, first: int, values: Sequence[float] | FloatArray) -> bool:
        """Write values from step `first` on. Return False if `first` is below 1 or too far ahead.

        Existing values at `first` and later are dropped, because a resumed run repeats steps.
        """
        gap = first - 1 - len(self)
        if gap > MAX_STEP_GAP or first < 1:
            return False
        self.truncate(first - 1)
        if gap > 0:
            self._values.extend(np.full(gap, np.nan))
        self._values.extend(np.asarray(values, dtype=np.float64))
        return True

    def truncate(self, step: int) -> None:
        """Drop the values after `step`."""
        self._values.size = min(step, len(self))
        self._means.size = min(step // BLOCK_SIZE, self._means.size)

    def update_means(self) -> None:
        """Store the running mean of each full block that lacks it, if the series is smooth."""
        done = self._means.size
        blocks = self._full_blocks[done:]
        if self._has_mean and len(blocks):
            last = float(self._means.values[-1]) if done else float("nan")
            self._means.extend(running_mean_at_block_ends(blocks, last, done * BLOCK_SIZE))

    @property
    def _full_blocks(self) -> FloatArray:
        """A view of the values, in which each row is one full block of `BLOCK_SIZE` values."""
        return self.values[: len(self) // BLOCK_SIZE * BLOCK_SIZE].reshape(-1, BLOCK_SIZE)

    def min_max_points(self, first: int, last: int, columns: int) -> tuple[FloatArray, FloatArray]:
        """Return the steps and values of about two plot points per pixel column. No peak is lost.

        If there are few values, all are returned. Otherwise the steps are divided into bins, and
        the points are the minimum and maximum of each bin (min-max decimation), those of the values
        after the last bin, and the last value.

        Args:
            first, last: the visible steps.
            columns: width of the plot in pixels.
        """
        first, last = max(1, first), min(last, len(self))
        values = self.values[first - 1 : last]
        count = len(values)
        if count <= 4 * columns:
            return _drop_non_finite(np.arange(first, last + 1, dtype=np.float64), values)
        size = -(-count // columns)
        bins = values[: count // size * size].reshape(-1, size)
        centers = first + size * np.arange(len(bins)) + (size - 1) / 2
        rest = values[min(bins.size, count - 1) :]
        end_steps = [min(first + bins.size, last), last, last]
        end_values = [np.fmin.reduce(rest), np.fmax.reduce(rest), rest[-1]]
        extremes = np.column_stack([np.fmin.reduce(bins, axis=1), np.fmax.reduce(bins, axis=1)])
        return _drop_non_finite(
            np.concatenate([np.repeat(centers, 2), end_steps]),
            np.concatenate([extremes.ravel(), end_values]),
        )

    def sampled_mean(self, first: int, last: int, count: int) -> tuple[FloatArray, FloatArray]:
        """Return about `count` steps from `first` to `last`, and the running mean at each step."""
        first, last = max(1, first), min(last, len(self))
        stride = max(1, (last - first + 1) // count)
        steps = np.arange(last, first - 1, -stride)[::-1].astype(np.float64)
        return _drop_non_finite(steps, self.running_mean_at(steps))

    def running_mean_at(self, steps: FloatArray) -> FloatArray:
        """Return the running mean at the given steps, NaN at steps without a value.

        The mean is recomputed only in the blocks of `BLOCK_SIZE` values that contain these steps.
        """
        result = np.full(len(steps), np.nan)
        is_valid = (steps >= 1) & (steps <= len(self))
        if not self._has_mean or not is_valid.any():
            return result
        self.update_means()
        indices = steps[is_valid].astype(np.intp) - 1
        blocks, rows = np.unique(indices // BLOCK_SIZE, return_inverse=True)
        previous = np.full(len(blocks), np.nan)
        previous[blocks > 0] = self._means.values[blocks[blocks > 0] - 1]
        means = running_mean_in_blocks(self._select_blocks(blocks), previous, blocks * BLOCK_SIZE)
        result[is_valid] = means[rows, indices % BLOCK_SIZE]
        return result

    def _select_blocks(self, indices: NDArray[np.intp]) -> FloatArray:
        """Return blocks of values by block index; an incomplete last block is padded with zeros."""
        full_blocks = self._full_blocks
        if indices[-1] < len(full_blocks):
            return full_blocks[indices]
        rest = self.values[len(full_blocks) * BLOCK_SIZE :]
        selected = np.zeros((len(indices), BLOCK_SIZE))
        selected[:-1], selected[-1, : len(rest)] = full_blocks[indices[:-1]], rest
        return selected

    def moving_average(
        self, first: int, last: int, count: int, window: int
    ) -> tuple[FloatArray, FloatArray]:
        """Return about `count` steps from `first` to `last`, and the moving average at each step.

        The steps have equal distances and include `last`. If their distance is at most `window`,
        each average is over the `window` values up to its step. Otherwise each average is over all
        values since the previous returned step.
        """
        first, last = max(1, first), min(last, len(self))
        stride = max(1, (last - first + 1) // max(1, count))
        steps = np.arange(last, first - 1, -stride)[::-1]
        size = max(window, stride)
        values = self.values
        means = np.asarray([_finite_mean(values[max(0, step - size) : step]) for step in steps])
        return _drop_non_finite(steps.astype(np.float64), means.reshape(len(steps)))


def _finite_mean(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")


def _drop_non_finite(steps: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    is_finite = np.isfinite(values)
    return (steps, values) if is_finite.all() else (steps[is_finite], values[is_finite])
