"""Settings of the C library's allocator: a training step reuses memory freed by earlier steps."""

from __future__ import annotations

import ctypes
import os
from functools import cache

from engine.check.cost import available_memory

# Source: malloc.h of the GNU C library.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_MAX_HEAP_BLOCK = 1 << 30  # bytes; a larger tensor always gets a separate memory mapping
# The same applies to a tensor larger than this part of the free memory: when it is freed, smaller
# tensors would occupy parts of its place in the heap.
_FREE_MEMORY_DIVISOR = 16
_MAX_TRIM_THRESHOLD = (1 << 31) - 1  # bytes of free heap before any are released; the largest int
_OLD_MMAP_LIMIT = 32 << 20  # bytes; the largest threshold that older versions accept


@cache
def keep_memory() -> bool:
    """Configure the allocator to keep freed memory. Return whether the settings were accepted.

    1. Raise the mmap threshold, so that smaller tensors are allocated on the heap.
    2. Raise the trim threshold, so that free memory at the end of the heap is not released.

    Why: by default, each tensor of several megabytes gets a new memory mapping, which is released
        with the tensor. So every training step causes page faults. In the example "posts", they
        take a third of an epoch's time. The settings don't change results.
    Source: mallopt(3); only the GNU C library has these thresholds.
    """
    if not _is_gnu():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    threshold = min(_MAX_HEAP_BLOCK, available_memory() // _FREE_MEMORY_DIVISOR)
    sizes = (threshold, min(threshold, _OLD_MMAP_LIMIT))
    is_accepted = any(mallopt(_M_MMAP_THRESHOLD, size) for size in sizes)
    trim_threshold = min(_MAX_TRIM_THRESHOLD, 2 * threshold)
    return bool(is_accepted and mallopt(_M_TRIM_THRESHOLD, trim_threshold))


def _is_gnu() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, OSError, ValueError):  # another C library or operating system
        return False
