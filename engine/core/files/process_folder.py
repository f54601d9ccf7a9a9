"""A folder for temporary files that are kept until this process ends."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


def new_process_folder() -> Path:
    """Return a new folder, which is removed when this process ends."""
    return Path(tempfile.mkdtemp(dir=_root()))


@cache
def _root() -> Path:
    folder = tempfile.mkdtemp(prefix="layerloom-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
