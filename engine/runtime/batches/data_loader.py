"""Arrays as batches of tensors, in an order that is a function of seed and epoch alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import SIDES, Stored
from engine.data.dataset.shuffle import GROUP, LEAST, Order
from engine.runtime.batches.compact_rows import Held, as_tensor, hold
from engine.runtime.device import Place

Arrays = Mapping[str, NDArray[Any]]
Places = NDArray[np.int64] | Order


@dataclass(frozen=True)
class Batch:
    """Some rows of every input and target.

    Args:
        inputs, targets: by port name, batch axis first.
        rows: how many.
        weights: by output, how much each row, or each step of it, counts in the loss.
        masks: by output, True where there is a target; one without a mask has all of them.
        numbers: which rows of the split, counted from 0 as they stand.
    """

    inputs: dict[str, Tensor]
    targets: dict[str, Tensor]
    rows: int
    weights: dict[str, Tensor] = field(default_factory=dict)
    masks: dict[str, Tensor] = field(default_factory=dict)
    numbers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


def epoch_order(rows: int, seed: int, epoch: int, shuffle: bool = True, width: int = 1) -> Order:
    """Return the order in which an epoch takes rows of `width` bytes each."""
    return Order(rows, width, seed, epoch, shuffle)


class Feed:
    """The rows of one split, held as tensors.

    Args:
        inputs, targets: by port name; arrays of one length.
        batch_size: rows in a batch; the last one of an epoch may be shorter.
        dtype: what real numbers become.
        device: where batches go.
        weights: by output, one number for each row or each of its steps.
        masks: by output, True where there is a target.
        lean: see `hold`.
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
        lean: bool = False,
    ) -> None:
        def held(arrays: Arrays | None) -> dict[str, Held]:
            return {name: hold(array, dtype, lean) for name, array in (arrays or {}).items()}

        self.batch_size = batch_size
        self._device = device or torch.device("cpu")
        self._inputs, self._targets = held(inputs), held(targets)
        self._weights, self._masks = held(weights), held(masks)
        self.rows = len(next(iter(inputs.values())))
        self._width = row_size(inputs, targets, weights or {}, masks or {})

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-self.rows // self.batch_size)

    def order(self, seed: int, epoch: int, shuffle: bool = True) -> Order:
        """Return the order in which an epoch takes the rows."""
        return epoch_order(self.rows, seed, epoch, shuffle, self._width)

    def batches(self, order: Places | None = None, first: int = 0) -> Iterator[Batch]:
        """Yield the batches of one pass.

        Args:
            order: the rows in the order wanted; None takes them as they stand.
            first: the number of batches to leave out, for a run that is resumed inside an epoch.
        """
        for start in range(first * self.batch_size, self.rows, self.batch_size):
            stop = min(start + self.batch_size, self.rows)
            numbers = _numbers(order, start, stop)
            rows = slice(start, stop) if order is None else torch.from_numpy(numbers)
            yield Batch(
                self._take(self._inputs, rows),
                self._take(self._targets, rows),
                stop - start,
                self._take(self._weights, rows),
                self._take(self._masks, rows),
                numbers,
            )

    def _take(self, held: Mapping[str, Held], rows: slice | Tensor) -> dict[str, Tensor]:
        return {name: each.take(rows, self._device) for name, each in held.items()}


class StoredFeed(Feed):
    """The rows of one split, left on disk, and read some ten thousand at a time.

    Args:
        rows: where they are.
        batch_size, dtype, device: as for a `Feed`.
    """

    def __init__(
        self, rows: Stored, batch_size: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        # Nothing is held but the order of the rows, which is that of a feed in memory.
        self.batch_size, self.rows = batch_size, len(rows)
        self._stored, self._dtype, self._device = rows, dtype, device
        self._width = row_size(*map(rows.arrays, SIDES))

    def batches(self, order: Places | None = None, first: int = 0) -> Iterator[Batch]:
        """Yield the batches of one pass; arguments as for a `Feed`."""
        size, start = self.batch_size, first * self.batch_size
        while start < self.rows:
            end = order.end(start) if isinstance(order, Order) else start + self._held
            # Whole batches, of which one may reach into the next group.
            stop = min(start + max((min(end, start + self._held) - start) // size, 1) * size,
                       self.rows)  # fmt: skip
            numbers = _numbers(order, start, stop)
            read = self._stored.take(slice(start, stop) if order is None else numbers)
            for place in range(0, stop - start, size):
                yield self._batch(read, slice(place, min(place + size, stop - start)), numbers)
            start = stop
            del read  # before the next ones are read

    @property
    def _held(self) -> int:
        return max(GROUP // max(self._width, LEAST), self.batch_size)

    def _batch(self, read: Mapping[str, Arrays], rows: slice, numbers: NDArray[np.int64]) -> Batch:
        inputs, targets, masks, weights = (
            {
                # In a place of its own, as a batch from memory is: sums may differ with the place.
                name: as_tensor(array[rows], self._dtype).clone().to(self._device)
                for name, array in read[side].items()
            }
            for side in SIDES
        )
        return Batch(inputs, targets, rows.stop - rows.start, weights, masks, numbers[rows])


def feed_of(rows: Dataset, batch_size: int, place: Place, lean: bool = False) -> Feed:
    """Return the feed of a dataset, with its weights and masks.

    Args:
        lean: see `hold`.
    """
    if rows.stored is not None:
        return StoredFeed(rows.stored, batch_size, place.dtype, place.device)
    return Feed(
        rows.inputs,
        rows.targets,
        batch_size,
        place.dtype,
        place.device,
        rows.weights,
        rows.masks,
        lean,
    )


def row_size(*sides: Mapping[str, Any]) -> int:
    """Return how many bytes a row of all arrays takes."""
    arrays = [array for side in sides for array in side.values()]
    return sum(array.itemsize * math.prod(array.shape[1:]) for array in arrays) or 1


def _numbers(order: Places | None, start: int, stop: int) -> NDArray[np.int64]:
    """Return which rows stand at some places of an order, None being that of the table."""
    return np.arange(start, stop) if order is None else order[start:stop]
