"""Numbers summed up: range, mean, quantiles, and how many lie where."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.profile.statistics import QUANTILES, Histogram, NumericSummary

Array = NDArray[Any]
BINS = 24
HUGE = 1e150  # squares of larger numbers may be infinite
EXACT = 2.0**51  # up to here a half can be added to a whole number


def spread_of(values: Array) -> NumericSummary | None:
    """Return how finite numbers are spread, None if there are none."""
    if not len(values):
        return None
    wide = values.astype(np.float64, copy=False)
    least, most = float(wide.min()), float(wide.max())
    # Of numbers near the largest that there is, neither sums nor squares would be finite.
    unit = max(-least, most) if max(-least, most) > HUGE else 1.0
    small = wide / unit if unit > 1 else wide
    return NumericSummary(
        least=least,
        most=most,
        mean=float(small.mean()) * unit,
        deviation=float(small.std()) * unit,
        quantiles=tuple((np.quantile(small, QUANTILES) * unit).tolist()),
    )


def histogram_of(values: Array, distinct: Array | None = None) -> Histogram | None:
    """Return how many finite numbers lie in each of at most 24 bins.

    Args:
        values: the numbers.
        distinct: the different ones, if they are known: few whole numbers get a bin each.
    """
    if not len(values):
        return None
    wide = values.astype(np.float64, copy=False)
    low, high = float(wide.min()), float(wide.max())
    whole = distinct is not None and bool((distinct == np.floor(distinct)).all())
    bins, ends = BINS, (low, high)
    if whole and high - low < BINS and max(-low, high) < EXACT:
        bins, ends = int(high - low) + 1, (low - 0.5, high + 0.5)
    elif high / 2 - low / 2 > HUGE or high - low <= BINS * np.spacing(max(-low, high)):
        return Histogram(edges=ends, counts=(len(wide),))
    counts, edges = np.histogram(wide, bins, ends)
    return Histogram(edges=tuple(edges.tolist()), counts=tuple(counts.tolist()))
