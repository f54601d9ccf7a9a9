"""The folder in which copies of the user's data are cached."""

from __future__ import annotations

import os
import sys
from pathlib import Path

CACHE_VARIABLE = "LAYERLOOM_CACHE"  # the environment variable of the cache folder


def cache_folder() -> Path:
    """Return the cache folder of the user, which may not exist yet."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    if sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        xdg_cache = Path(os.environ.get("XDG_CACHE_HOME") or "")
        home = xdg_cache if xdg_cache.is_absolute() else Path.home() / ".cache"
    return home / "layerloom" / "rows"
