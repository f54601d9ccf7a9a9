"""Imports without a search for garbage, of which they make none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage() -> Iterator[None]:
    """Import without a search for garbage, and leave what was imported out of all later ones.

    Why: what a module defines is never garbage, but there is so much of it that Python looks for
        some again and again: a sixth of the time that torch takes to be imported.
    """
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if looks:
            gc.enable()
