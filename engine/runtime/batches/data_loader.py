"""Data loaders, which yield batches in an order that depends only on seed and epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.dataset.memmap_rows import ARRAY_GROUPS, MemmapRows
from engine.data.dataset.shuffle import GROUP_BYTES, MIN_ROW_BYTES, EpochOrder

Arrays = Mapping[str, NDArray[Any]]
RowOrder = NDArray[np.int64] | EpochOrder


@dataclass(frozen=True)
class Batch:
    """A batch of rows of all inputs and targets.

    Args:
        inputs, targets: tensors by name of the input or output; the first axis is the batch.
        row_count: number of rows.
        weights: sample weights by output name, of shape (batch,) or (batch, steps).
        masks: masks by output name, True where a target is present. An output without a mask has a
            target in every row.
        row_indices: indices of the rows in their split.
        is_counted: False if the rows count in no loss and no metric. A process whose rows are used
            up gets such a batch, while other processes train on the last rows.
    """

    inputs: dict[str, Tensor]
    targets: dict[str, Tensor]
    row_count: int
    weights: dict[str, Tensor] = field(default_factory=dict)
    masks: dict[str, Tensor] = field(default_factory=dict)
    row_indices: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    is_counted: bool = True


class DataLoader:
    """A data loader for a split whose rows are in memory.

    Args:
        inputs, targets: arrays of the same length, by name of the input or output.
        batch_size: rows per batch; the last batch of an epoch may be smaller.
        dtype: dtype of floating-point batches.
        device: device of the batches; None is the CPU.
        weights: sample weights of rows or time steps, by output name.
        masks: masks by output name, True where a target is present.
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
        def stored(arrays: Arrays | None) -> dict[str, Tensor]:
            return {name: as_tensor(array, dtype) for name, array in (arrays or {}).items()}

        self.batch_size = batch_size
        self._device = device or torch.device("cpu")
        self._inputs, self._targets = stored(inputs), stored(targets)
        self._weights, self._masks = stored(weights), stored(masks)
        self.row_count = len(next(iter(inputs.values())))
        self._row_bytes = bytes_per_row(inputs, targets, weights or {}, masks or {})

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-self.row_count // self.batch_size)

    def epoch_order(self, seed: int, epoch: int, shuffle: bool = True) -> EpochOrder:
        """Return the order of the rows in an epoch."""
        return EpochOrder(self.row_count, self._row_bytes, seed, epoch, shuffle)

    def batches(self, order: RowOrder | None = None, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch.

        Args:
            order: order of the rows; None keeps the order of the table.
            skip: number of batches to skip, to resume within an epoch.
        """
        for start in range(skip * self.batch_size, self.row_count, self.batch_size):
            stop = min(start + self.batch_size, self.row_count)
            row_indices = _row_indices(order, start, stop)
            indices = slice(start, stop) if order is None else torch.from_numpy(row_indices)
            yield Batch(
                self._take(self._inputs, indices),
                self._take(self._targets, indices),
                stop - start,
                self._take(self._weights, indices),
                self._take(self._masks, indices),
                row_indices,
            )

    def _take(self, tensors: Mapping[str, Tensor], indices: slice | Tensor) -> dict[str, Tensor]:
        if isinstance(indices, slice):
            return {name: x[indices].to(self._device) for name, x in tensors.items()}
        # index_select copies complete rows; `x[indices]` would index element by element.
        return {name: x.index_select(0, indices).to(self._device) for name, x in tensors.items()}


class DiskDataLoader(DataLoader):
    """A data loader for rows on disk, which reads several megabytes of rows at a time."""

    def __init__(
        self, stored: MemmapRows, batch_size: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        # super().__init__ is not called, since it keeps rows in memory. The row order is the same.
        self.batch_size, self.row_count = batch_size, len(stored)
        self._stored, self._dtype, self._device = stored, dtype, device
        self._row_bytes = bytes_per_row(*map(stored.arrays, ARRAY_GROUPS))

    def batches(self, order: RowOrder | None = None, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch; arguments as in `DataLoader.batches`."""
        size, start = self.batch_size, skip * self.batch_size
        rows_per_read = max(GROUP_BYTES // max(self._row_bytes, MIN_ROW_BYTES), size)
        while start < self.row_count:
            # Read up to the end of the order's current group of rows, within the memory limit,
            # rounded down to complete batches. A batch may extend into the next group.
            limit = start + rows_per_read
            if isinstance(order, EpochOrder):
                limit = min(limit, order.group_end(start))
            stop = min(start + max((limit - start) // size, 1) * size, self.row_count)
            row_indices = _row_indices(order, start, stop)
            arrays = self._stored.take(slice(start, stop) if order is None else row_indices)
            for first_row in range(0, stop - start, size):
                row_slice = slice(first_row, min(first_row + size, stop - start))
                yield self._batch(arrays, row_slice, row_indices)
            start = stop
            del arrays  # free memory before the next read

    def _batch(
        self, arrays: Mapping[str, Arrays], row_slice: slice, row_indices: NDArray[np.int64]
    ) -> Batch:
        inputs, targets, masks, weights = (
            {
                # Each batch is a copy, as in `DataLoader`, since alignment may change rounding.
                name: as_tensor(array[row_slice], self._dtype).clone().to(self._device)
                for name, array in arrays[role].items()
            }
            for role in ARRAY_GROUPS
        )
        row_count = row_slice.stop - row_slice.start
        return Batch(inputs, targets, row_count, weights, masks, row_indices[row_slice])


def as_tensor(array: NDArray[Any], dtype: torch.dtype) -> Tensor:
    """Return an array as a tensor, if possible without a copy; only float arrays get `dtype`."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def bytes_per_row(*groups: Mapping[str, Any]) -> int:
    """Return how many bytes one row takes in all arrays of all mappings `groups`, at least 1."""
    arrays = [array for group in groups for array in group.values()]
    return sum(array.itemsize * math.prod(array.shape[1:]) for array in arrays) or 1


def _row_indices(order: RowOrder | None, start: int, stop: int) -> NDArray[np.int64]:
    return np.arange(start, stop) if order is None else order[start:stop]
