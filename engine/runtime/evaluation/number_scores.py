"""R2, RMSE and MAE of an output of numbers, in the unit of the target, as in scikit-learn.

R2 of several columns is that of `multioutput="variance_weighted"`; errors are means of all columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.data.splits.random_split import permutation
from engine.data.table.array import Array
from engine.runs.evaluation import EvaluationScore
from engine.runtime.evaluation.bootstrap import interval_scores, ratio
from engine.runtime.evaluation.predictions import Predictions
from engine.runtime.inference.label_decoder import LabelDecoder

# Rows fall at random into at most this many cells, so that intervals of many rows take no longer.
MAX_CELLS = 2000


def number_scores(
    predictions: Predictions, decoder: LabelDecoder, means: Sequence[float], last: Array | None
) -> Iterator[EvaluationScore]:
    """Yield the scores, with the baseline that has the smaller squared errors.

    `means` are those of the training rows, () if they are unknown. `last` are the encoded
    `last_known_values` of windows.
    """
    truth, predicted = (
        decoder.inverse_transform(values.astype(np.float64))
        for values in (predictions.truth, predictions.predicted)
    )
    keep = predictions.mask
    center = np.where(keep, truth, 0).sum(axis=0) / np.maximum(keep.sum(axis=0), 1)
    _, rows = np.unique(predictions.row_indices, return_inverse=True)
    cells = permutation(int(rows.max()) + 1, 0)[rows] % MAX_CELLS

    def sums(guess: Array) -> Array:
        """Return by cell the sums of squared and absolute errors, deviations and counts."""
        errors = guess - truth
        parts = (np.square(errors), np.abs(errors), np.square(truth - center), keep)
        by_row = (np.where(keep, part, 0).sum(axis=1) for part in parts)
        return np.stack([np.bincount(cells, part) for part in by_row], axis=1)

    found = sums(predicted)
    if not np.isfinite(found).all():
        return
    guesses = {"": np.array(means)} if len(means) == truth.shape[1] else {}
    if last is not None:
        known = decoder.inverse_transform(last[predictions.row_indices].reshape(len(truth), -1))
        guesses["last value"] = np.where(np.isnan(known), guesses.get("", center), known)
    baselines = {name: _scores(sums(x).sum(axis=0)[None])[0] for name, x in guesses.items()}
    rmse = {name: float(scores[1]) for name, scores in baselines.items()}
    best = min(rmse, key=rmse.__getitem__, default="")  # "" is the mean

    def statistics(counts: Array) -> Array:
        return _scores(counts @ found)

    names, ones = ("R2", "RMSE", "MAE"), np.ones(len(found))
    for score in interval_scores(names, ones, statistics, baselines.get(best)):
        unit = "" if score.name == "R2" else predictions.head.unit
        yield score.model_copy(update={"unit": unit, "baseline_name": best or None})


def _scores(sums: Array) -> Array:
    """Return R2, RMSE and MAE for the sums that `sums` returns, of which each row has four."""
    squares, errors, deviations, counts = sums.T
    mse, mae = ratio(squares, counts), ratio(errors, counts)
    return np.column_stack((1 - ratio(squares, deviations), np.sqrt(mse), mae))
