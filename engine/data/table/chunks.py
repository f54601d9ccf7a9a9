"""Iterates over arrays in blocks of rows, so that temporary arrays are small.

The pages of memory-mapped arrays are released after each block: the released pages stay in the page
cache of the operating system, but no longer count as memory of this process.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.data.table.array import Array
from engine.data.table.row_numbers import any_per_row

_BLOCK_BYTES = 2**22  # the bytes of a block, which fit into the CPU cache


def row_blocks(array: Array) -> Iterator[tuple[int, Array]]:
    """Yield consecutive blocks of rows of an array, each with the index of its first row."""
    count = len(array)
    if not count:
        return
    # Use the stride, since bytes between two rows of a file are loaded, too.
    row_size = max(array.nbytes // count, abs(array.strides[0]), 1)
    rows = max(_BLOCK_BYTES // row_size, 1)
    mapped = underlying_mmap(array)
    for start in range(0, count, rows):
        yield start, array[start : start + rows]
        release_pages(mapped)


def rows_matching(array: Array, test: Callable[[Array], Array]) -> Array:
    """Return, for each row, whether `test` is True for any value in the row.

    `test` gets a block of rows, and returns a boolean for each value of the block.
    """
    result = np.zeros(len(array), bool)
    for start, block in row_blocks(array):
        matches = test(block)
        if matches.any():
            result[start : start + len(block)] = any_per_row(matches)
    return result


def min_max(array: Array) -> tuple[Any, Any]:
    """Return the minimum and the maximum of an array that has at least one value."""
    ranges = [(block.min(), block.max()) for _, block in row_blocks(array)]
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def masked_row_blocks(array: Array, mask: Array | None) -> Iterator[Array]:
    """Yield, in blocks, the rows of `array` that have any True in `mask`; None selects all rows."""
    for start, block in row_blocks(array):
        if mask is None:
            yield block
        else:
            kept = block[any_per_row(mask[start : start + len(block)])]
            if len(kept):
                yield kept


def underlying_mmap(array: Any) -> mmap.mmap | None:
    """Return the memory map that an array is a view of, None for an array in memory."""
    base = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = base.obj if isinstance(base, memoryview) else getattr(base, "base", None)
    return base


def release_pages(mapped: mmap.mmap | None) -> None:
    """Release the pages of a memory-mapped file; they are loaded again when accessed."""
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
