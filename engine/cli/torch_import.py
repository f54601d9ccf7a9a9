"""The import of torch by the commands that compute."""

from __future__ import annotations

import gc
import os
import sys


def import_torch() -> None:
    """Import torch while garbage collection is paused; later collections skip what it defines.

    Why: what a module defines is never garbage. Yet so many new objects trigger collections, and
        these take a sixth of the import time.
    """
    if "torch" in sys.modules:
        return
    # Errors of torch's C++ code are exceptions; stderr has none of its messages and stack frames.
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "FATAL")
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        import torch  # noqa: F401

        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
