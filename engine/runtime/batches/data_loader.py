"""Data loaders, which yield batches in an order that depends only on seed and epoch."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import ARRAY_GROUPS, MemmapRows
from engine.data.dataset.shuffle import GROUP_BYTES, MIN_ROW_BYTES, EpochOrder
from engine.data.dataset.stream_order import StreamOrder
from engine.runtime.batches.batch import Batch, RankRows, prefetch
from engine.runtime.device import DeviceContext

Arrays = Mapping[str, NDArray[Any]]
RowIndices = NDArray[np.int64]
RowOrder = RowIndices | EpochOrder
_RankPart = tuple[RowIndices, RankRows | None, bool]


class DataLoader:
    """A data loader for a split whose rows are in memory.

    Args:
        inputs, targets: arrays of the same length, by name of the input or output.
        batch_size: rows per batch; the last batch of an epoch may be smaller.
        dtype: dtype of floating-point batches.
        device: device of the batches; None is the CPU.
        weights: sample weights of rows or time steps, by output name.
        masks: masks by output name, True where a target is present.
        rank, size: this rank of `size` ranks gets the rows rank, rank + size, ... of each global
            batch. A batch with fewer rows than ranks goes to all ranks as a whole, and only rank 0
            counts it.
        is_prefetched: whether a batch is copied to the device while the one before it is used.
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
        rank: int = 0,
        size: int = 1,
        is_prefetched: bool = False,
    ) -> None:
        def stored(arrays: Arrays | None) -> dict[str, Tensor]:
            return {name: as_tensor(array, dtype) for name, array in (arrays or {}).items()}

        self.batch_size, self._rank, self._size = batch_size, rank, size
        self._device, self._is_prefetched = device or torch.device("cpu"), is_prefetched
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
        batches = self._cpu_batches(order, skip)
        if self._is_prefetched:
            return prefetch(batches, self._device)
        return batches if self._device.type == "cpu" else (b.to(self._device) for b in batches)

    def _cpu_batches(self, order: RowOrder | None, skip: int) -> Iterator[Batch]:
        for start in range(skip * self.batch_size, self.row_count, self.batch_size):
            places, rank_rows, is_counted = self._rank_part(start)
            own = places if order is None else order.take(places)
            is_slice = order is None and self._size == 1
            indices = slice(start, start + len(own)) if is_slice else torch.from_numpy(own)
            yield Batch(
                self._take(self._inputs, indices),
                self._take(self._targets, indices),
                len(own),
                self._take(self._weights, indices),
                self._take(self._masks, indices),
                own,
                rank_rows,
                is_counted,
            )

    def _rank_part(self, start: int) -> _RankPart:
        """Return where this rank's rows of the global batch from `start` on are in the order.

        The other results are `rank_rows` and `is_counted` of `Batch`.
        """
        places = np.arange(start, min(start + self.batch_size, self.row_count))
        if self._size == 1 or len(places) < self._size:
            return places, None, self._rank == 0
        own = slice(self._rank, None, self._size)
        return places[own], RankRows(len(places), own), True

    def _take(self, tensors: Mapping[str, Tensor], indices: slice | Tensor) -> dict[str, Tensor]:
        if isinstance(indices, slice):
            return {name: x[indices] for name, x in tensors.items()}
        # index_select copies complete rows; `x[indices]` would index element by element.
        return {name: x.index_select(0, indices) for name, x in tensors.items()}


