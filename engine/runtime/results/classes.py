"""Classes against classes: which was taken for which, and whether confidence is deserved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.runs.results import Bin, Calibration, Confusion, Pair, number

Array = NDArray[Any]
MOST_CLASSES = 64  # a larger matrix is no picture any more
MOST_PAIRS = 20
BINS = 10


def confusion(truth: Array, said: Array, labels: Sequence[str]) -> Confusion:
    """Answer how often each class was taken for each.

    Args:
        truth, said: class numbers.
        labels: the classes' names, in order.
    """
    count = len(labels)
    inside = (truth >= 0) & (truth < count)
    places = truth[inside].astype(np.int64) * count + said[inside]
    cells, times = np.unique(places, return_counts=True)
    matrix: tuple[tuple[int, ...], ...] = ()
    if count <= MOST_CLASSES:
        full = np.zeros(count * count, np.int64)
        full[cells] = times
        matrix = tuple(tuple(row) for row in full.reshape(count, count).tolist())
    wrong = cells // count != cells % count
    order = np.argsort(-times[wrong], kind="stable")[:MOST_PAIRS]
    pairs = tuple(
        Pair(truth=labels[cell // count], predicted=labels[cell % count], count=times_)
        for cell, times_ in zip(
            cells[wrong][order].tolist(), times[wrong][order].tolist(), strict=True
        )
    )
    return Confusion(labels=tuple(labels[:MOST_CLASSES]), counts=matrix, pairs=pairs)


def calibration(confidence: Array, right: Array) -> Calibration:
    """Answer how often answers of about the same confidence came true.

    Args:
        confidence: from 0 to 1.
        right: True where it came true.
    """
    if not len(confidence):
        return Calibration()
    place = np.clip((confidence * BINS).astype(np.int64), 0, BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    sure = np.bincount(place, confidence, BINS)
    true = np.bincount(place, right, BINS)
    bins = tuple(
        Bin(
            low=at / BINS,
            high=(at + 1) / BINS,
            count=int(counts[at]),
            predicted=number(sure[at] / counts[at]) or 0.0,
            observed=number(true[at] / counts[at]) or 0.0,
        )
        for at in np.flatnonzero(counts)
    )
    gap = np.abs(sure - true).sum() / len(confidence)
    return Calibration(bins=bins, error=number(float(gap)))
