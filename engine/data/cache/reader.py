"""Reads tables through the cache: opens an existing entry or builds a new one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error
from engine.data.cache.cache_key import CacheRequest, cache_key
from engine.data.cache.entry import CacheEntry, open_entry
from engine.data.cache.policy import CacheSettings
from engine.data.cache.storage import cache_folder, create_build_folder, evict_entries, remove_entry


def cached_entry(path: Path, request: CacheRequest, caching: CacheSettings) -> CacheEntry | None:
    """Return a table's cache entry for `request`, built if necessary; None if the table is empty.

    Raises:
        DiagnosticError: if the table is unreadable or doesn't fit the network, or the disk is full.
    """
    folder = caching.folder or cache_folder()
    caching.progress("Looking up cached rows", 0.0)
    try:
        entry_folder = folder / cache_key(path, request)
        entry = open_entry(entry_folder, _home(path))
        return entry or _build_entry(path, request, caching, entry_folder)
    except OSError as error:
        raise file_error(error, folder, "written") from error


def _home(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _build_entry(
    path: Path, request: CacheRequest, caching: CacheSettings, entry_folder: Path
) -> CacheEntry | None:
    from engine.data.cache.builder import build_entry_files  # slow to import and rarely needed

    remove_entry(entry_folder)  # a damaged entry
    build_folder = create_build_folder(entry_folder)
    try:
        if not build_entry_files(path, request, build_folder, caching.progress):
            return None
        entry = _install(build_folder, entry_folder, _home(path))
    finally:
        shutil.rmtree(build_folder, ignore_errors=True)
    evict_entries(entry_folder.parent)
    return entry


def _install(build_folder: Path, entry_folder: Path, home: Path) -> CacheEntry:
    """Rename the folder of a new entry to `entry_folder`, and return the entry.

    If another process has built the same entry meanwhile, that one is returned.
    """
    failure = OSError(f"the cache entry {entry_folder.name} can't be read back")
    try:
        os.rename(build_folder, entry_folder)
    except OSError as error:
        failure = error
    entry = open_entry(entry_folder, home)
    if entry is None:
        raise failure
    return entry


def cached_entry_if_needed(
    path: Path, request: CacheRequest, caching: CacheSettings
) -> CacheEntry | None:
    """Return a table's cache entry, or None if the table is empty or should be read into memory."""
    mapping = request.report.mapping
    dialect = mapping.file if mapping else None
    try:
        use_cache = caching.should_cache(path, dialect, request.report.input_specs())
    except DiagnosticError:
        return None
    return cached_entry(path, request, caching) if use_cache else None
