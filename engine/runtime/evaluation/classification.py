"""Classes against classes: which was taken for which, and whether confidence is deserved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.runs.evaluation import Bin, Calibration, Cell, Confusion, Pair, number

Array = NDArray[Any]
MOST_CLASSES = 64  # a larger matrix is no picture any more
MOST_PAIRS = 20
BINS = 10
ROWS = 20  # of a cell, those that are named
MOST_ROWS = 2000  # of all cells together, so that a record stays small


def confusion(
    truth: Array, said: Array, labels: Sequence[str], rows: Array, losses: Array
) -> Confusion:
    """Return how often each class was taken for each, and some rows of each such case.

    Args:
        truth, said: class numbers.
        labels: the classes' names, in order.
        rows: of each answer, its row's number in the table; a row may have several.
        losses: of each answer, its row's loss.
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
    named = _cells(places, rows[inside], losses[inside], count) if matrix else ()
    return Confusion(labels=tuple(labels[:MOST_CLASSES]), counts=matrix, pairs=pairs, cells=named)


def _cells(places: Array, rows: Array, losses: Array, count: int) -> tuple[Cell, ...]:
    """Return some rows of each cell, those with the largest loss first, each row once."""
    worst = np.lexsort((rows, -np.nan_to_num(losses, nan=-np.inf), places))
    places, rows = places[worst], rows[worst]
    _, firsts = np.unique(np.stack((places, rows)), axis=1, return_index=True)
    firsts.sort()
    places, rows = places[firsts], rows[firsts]
    cells, starts, times = np.unique(places, return_index=True, return_counts=True)
    most = max(1, min(ROWS, MOST_ROWS // max(1, len(cells))))
    return tuple(
        Cell(
            truth=cell // count,
            predicted=cell % count,
            rows=tuple(rows[start : start + min(time, most)].tolist()),
        )
        for cell, start, time in zip(cells.tolist(), starts.tolist(), times.tolist(), strict=True)
    )


def calibration(confidence: Array, right: Array) -> Calibration:
    """Return how often answers of about the same confidence came true.

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
