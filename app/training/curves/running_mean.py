"""Exponential running mean of a series, stored once per block of 64 values and else recomputed.

The mean after the value x_i of step i is m_i = d_i * m_(i-1) + (1 - d_i) * x_i. The decay d_i is
1 - 10 / i, but at least 0 and at most 0.98: the averaging window grows with the series. Therefore
the mean of a short series does not lag. Non-finite values are skipped.

After the first 500 steps the decay d is constant, and whole blocks are computed without a loop over
values. With m_0 as the mean before a block, and x_1, x_2 … as the values of the block, the mean
after x_k is d^k * m_0 + (1 - d) * sum_j d^(k-j) * x_j. Earlier blocks, and blocks with non-finite
values, use the loop in `running_mean`.

Why per block: storing the mean at every step would take as much memory as the values, but a chart
shows the mean only at a few hundred steps.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BLOCK_SIZE = 64  # values per block
_MAX_DECAY, _WINDOW_DIVISOR = 0.98, 10  # d_i = 1 - 10 / i at step i, at most 0.98
_WARMUP_STEPS = round(_WINDOW_DIVISOR / (1 - _MAX_DECAY))  # steps until the decay is constant
_DECAYS: FloatArray = np.power(
    _MAX_DECAY, np.arange(1, BLOCK_SIZE + 1), dtype=np.float64
)  # d^1 … d^64
_WEIGHTS: FloatArray = (1 - _MAX_DECAY) * np.append(_DECAYS[-2::-1], 1.0)  # (1 - d) * d^(64-j)
_OVERFLOW = 1e300  # larger values may overflow the sums


def running_mean_at_block_ends(blocks: FloatArray, last: float, step_count: int) -> FloatArray:
    """Return the running mean at the end of each block, for consecutive full blocks.

    Args:
        blocks: one row of values per block.
        last: the mean before the first block, NaN if there is none.
        step_count: number of steps before the first block.
    """
    with np.errstate(invalid="ignore"):
        increments = np.einsum("ij,j->i", blocks, _WEIGHTS).tolist()
    means = np.empty(len(blocks))
    for index, increment in enumerate(increments):
        start = step_count + index * BLOCK_SIZE
        if start >= _WARMUP_STEPS and isfinite(last) and isfinite(increment):
            last = float(_DECAYS[-1]) * last + increment
        else:
            last = float(running_mean(blocks[index], last, start)[-1])
        means[index] = last
    return means


def running_mean_in_blocks(
    blocks: FloatArray, previous_means: FloatArray, step_counts: NDArray[np.intp]
) -> FloatArray:
    """Return the running mean of a series after each value of the given blocks of the series.

    Args:
        blocks: one block of consecutive values per row; there may be gaps between blocks.
        previous_means: for each block, the running mean before its first value, NaN for none.
        step_counts: for each block, the number of steps before its first value.
    """
    is_regular = (
        (step_counts >= _WARMUP_STEPS)
        & np.isfinite(previous_means)
        & (np.abs(blocks).max(axis=1) < _OVERFLOW)
    )
    sums = np.cumsum(np.where(is_regular[:, np.newaxis], blocks, 0) / _DECAYS, axis=1)
    means: FloatArray = _DECAYS * (previous_means[:, np.newaxis] + (1 - _MAX_DECAY) * sums)
    for index in np.flatnonzero(~is_regular):
        last, step_count = float(previous_means[index]), int(step_counts[index])
        means[index] = running_mean(blocks[index], last, step_count)
    return means


def running_mean(values: FloatArray, last: float, step_count: int) -> FloatArray:
    """Return the exponential running mean after each value; non-finite values don't change it.

    Args:
        values: consecutive values, one per step.
        last: the mean before the first value, NaN if there is none.
        step_count: number of steps before the first value; the decay depends on it.
    """
    means = np.empty(len(values))
    for index, value in enumerate(values.tolist()):
        if isfinite(value):
            decay = min(_MAX_DECAY, max(0.0, 1 - _WINDOW_DIVISOR / (step_count + index + 1)))
            last = decay * last + (1 - decay) * value if isfinite(last) else value
        means[index] = last
    return means
