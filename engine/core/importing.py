"""Imports without a search for garbage, of which they make none."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage() -> Iterator[None]:
    """Import without a search for garbage, and leave what was imported out of all later ones.

    Why: what a module defines is never garbage, but there is so much of it that Python looks for
        some again and again: a sixth of the time that torch takes to be imported.
    """
    looks, before = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > before:  # else it would keep what has become garbage since
            gc.freeze()
        if looks:
            gc.enable()
