"""Where cached rows lie, and which go when there are too many."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHOSEN = "LAYERLOOM_CACHE"  # the variable that names another folder
LIMIT = 20 * 2**30  # bytes of all that is kept
TOLD, ROWS, DIVIDED = "told.json", "rows.bin", "sides.bin"
_BUILDING = ".building-"
_ABANDONED = 24 * 3600  # seconds after which nobody builds any more what is not done


@dataclass(frozen=True, slots=True)
class Kept:
    """One cached table.

    Args:
        path: its folder.
        size: bytes.
        used: when it was last used, in seconds since 1970.
        told: what is known of it: the name of its file, its rows.
    """

    path: Path
    size: int
    used: float
    told: Mapping[str, Any]


def cache_folder() -> Path:
    """Return the folder of this user's cached rows; it need not be there."""
    if chosen := os.environ.get(CHOSEN):
        return Path(chosen)
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        given = Path(os.environ.get("XDG_CACHE_HOME") or "")
        home = given if given.is_absolute() else Path.home() / ".cache"
    return home / "layerloom" / "rows"


def kept(folder: Path) -> list[Kept]:
    """Return what is kept in a folder, that which was used last first."""
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                if path.is_dir() and _BUILDING not in path.name:
                    found.append(_kept(path))
    return sorted(found, key=lambda each: -each.used)


def _kept(path: Path) -> Kept:
    told: Any = {}
    with suppress(OSError, ValueError, RecursionError):
        told = json.loads((path / TOLD).read_bytes())
    size = sum(file.stat().st_size for file in path.iterdir())
    marked = path / TOLD
    used = (marked if marked.exists() else path).stat().st_mtime
    return Kept(path, size, used, told if isinstance(told, dict) else {})


def used(path: Path) -> None:
    """Remember that something is used now."""
    with suppress(OSError):
        os.utime(path / TOLD)


def building(path: Path) -> Path:
    """Return a new folder beside the place of a table whose rows are not all there yet.

    Raises:
        OSError: if it can't be made.
    """
    place = path.with_name(f"{path.name}{_BUILDING}{os.getpid()}-{time.monotonic_ns()}")
    place.mkdir(parents=True)
    return place


def make_room(folder: Path, limit: int = LIMIT) -> None:
    """Remove what was not used for longest until the rest is within a limit.

    What was used last stays, however large it is, and so does what others are building.
    """
    total = 0
    for place, each in enumerate(kept(folder)):
        total += each.size
        if place and total > limit:
            total -= each.size
            removed(each.path)
    with suppress(OSError):
        for path in folder.glob(f"*{_BUILDING}*"):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                removed(path)


def clear(folder: Path) -> list[Kept]:
    """Remove all that is kept, and answer what it was."""
    found = kept(folder)
    for each in found:
        removed(each.path)
    return found


def removed(path: Path) -> None:
    """Remove a folder of cached rows; who has it open goes on reading it, where the system can."""
    shutil.rmtree(path, ignore_errors=True)
