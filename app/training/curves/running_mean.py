"""The running mean of a series: kept at the end of each block, worked out within a block anew.

Why: to keep it at each step takes as much memory as the steps, of which a chart shows a hundred.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
BLOCK = 64  # values
_MOST_KEPT, _MEMORY = 0.98, 10  # at n steps it forgets over n / 10 of them, so it never trails far
_GROWS = round(_MEMORY / (1 - _MOST_KEPT))  # steps until the memory grows no more
_KEPT: Numbers = np.power(_MOST_KEPT, np.arange(1, BLOCK + 1), dtype=np.float64)
_ADDED: Numbers = (1 - _MOST_KEPT) * np.append(_KEPT[-2::-1], 1.0)  # of each value, at the end
_HUGE = 1e300  # from which a sum may be infinite


def block_ends(blocks: Numbers, last: float, before: int) -> Numbers:
    """Return the mean at the end of each of some whole blocks.

    Args:
        blocks: a row of values for each.
        last: the mean before them, NaN if there is none.
        before: steps that lie before them.
    """
    with np.errstate(invalid="ignore"):
        added = np.einsum("ij,j->i", blocks, _ADDED).tolist()
    means = np.empty(len(blocks))
    for place, more in enumerate(added):
        start = before + place * BLOCK
        if start >= _GROWS and isfinite(last) and isfinite(more):
            last = float(_KEPT[-1]) * last + more
        else:
            last = float(mean_by_step(blocks[place], last, start)[-1])
        means[place] = last
    return means


def means_within(blocks: Numbers, lasts: Numbers, befores: NDArray[np.intp]) -> Numbers:
    """Return the mean at each value of some blocks.

    Args:
        blocks: a row of values for each, which need not follow each other.
        lasts: the mean before each, NaN if there is none.
        befores: steps that lie before each.
    """
    tame = (befores >= _GROWS) & np.isfinite(lasts) & (np.abs(blocks).max(axis=1) < _HUGE)
    sums = np.cumsum(np.where(tame[:, np.newaxis], blocks, 0) / _KEPT, axis=1)
    means: Numbers = _KEPT * (lasts[:, np.newaxis] + (1 - _MOST_KEPT) * sums)
    for place in np.flatnonzero(~tame):
        means[place] = mean_by_step(blocks[place], float(lasts[place]), int(befores[place]))
    return means


def mean_by_step(new: Numbers, last: float, before: int) -> Numbers:
    """Return the exponential mean going on from `last`; a value that is no number is passed over.

    Args:
        new: values.
        last: the mean before them, NaN if there is none.
        before: steps that lie before them.
    """
    means = np.empty(len(new))
    for place, value in enumerate(new.tolist()):
        if isfinite(value):
            keep = min(_MOST_KEPT, max(0.0, 1 - _MEMORY / (before + place + 1)))
            last = keep * last + (1 - keep) * value if isfinite(last) else value
        means[place] = last
    return means
