"""A folder for temporary files that are kept until this process ends."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


def new_process_folder() -> Path:
    """Return a new folder, which is removed when this process ends."""
    return Path(tempfile.mkdtemp(dir=_root()))


def set_time_by_content(file: Path) -> None:
    """Set the time of change so that files with the same content have the same time.

    Why: encoded rows of a table are found again in the cache by the time of its files.
    """
    with file.open("rb") as content:
        time = int.from_bytes(hashlib.file_digest(content, "sha256").digest()[:7], "big")
    os.utime(file, ns=(time, time))


@cache
def _root() -> Path:
    folder = tempfile.mkdtemp(prefix="layerloom-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
