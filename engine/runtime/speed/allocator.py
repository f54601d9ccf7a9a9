"""The C library's memory: what a step gives back is kept for the next one."""

from __future__ import annotations

import ctypes
import os
from functools import cache

# Source: malloc.h of the GNU C library.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
_LARGE = 1 << 30  # bytes; no tensor of a step is mapped by itself below it
_KEPT = (1 << 31) - 1  # bytes that may lie free before any are given back; the most that fit
_AHEAD = 64 << 20  # bytes that are taken at once when more are needed
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
    mapped = any(mallopt(_M_MMAP_THRESHOLD, size) for size in (_LARGE, _OLD_LIMIT))
    return bool(mapped and mallopt(_M_TRIM_THRESHOLD, _KEPT) and mallopt(_M_TOP_PAD, _AHEAD))


def _is_gnu() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, OSError, ValueError):  # another C library, or another system
        return False
