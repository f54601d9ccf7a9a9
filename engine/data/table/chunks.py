"""Goes through arrays in blocks of rows, so that what is worked out on the way stays small.

An array may lie in a file that is mapped into memory. What was read of it is let go after each
block: it stays in the system's cache, and no longer counts as this process's memory.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table.row_numbers import any_of_row

Array = NDArray[Any]
SIZE = 2**22  # bytes of a block: what a processor keeps near


def parts(array: Array, size: int = SIZE) -> Iterator[tuple[int, Array]]:
    """Yield blocks of rows in their order, each with the number of its first row.

    Args:
        array: rows first.
        size: bytes of a block, which has at least one row.
    """
    count = len(array)
    if not count:
        return
    # What lies between two rows of a file is brought into memory with them.
    width = max(array.nbytes // count, abs(array.strides[0]), 1)
    rows = max(size // width, 1)
    mapped = mapping_of(array)
    for start in range(0, count, rows):
        yield start, array[start : start + rows]
        let_go(mapped)


def rows_where(array: Array, test: Callable[[Array], Array]) -> Array:
    """Return for each row whether any of its values passes a test."""
    found = np.zeros(len(array), bool)
    for start, part in parts(array):
        passed = test(part)
        if passed.any():
            found[start : start + len(part)] = any_of_row(passed)
    return found


def extremes(array: Array) -> tuple[Any, Any]:
    """Return the least and the largest value."""
    found = [(part.min(), part.max()) for _, part in parts(array)]
    return min(low for low, _ in found), max(high for _, high in found)


def counted_parts(array: Array, mask: Array | None) -> Iterator[Array]:
    """Yield blocks of those rows of which some part counts."""
    for start, part in parts(array):
        if mask is None:
            yield part
        else:
            kept = part[any_of_row(mask[start : start + len(part)])]
            if len(kept):
                yield kept


def mapping_of(array: Any) -> mmap.mmap | None:
    """Return the mapped file that an array lies in, None if it is in memory."""
    base = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = base.obj if isinstance(base, memoryview) else getattr(base, "base", None)
    return base


def let_go(mapped: mmap.mmap | None) -> None:
    """Give back the memory that a mapped file takes; it is read again where it is needed."""
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
