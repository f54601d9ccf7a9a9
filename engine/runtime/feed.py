"""Arrays as batches of tensors, in an order that is a function of seed and epoch alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.dataset import Dataset
from engine.data.splits import permutation
from engine.runtime.device import Place

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Batch:
    """Some rows of every input and target.

    Args:
        inputs, targets: by port name, batch axis first.
        rows: how many.
        weights: by output, how much each row, or each step of it, counts in the loss.
        masks: by output, True where there is a target; one without a mask has all of them.
    """

    inputs: dict[str, Tensor]
    targets: dict[str, Tensor]
    rows: int
    weights: dict[str, Tensor] = field(default_factory=dict)
    masks: dict[str, Tensor] = field(default_factory=dict)


def epoch_order(rows: int, seed: int, epoch: int, shuffle: bool = True) -> NDArray[np.int64]:
    """Answer the order in which an epoch takes the rows."""
    return permutation(rows, seed, epoch) if shuffle else np.arange(rows)


class Feed:
    """The rows of one split, held as tensors.

    Args:
        inputs, targets: by port name; arrays of one length.
        batch_size: rows in a batch; the last one of an epoch may be shorter.
        dtype: what real numbers become.
        device: where batches go.
        weights: by output, one number for each row or each of its steps.
        masks: by output, True where there is a target.
    """

    def __init__(
        self,
        inputs: Arrays,
        targets: Arrays,
        batch_size: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
        weights: Arrays | None = None,
        masks: Arrays | None = None,
    ) -> None:
        self.batch_size = batch_size
        self._device = device or torch.device("cpu")
        self._inputs = {name: _tensor(array, dtype) for name, array in inputs.items()}
        self._targets = {name: _tensor(array, dtype) for name, array in targets.items()}
        self._weights = {name: _tensor(array, dtype) for name, array in (weights or {}).items()}
        self._masks = {name: _tensor(array, dtype) for name, array in (masks or {}).items()}
        self.rows = len(next(iter(self._inputs.values())))

    def __len__(self) -> int:
        """Answer the number of batches in an epoch."""
        return -(-self.rows // self.batch_size)

    def batches(self, order: NDArray[np.int64] | None = None, first: int = 0) -> Iterator[Batch]:
        """Yield the batches of one pass.

        Args:
            order: the rows in the order wanted; None takes them as they stand.
            first: the number of batches to leave out, for a run that is resumed inside an epoch.
        """
        for start in range(first * self.batch_size, self.rows, self.batch_size):
            stop = min(start + self.batch_size, self.rows)
            rows = slice(start, stop) if order is None else torch.from_numpy(order[start:stop])
            yield Batch(
                self._take(self._inputs, rows),
                self._take(self._targets, rows),
                stop - start,
                self._take(self._weights, rows),
                self._take(self._masks, rows),
            )

    def _take(self, tensors: Mapping[str, Tensor], rows: slice | Tensor) -> dict[str, Tensor]:
        return {name: tensor[rows].to(self._device) for name, tensor in tensors.items()}


def feed_of(rows: Dataset, batch_size: int, place: Place) -> Feed:
    """Answer the feed of a dataset, with its weights and masks."""
    return Feed(
        rows.inputs,
        rows.targets,
        batch_size,
        place.dtype,
        place.device,
        rows.weights,
        rows.masks,
    )


def _tensor(array: NDArray[Any], dtype: torch.dtype) -> Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.to(dtype) if tensor.is_floating_point() else tensor
