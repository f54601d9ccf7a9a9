"""The confusion matrix of a classifier, with example rows of each kind of error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.table.array import Array
from engine.runs import evaluation

MAX_CLASSES = 64  # a larger matrix is not legible
MAX_PAIRS = 20
MAX_CELL_ROWS = 20  # maximum example rows of a cell
MAX_ROWS = 2000  # maximum example rows of all cells together, to limit the size of the record


def confusion(
    truth: Array, predicted: Array, labels: Sequence[str], rows: Array, losses: Array
) -> evaluation.ConfusionMatrix:
    """Return the confusion matrix, the most frequent mistakes, and example rows of each cell.

    Args:
        truth, predicted: true and predicted class index of each prediction.
        labels: class names by class index.
        rows: index of the table row of each prediction; several predictions may share a row.
        losses: loss of the table row of each prediction.
    """
    count = len(labels)
    inside = (truth >= 0) & (truth < count)
    # A cell has the index true class * number of classes + predicted class.
    cell_indices = truth[inside].astype(np.int64) * count + predicted[inside]
    cells, frequencies = np.unique(cell_indices, return_counts=True)
    matrix: tuple[tuple[int, ...], ...] = ()
    if count <= MAX_CLASSES:
        full = np.zeros(count * count, np.int64)
        full[cells] = frequencies
        matrix = tuple(tuple(row) for row in full.reshape(count, count).tolist())
    is_wrong = cells // count != cells % count
    order = np.argsort(-frequencies[is_wrong], kind="stable")[:MAX_PAIRS]
    pairs = tuple(
        evaluation.ConfusedPair(
            truth=labels[cell // count], predicted=labels[cell % count], count=frequency
        )
        for cell, frequency in zip(
            cells[is_wrong][order].tolist(), frequencies[is_wrong][order].tolist(), strict=True
        )
    )
    examples: tuple[evaluation.ConfusionCell, ...] = ()
    if matrix:
        examples = _example_rows(cell_indices, rows[inside], losses[inside], count)
    return evaluation.ConfusionMatrix(
        labels=tuple(labels[:MAX_CLASSES]), counts=matrix, pairs=pairs, cells=examples
    )


def _example_rows(
    cell_indices: Array, rows: Array, losses: Array, count: int
) -> tuple[evaluation.ConfusionCell, ...]:
    """Return the non-empty cells of the confusion matrix, each with example rows of the table.

    The rows of a cell are distinct and sorted by descending loss. The arrays have one element per
    prediction. A cell index is true class * `count` (number of classes) + predicted class.
    """
    # Sort by cell, then by descending loss, then by row; keep the first occurrence of each row.
    order = np.lexsort((rows, -np.nan_to_num(losses, nan=-np.inf), cell_indices))
    cell_indices, rows = cell_indices[order], rows[order]
    _, firsts = np.unique(np.stack((cell_indices, rows)), axis=1, return_index=True)
    firsts.sort()
    cell_indices, rows = cell_indices[firsts], rows[firsts]
    cells, starts, sizes = np.unique(cell_indices, return_index=True, return_counts=True)
    max_rows = max(1, min(MAX_CELL_ROWS, MAX_ROWS // max(1, len(cells))))
    return tuple(
        evaluation.ConfusionCell(
            truth=cell // count,
            predicted=cell % count,
            rows=tuple(rows[start : start + min(size, max_rows)].tolist()),
        )
        for cell, start, size in zip(cells.tolist(), starts.tolist(), sizes.tolist(), strict=True)
    )
