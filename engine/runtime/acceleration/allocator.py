"""The C library's memory: what a step gives back is kept for the next one."""

from __future__ import annotations

import ctypes
import os
from functools import cache

from engine.check.cost import available_memory

# Source: malloc.h of the GNU C library.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE = 1 << 30  # bytes; a larger tensor is mapped by itself in any case
_SHARE = 16  # of free memory, from which one is; holes that it leaves would be too small for others
_MOST_FREE = (1 << 31) - 1  # bytes that may lie free before any are given back; the most that fit
_OLD_LIMIT = 32 << 20  # the largest threshold that older versions take


@cache
def keep_memory() -> bool:
    """Let the process keep the memory of tensors that it frees, and answer whether it does.

    Why: by default each tensor over some megabytes is mapped anew and handed back to the system,
        so that every step pays for the same page faults again: a third of an epoch of the posts
        network. It moves nothing but memory, so not a bit of a result changes.
    Source: mallopt(3); the thresholds are those of the GNU C library alone.
    """
    if not _is_gnu():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    large = min(_LARGE, available_memory() // _SHARE)
    mapped = any(mallopt(_M_MMAP_THRESHOLD, size) for size in (large, min(large, _OLD_LIMIT)))
    return bool(mapped and mallopt(_M_TRIM_THRESHOLD, min(_MOST_FREE, 2 * large)))


def _is_gnu() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, OSError, ValueError):  # another C library, or another system
        return False