class DiskDataLoader(DataLoader):
    """A data loader for rows on disk, which reads several megabytes of rows at a time.

    If the rows are streamed, a thread reads them ahead.
    """

    def __init__(
        self,
        stored: MemmapRows,
        batch_size: int,
        dtype: torch.dtype,
        device: torch.device,
        rank: int = 0,
        size: int = 1,
        is_prefetched: bool = False,
    ) -> None:
        # super().__init__ is not called, since it keeps rows in memory. The row order is the same.
        self.batch_size, self.row_count = batch_size, len(stored)
        self._stored, self._dtype, self._device = stored, dtype, device
        self._rank, self._size, self._is_prefetched = rank, size, is_prefetched
        self._row_bytes = bytes_per_row(*map(stored.arrays, ARRAY_GROUPS))

    def _batches_per_read(self) -> int:
        rows = GROUP_BYTES // max(self._row_bytes, MIN_ROW_BYTES) * self._size
        return max(rows // self.batch_size, 1)

    def epoch_order(self, seed: int, epoch: int, shuffle: bool = True) -> EpochOrder:
        """Return the order of the rows in an epoch, in which shards are read in sequence."""
        edges, window = self._stored.shard_edges, self._batches_per_read()
        if edges is None:
            return super().epoch_order(seed, epoch, shuffle)
        return StreamOrder(edges, self.batch_size, self._size, window, seed, epoch, shuffle)

    def _cpu_batches(self, order: RowOrder | None, skip: int) -> Iterator[Batch]:
        reads = self._reads(order, skip)
        for batches in reads if self._stored.shard_edges is None else _read_ahead(reads):
            yield from batches

    def _reads(self, order: RowOrder | None, skip: int) -> Generator[Iterator[Batch]]:
        """Read the rows of some batches at a time, and yield the batches of each time."""
        size, start = self.batch_size, skip * self.batch_size
        while start < self.row_count:
            # Read up to the end of the order's current group of rows, within the memory limit. The
            # last batch may extend into the next group.
            count = self._batches_per_read()
            if isinstance(order, EpochOrder):
                count = min(count, -(-(order.group_end(start) - start) // size))
            stop = min(start + count * size, self.row_count)
            parts = [self._rank_part(first) for first in range(start, stop, size)]
            rows = np.concatenate([places for places, *_ in parts])
            rows = rows if order is None else order.take(rows)
            yield self._batches_of(rows, parts, self._stored.take(rows))
            start = stop

    def _batches_of(
        self, rows: RowIndices, parts: Sequence[_RankPart], arrays: Mapping[str, Arrays]
    ) -> Iterator[Batch]:
        start = 0
        for places, rank_rows, is_counted in parts:
            part = slice(start, start + len(places))
            start = part.stop
            inputs, targets, masks, weights = (
                self._tensors(arrays[group], part) for group in ARRAY_GROUPS
            )
            own = rows[part]
            yield Batch(inputs, targets, len(own), weights, masks, own, rank_rows, is_counted)

    def _tensors(self, arrays: Arrays, rows: slice) -> dict[str, Tensor]:
        # Each batch is a copy, as in `DataLoader`, since alignment may change rounding.
        return {name: as_tensor(array[rows], self._dtype).clone() for name, array in arrays.items()}


def _read_ahead(reads: Generator[Iterator[Batch]]) -> Iterator[Iterator[Batch]]:
    """Yield the items of a generator; a thread makes the next one while one is used."""
    with closing(reads), ThreadPoolExecutor(1, "read-ahead") as executor:
        pending = executor.submit(next, reads, None)
        while (batches := pending.result()) is not None:
            pending = executor.submit(next, reads, None)
            yield batches


def make_data_loader(
    dataset: Dataset,
    batch_size: int,
    device_context: DeviceContext,
    rank: int = 0,
    size: int = 1,
    is_prefetched: bool = False,
) -> DataLoader:
    """Return the data loader of a dataset, in memory or on disk; see `DataLoader`."""
    dtype, device = device_context.dtype, device_context.device
    if dataset.memmap is not None:
        return DiskDataLoader(dataset.memmap, batch_size, dtype, device, rank, size, is_prefetched)
    return DataLoader(
        dataset.inputs, dataset.targets, batch_size, dtype, device, dataset.weights, dataset.masks,
        rank, size, is_prefetched,
    )  # fmt: skip


def as_tensor(array: NDArray[Any], dtype: torch.dtype) -> Tensor:
    """Return an array as a tensor, if possible without a copy; only float arrays get `dtype`."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def bytes_per_row(*groups: Mapping[str, Any]) -> int:
    """Return how many bytes one row takes in all arrays of all mappings `groups`, at least 1."""
    arrays = [array for group in groups for array in group.values()]
    return sum(array.itemsize * math.prod(array.shape[1:]) for array in arrays) or 1
