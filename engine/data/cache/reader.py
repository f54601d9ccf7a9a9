"""Reads tables through the cache: opens an existing entry or builds a new one."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error
from engine.data.cache.cache_key import CacheRequest, cache_key
from engine.data.cache.entry import CacheEntry, open_entry
from engine.data.cache.policy import CacheSettings
from engine.data.cache.storage import cache_folder, create_build_folder, evict_entries, remove_entry
from engine.data.dataset.dataset import Dataset


def cached_entry(path: Path, request: CacheRequest, caching: CacheSettings) -> CacheEntry | None:
    """Return a table's cache entry for `request`, built if necessary; None if the table is empty.

    Raises:
        DiagnosticError: if the table is unreadable or doesn't fit the network, or the disk is full.
    """
    folder = caching.folder or cache_folder()
    caching.progress("Looking up cached rows", 0.0)
    home = path if path.is_dir() else path.parent
    try:
        entry_folder = folder / cache_key(path, request, folder)
        entry = open_entry(entry_folder, home)
        if entry is not None and _matches_request(entry.dataset, request):
            return entry
        return _build_entry(path, request, caching, entry_folder)
    except OSError as error:
        raise file_error(error, folder, "written") from error


def _matches_request(dataset: Dataset, request: CacheRequest) -> bool:
    """Return whether a cached dataset has the ports of the request's graph.

    The ports differ only if the files of the cache were modified.
    """
    from engine.data.dataset.graph_dataset import target_specs

    targets = (
        {port.name for port in target_specs(request.report)} if request.with_targets else set()
    )
    return dataset.inputs.keys() == request.report.input_specs().keys() and (
        dataset.targets.keys() == targets
    )


def _build_entry(
    path: Path, request: CacheRequest, caching: CacheSettings, entry_folder: Path
) -> CacheEntry | None:
    from engine.data.cache.builder import build_entry_files  # slow to import and rarely needed

    build_folder = create_build_folder(entry_folder)
    try:
        if not build_entry_files(path, request, build_folder, caching.progress):
            return None
        _install(build_folder, entry_folder)
    finally:
        shutil.rmtree(build_folder, ignore_errors=True)
    evict_entries(entry_folder.parent)
    home = path if path.is_dir() else path.parent
    entry = open_entry(entry_folder, home, checked=False)
    if entry is None:
        raise OSError(f"the cache entry {entry_folder.name} can't be read back")
    return entry


def _install(build_folder: Path, entry_folder: Path) -> None:
    """Rename the folder of a new entry to `entry_folder`. An existing entry there is removed."""
    for _ in range(3):
        with suppress(OSError):
            os.rename(build_folder, entry_folder)
            return
        # The existing entry is damaged, or was written by another process at the same time.
        remove_entry(entry_folder)
    os.rename(build_folder, entry_folder)


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
