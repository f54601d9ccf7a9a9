"""Yes or no over all thresholds: ROC, and precision against recall."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.runs.evaluation import Ranking, number

Array = NDArray[Any]
POINTS = 200


def rankings(truth: Array, score: Array, label: str = "") -> tuple[Ranking, Ranking] | None:
    """Return both curves, None where all rows have the same answer.

    Args:
        truth: True for yes.
        score: larger where yes is more likely.
        label: what yes means, where there are several questions.
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return None
    order = np.argsort(-score, kind="stable")
    scores, hits = score[order], truth[order]
    # Equal scores are one threshold; its point is after the last of them.
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    true = np.cumsum(hits)[last]
    false = last + 1 - true
    at = scores[last]
    rate, alarm = true / positives, false / negatives
    precision = true / (true + false)
    x, y = np.append(0.0, alarm), np.append(0.0, rate)
    area = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))
    average = float(np.sum(np.diff(y) * precision))
    roc = _thinned(label, (x, y, np.append(np.inf, at)), area)
    return roc, _thinned(label, (rate, precision, at), average)


def _thinned(label: str, points: tuple[Array, Array, Array], area: float) -> Ranking:
    x, y, at = points
    keep = np.arange(len(x))
    if len(x) > POINTS:
        # Even along the curve, not along the rows: a steep part keeps its shape.
        way = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
        keep = np.unique(np.searchsorted(way, np.linspace(0, way[-1], POINTS)).clip(0, len(x) - 1))
        keep = np.unique(np.append(keep, (0, len(x) - 1)))
    return Ranking(
        label=label,
        x=tuple(number(value) or 0.0 for value in x[keep].tolist()),
        y=tuple(number(value) or 0.0 for value in y[keep].tolist()),
        at=tuple(number(value) for value in at[keep].tolist()),
        area=number(area),
    )
