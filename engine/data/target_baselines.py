"""Statistics of the training targets: what is predicted without looking at the inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from engine.data.dataset.dataset import Dataset
from engine.data.encoders import NumberEncoder
from engine.data.ports.target_spec import target_spec
from engine.data.preprocessing.class_weights import class_counts
from engine.data.table.array import Array
from engine.data.table.chunks import row_blocks
from engine.objectives.head import Head


def target_baselines(heads: Iterable[Head], train: Dataset) -> dict[str, tuple[float, ...]]:
    """Return by output name the mean of each target column, or the share of each class.

    Means are in the unit of the target column. A column of a binary target has the share of True.
    Missing targets are left out. Of a streamed table, a sample of the training rows is used.
    """
    return {head.name: _baseline(head, train) for head in heads if head.name in train.targets}


def _baseline(head: Head, train: Dataset) -> tuple[float, ...]:
    values, mask, port = train.targets[head.name], train.masks.get(head.name), target_spec(head)
    encoder = train.fitted.targets.get(head.name)
    total: Any = 0.0
    count: Any = 0.0
    for start, block in row_blocks(values):
        keep = None if mask is None else np.asarray(mask[start : start + len(block)])
        if port.form in ("index", "onehot", "distribution"):
            counts = class_counts(port, block, keep) if port.classes else np.zeros(0)
            total, count = total + counts, count + counts.sum()
            continue
        numbers: Array = block > 0.5 if port.form == "binary" else block.astype(np.float64)
        if isinstance(encoder, NumberEncoder):
            numbers = encoder.inverse_transform(numbers)
        width = block.shape[-1] if block.ndim > 1 else 1
        kept = np.ones(block.shape, bool) if keep is None else keep.reshape(block.shape)
        total = total + np.where(kept, numbers, 0).reshape(-1, width).sum(axis=0)
        count = count + kept.reshape(-1, width).sum(axis=0)
    return tuple(np.asarray(total / np.maximum(count, 1), np.float64).reshape(-1).tolist())
