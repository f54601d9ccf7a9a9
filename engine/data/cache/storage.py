"""The cache folder: its location, its entries with their records, and eviction.

An entry is a folder of files: the encoded rows, the subset of each row, for windows the order of
the rows, and a record in JSON that describes them and is written last.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.files.atomic_write import write_bytes
from engine.data.cache.cache_key import file_stamp

CACHE_VARIABLE = "LAYERLOOM_CACHE"  # the environment variable of the cache folder
MAX_CACHE_BYTES = 20 * 2**30  # the default maximum size of the cache in bytes
RECORD_FILE, ROWS_FILE, SPLIT_FILE = "record.json", "rows.npy", "split.npy"
SERIES_FILE = "series.npy"  # for windows: the order of the rows, and the piece of each
STORED = 4  # added to the subset code of each row of a streamed table that is in ROWS_FILE
_BUILDING = ".building-"
_ABANDONED = 24 * 3600  # seconds after which an incomplete entry counts as abandoned


@dataclass(frozen=True, slots=True)
class CacheEntryInfo:
    """The description of a cache entry.

    Args:
        path: the folder of the entry.
        byte_count: the total size of the entry's files in bytes.
        last_used: the time when the entry was last used, in seconds since 1970.
        record: the record of the entry, {} if it is damaged.
    """

    path: Path
    byte_count: int
    last_used: float
    record: Mapping[str, Any]


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


def list_entries(folder: Path) -> list[CacheEntryInfo]:
    """Return the entries of a cache folder, the most recently used first."""
    entries = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                if path.is_dir() and _BUILDING not in path.name:
                    entries.append(_entry_info(path))
    return sorted(entries, key=lambda entry: -entry.last_used)


def _entry_info(path: Path) -> CacheEntryInfo:
    record: Mapping[str, Any] = {}
    with suppress(OSError, ValueError):
        record = read_record(path)
    size = sum(file.stat().st_size for file in path.iterdir())
    record_file = path / RECORD_FILE
    last_used = (record_file if record_file.exists() else path).stat().st_mtime
    return CacheEntryInfo(path, size, last_used, record)


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the record of an entry, with the size and modification time of its other files.

    Raises:
        OSError: if the other files don't exist.
        DiagnosticError: if the record can't be written.
    """
    text = json.dumps({**record, "files": _stamps(folder)}).encode()
    write_bytes(folder / RECORD_FILE, b"%d\n%s" % (zlib.crc32(text), text))


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of an entry.

    Raises:
        OSError: if a file of the entry is missing.
        ValueError: if the record is damaged, or if another file was changed after the record.
    """
    checksum, _, text = (folder / RECORD_FILE).read_bytes().partition(b"\n")
    if int(checksum) != zlib.crc32(text):
        raise ValueError("the record is damaged")
    record = json.loads(text)
    if not isinstance(record, dict) or record.get("files") != _stamps(folder):
        raise ValueError("the rows are damaged")
    return record


def _stamps(folder: Path) -> list[list[int]]:
    return [file_stamp(folder / name) for name in (ROWS_FILE, SPLIT_FILE)]


def mark_used(path: Path) -> None:
    """Set the time of last use of a cache entry to now; `path` is the folder of the entry."""
    with suppress(OSError):
        os.utime(path / RECORD_FILE)


def create_build_folder(path: Path) -> Path:
    """Create and return a temporary folder for building the cache entry `path`, next to `path`.

    Raises:
        OSError: if the folder can't be created.
    """
    _remove_abandoned(path.parent)
    process = f"{_host()}-{os.getpid()}-{time.monotonic_ns()}"
    folder = path.with_name(f"{path.name}{_BUILDING}{process}")
    folder.mkdir(parents=True)
    return folder


def evict_entries(folder: Path, limit: int = MAX_CACHE_BYTES) -> None:
    """Remove the least recently used entries until the cache has at most `limit` bytes.

    The most recently used entry and entries that are being built are always kept.
    """
    total = 0
    for index, entry in enumerate(list_entries(folder)):
        total += entry.byte_count
        if index and total > limit:
            total -= entry.byte_count
            remove_entry(entry.path)


def _remove_abandoned(folder: Path) -> None:
    """Remove incomplete entries whose process has ended, or that are older than a day."""
    with suppress(OSError):
        for path in folder.glob(f"*{_BUILDING}*"):
            if time.time() - path.stat().st_mtime > _ABANDONED or _has_ended(path):
                remove_entry(path)


def _host() -> str:
    """Return a name of this computer. On Linux, containers of the same name have different ones."""
    with suppress(OSError):
        return f"{platform.node()}-{os.stat('/proc/self/ns/pid').st_ino}"
    return platform.node()


def _has_ended(path: Path) -> bool:
    """Return whether the process of this computer that built an incomplete entry has ended."""
    host, _, process = path.name.partition(_BUILDING)[2].rpartition("-")[0].rpartition("-")
    if host != _host():
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return True
    except OSError:  # the process of another user
        return False
    return False


def clear_cache(folder: Path) -> list[CacheEntryInfo]:
    """Remove all entries, and return the list of the removed entries."""
    entries = list_entries(folder)
    for entry in entries:
        remove_entry(entry.path)
    return entries


def remove_entry(path: Path) -> None:
    """Remove a cache entry. Processes that read it keep access to its rows."""
    shutil.rmtree(path, ignore_errors=True)
