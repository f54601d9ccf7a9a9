"""Exponential running mean of a series.

The mean after the value x_i of step i is m_i = d_i * m_(i-1) + (1 - d_i) * x_i. The decay d_i is
1 - 10 / i, but at least 0 and at most 0.98: the averaging window grows with the series. Therefore
the mean of a short series does not lag. Non-finite values are skipped.

After the first 500 steps the decay d is constant, so a value that is j steps old has the weight
(1 - d) * d^j. That of values older than 1,000 steps is below 1e-9. Without them, a later mean is a
weighted sum of the last 1,000 values, and a chart computes only the few hundred means that it
shows, without a loop over all steps.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_MAX_DECAY, _WINDOW_DIVISOR = 0.98, 10  # d_i = 1 - 10 / i at step i, at most 0.98
_WINDOW = 1000  # values of the weighted sum
_FIRST_STEPS = round(_WINDOW_DIVISOR / (1 - _MAX_DECAY)) + _WINDOW  # these means need the loop
_DECAYS: FloatArray = np.power(_MAX_DECAY, np.arange(_WINDOW)[::-1], dtype=np.float64)
_WEIGHTS: FloatArray = _DECAYS / _DECAYS.sum()


def running_mean_at(values: FloatArray, steps: NDArray[np.intp]) -> FloatArray:
    """Return the running mean of a series at the given steps, from 1 to the number of values."""
    means = np.empty(len(steps))
    is_early = steps <= _FIRST_STEPS
    if is_early.any():
        means[is_early] = running_mean(values[:_FIRST_STEPS])[steps[is_early] - 1]
    late = np.flatnonzero(~is_early)
    if len(late):
        windows = sliding_window_view(values, _WINDOW)[steps[late] - _WINDOW]
        with np.errstate(invalid="ignore"):
            means[late] = windows @ _WEIGHTS
        for row in np.flatnonzero(~np.isfinite(means[late])):
            means[late[row]] = _mean_of_finite(windows[row])
    return means


def running_mean(values: FloatArray) -> FloatArray:
    """Return the running mean after each value of a series from its first step on."""
    means, last = np.empty(len(values)), float("nan")
    for index, value in enumerate(values.tolist()):
        if isfinite(value):
            decay = min(_MAX_DECAY, max(0.0, 1 - _WINDOW_DIVISOR / (index + 1)))
            last = decay * last + (1 - decay) * value if isfinite(last) else value
        means[index] = last
    return means


def _mean_of_finite(window: FloatArray) -> float:
    finite = window[np.isfinite(window)]
    weights = _WEIGHTS[_WINDOW - len(finite) :]
    return float(finite @ weights / weights.sum()) if len(finite) else float("nan")
