"""Windows of encoded rows, which fit into memory, and are read while the previous one is used."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset.memmap_rows import FieldKey
from engine.data.readers.shard_reader import PROBED_SHARDS
from engine.data.splits.split_rows import RowIndices
from engine.data.stream.shard_order import ShardOrder

if TYPE_CHECKING:
    from engine.data.cache.streamed_table import StreamedDataset

WINDOW_BYTES = 2**25  # the size of a window; two are in memory


@dataclass(frozen=True, slots=True)
class Window:
    """Encoded rows in memory, in the order in which they were read.

    Args:
        arrays: the arrays of all fields.
        row_indices: the index of each row in its dataset.
    """

    arrays: dict[FieldKey, NDArray[Any]]
    row_indices: RowIndices


def read_windows(
    dataset: StreamedDataset, order: ShardOrder, rows: range, window_rows: int
) -> Iterator[Window]:
    """Yield windows of `window_rows` rows while a thread reads the next one; the last has fewer.

    `rows` is the range of rows to read, counted in the order of the epoch.

    Raises:
        DiagnosticError: if a shard can't be read any more.
    """
    windows = _windows(dataset, order, rows, window_rows)
    with closing(windows), ThreadPoolExecutor(1, "read-ahead") as executor:
        pending = executor.submit(next, windows, None)
        while (window := pending.result()) is not None:
            pending = executor.submit(next, windows, None)
            yield window


def _windows(
    dataset: StreamedDataset, order: ShardOrder, rows: range, window_rows: int
) -> Generator[Window]:
    remaining, filled = len(rows), 0
    window = _empty_window(dataset, min(window_rows, remaining))
    for arrays, first in _chunks(dataset, order, rows):
        count = len(next(iter(arrays.values())))
        start = 0
        while start < count:
            stop = min(start + len(window.row_indices) - filled, count)
            end = filled + stop - start
            for field, values in arrays.items():
                window.arrays[field][filled:end] = values[start:stop]
            window.row_indices[filled:end] = np.arange(first + start, first + stop)
            start, filled = stop, end
            if filled == len(window.row_indices):
                yield window
                remaining -= filled
                window, filled = _empty_window(dataset, min(window_rows, remaining)), 0


def _chunks(
    dataset: StreamedDataset, order: ShardOrder, rows: range
) -> Iterator[tuple[dict[FieldKey, NDArray[Any]], int]]:
    """Yield chunks of encoded rows, each with the index of its first row in the dataset."""
    ranges = list(order.ranges(dataset.shard_edges, rows))
    for index, (shard, start, stop) in enumerate(ranges):
        if index % PROBED_SHARDS == 0:
            dataset.probe([shard for shard, _, _ in ranges[index : index + PROBED_SHARDS]])
        for arrays in dataset.read(shard, start, stop):
            yield arrays, start
            start += len(next(iter(arrays.values())))


def _empty_window(dataset: StreamedDataset, rows: int) -> Window:
    sample = dataset.table.sample
    arrays = {
        field: np.empty((rows, *sample.records[name].shape[1:]), sample.records[name].dtype)
        for field, name in sample.fields.items()
    }
    return Window(arrays, np.empty(rows, np.int64))
