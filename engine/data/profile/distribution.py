"""Distributions of numbers: range, mean, standard deviation, quantiles and histogram."""

from __future__ import annotations

from math import ulp

import numpy as np

from engine.data.profile.statistics import QUANTILES, Histogram, NumericSummary
from engine.data.table.array import MAX_NUMBER, Array

MAX_BINS = 24
MAX_HALF_INTEGER = 2.0**51  # adding 0.5 to an integer up to this limit is exact


def summarize(values: Array) -> NumericSummary | None:
    """Return summary statistics of finite numbers, None if there are no numbers."""
    if not len(values):
        return None
    floats = values.astype(np.float64, copy=False)
    minimum, maximum = float(floats.min()), float(floats.max())
    # Scale very large numbers to at most 1, so that their sums and squares do not overflow.
    scale = max(-minimum, maximum) if max(-minimum, maximum) > MAX_NUMBER else 1.0
    scaled = floats / scale if scale > 1 else floats
    return NumericSummary(
        least=minimum,
        most=maximum,
        mean=float(scaled.mean()) * scale,
        deviation=float(scaled.std()) * scale,
        quantiles=tuple((np.quantile(scaled, QUANTILES) * scale).tolist()),
    )


def compute_histogram(values: Array, distinct: Array | None = None) -> Histogram | None:
    """Return a histogram of finite numbers with at most 24 bins, None if there are no numbers.

    `distinct` are the distinct numbers, if known. If they are integers in a small range, each
    integer gets its own bin.
    """
    if not len(values):
        return None
    floats = values.astype(np.float64, copy=False)
    low, high = float(floats.min()), float(floats.max())
    is_integer = distinct is not None and bool((distinct == np.floor(distinct)).all())
    bin_count, bin_range = MAX_BINS, (low, high)
    if is_integer and high - low < MAX_BINS and max(-low, high) < MAX_HALF_INTEGER:
        bin_count, bin_range = int(high - low) + 1, (low - 0.5, high + 0.5)
    # The range is too wide for finite bin edges, or too narrow for distinct ones: use one bin.
    elif high / 2 - low / 2 > MAX_NUMBER or high - low <= MAX_BINS * ulp(max(-low, high)):
        return Histogram(edges=bin_range, counts=(len(floats),))
    counts, edges = np.histogram(floats, bin_count, bin_range)
    return Histogram(edges=tuple(edges.tolist()), counts=tuple(counts.tolist()))
