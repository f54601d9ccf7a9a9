"""The most frequent texts of a column, and examples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.profile.statistics import LabelCount
from engine.data.table.cell_format import truncate_text
from engine.data.table.column_types import TextArray

MAX_EXAMPLES = 5
MAX_TOP_LABELS = 24


def top_labels(texts: TextArray, counts: NDArray[np.int64]) -> tuple[LabelCount, ...]:
    """Return the most frequent of distinct texts, truncated, with the number of cells of each."""
    order = np.argsort(-counts, kind="stable")[:MAX_TOP_LABELS]
    labels = zip(texts.take(order).to_pylist(), counts[order].tolist(), strict=True)
    return tuple(LabelCount(text=truncate_text(text), count=count) for text, count in labels)


def first_texts(cells: TextArray) -> tuple[str, ...]:
    """Return the first distinct texts, truncated."""
    return tuple(map(truncate_text, cells.unique()[:MAX_EXAMPLES].to_pylist()))
