"""Helpers of the plots: value at a step, axis range, label positions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from app.controls.display.plot import padded_range
from app.training.curves.run_curves import EpochSeries
from app.training.curves.step_series import FloatArray

_CLIPPED_FRACTION = 0.005  # the fraction of the lowest and of the highest values to clip


def value_at_step(points: EpochSeries | None, step: int) -> float | None:
    """Return the value of the epoch that contains a step, None if there are no values.

    For step 0 or a step after the last epoch, return the newest value.
    """
    if points is None or not points.steps:
        return None
    index = bisect_left(points.steps, step) if step > 0 else -1
    return points.values[min(index, len(points.values) - 1)]


def value_range(lines: Sequence[FloatArray], clip_outliers: bool) -> tuple[float, float]:
    """Return the (lowest, highest) value of an axis that shows the lines, with a margin.

    If `clip_outliers` is true, ignore the most extreme values of the first non-empty line.
    """
    non_empty = [values for values in lines if len(values)]
    if not non_empty:
        return 0.0, 1.0
    ordered, clipped = np.sort(non_empty[0]), _CLIPPED_FRACTION if clip_outliers else 0.0
    others = non_empty[1:]
    low = min([_quantile(ordered, clipped), *(float(values.min()) for values in others)])
    high = max([_quantile(ordered, 1 - clipped), *(float(values.max()) for values in others)])
    return padded_range(low, high)


def _quantile(ordered: FloatArray, fraction: float) -> float:
    """Return a quantile of sorted values, by linear interpolation.

    Why: `np.quantile` imports `numpy.ma`, which takes as long as drawing ten charts.
    """
    position = fraction * (len(ordered) - 1)
    index = int(position)
    lower, upper = float(ordered[index]), float(ordered[min(index + 1, len(ordered) - 1)])
    return lower + (position - index) * (upper - lower)


def separate_labels(
    heights: list[float], min_distance: float, low: float, high: float
) -> list[float]:
    """Return the vertical positions of at most two labels, so that the labels do not overlap.

    All labels lie completely between `low` and `high`.

    Args:
        heights: the original positions, one per label.
        min_distance: the height of a label, which is also the least distance of two positions.
    """
    if len(heights) == 2 and abs(heights[0] - heights[1]) < min_distance:
        middle = min(max(sum(heights) / 2, low + min_distance), high - min_distance)
        half = min_distance / 2 if heights[0] >= heights[1] else -min_distance / 2
        return [middle + half, middle - half]
    return [min(max(height, low + min_distance / 2), high - min_distance / 2) for height in heights]
