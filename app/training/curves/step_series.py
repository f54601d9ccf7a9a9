"""Per-step series with millions of values, and their reduction to a few hundred plot points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.training.curves.running_mean import running_mean_at

FloatArray = NDArray[np.float64]
_INITIAL_CAPACITY = 1024
MAX_STEP_GAP = 1_000_000  # maximum number of missing steps before an event; else it is invalid


class StepSeries:
    """A growing series with one value per step, from step 1; NaN for missing values.

    It reserves memory in advance, so that its values are rarely copied.
    """

    def __init__(self) -> None:
        self._array: FloatArray = np.empty(_INITIAL_CAPACITY)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> FloatArray:
        """A view of all values so far."""
        return self._array[: self._size]

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
            self._extend(np.full(gap, np.nan))
        self._extend(np.asarray(values, dtype=np.float64))
        return True

    def _extend(self, values: FloatArray) -> None:
        size = self._size + len(values)
        if size > len(self._array):
            grown = np.empty(max(size, len(self._array) * 3 // 2))
            grown[: self._size] = self.values
            self._array = grown
        self._array[self._size : size] = values
        self._size = size

    def truncate(self, step: int) -> None:
        """Drop the values after `step`."""
        self._size = min(step, self._size)

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
        """Return the running mean at the given steps, NaN at steps without a value."""
        result = np.full(len(steps), np.nan)
        is_valid = (steps >= 1) & (steps <= len(self))
        result[is_valid] = running_mean_at(self.values, steps[is_valid].astype(np.intp))
        return result

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
