"""The door to cached rows: those that are kept are opened, others are built."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error
from engine.data.cache.cache_key import Asked, key_of
from engine.data.cache.entry import Entry, open_entry
from engine.data.cache.policy import Caching
from engine.data.cache.storage import building, cache_folder, make_room, removed
from engine.data.dataset.dataset import Dataset


def cached(path: Path, asked: Asked, caching: Caching) -> Entry | None:
    """Return the rows of a table from the cache; they are put there if they are not.

    Args:
        path: the table.
        asked: what is made of it.
        caching: where they are kept, and who is told of the progress.

    Returns:
        None if the table has no rows.

    Raises:
        DiagnosticError: if the table can't be read, does not fit, or the disk has no room.
    """
    folder = caching.folder or cache_folder()
    caching.progress("Looking for cached rows", 0.0)
    home = path if path.is_dir() else path.parent
    try:
        place = folder / key_of(path, asked, folder)
        found = open_entry(place, home)
        if found is not None and _is_asked_for(found.dataset, asked):
            return found
        return _built(path, asked, caching, place)
    except OSError as error:
        raise file_error(error, folder, "written") from error


def _is_asked_for(dataset: Dataset, asked: Asked) -> bool:
    """Return whether rows have the ports of the graph: what stands in a file may say anything."""
    from engine.data.checks.data_check import target_specs

    targets = {port.name for port in target_specs(asked.report)} if asked.complete else set()
    return dataset.inputs.keys() == asked.report.input_specs().keys() and (
        dataset.targets.keys() == targets
    )


def _built(path: Path, asked: Asked, caching: Caching, place: Path) -> Entry | None:
    from engine.data.cache.builder import build  # much of the engine, and most rows are kept

    new = building(place)
    try:
        if not build(path, asked, new, caching.progress):
            return None
        _put(new, place)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    make_room(place.parent)
    home = path if path.is_dir() else path.parent
    entry = open_entry(place, home, checked=False)
    if entry is None:
        raise OSError(f"{place.name} is not as it was written")
    return entry


def _put(new: Path, place: Path) -> None:
    """Give new rows their name, in place of what can't be read under it.

    Raises:
        OSError: if that can't be done.
    """
    for _ in range(3):
        with suppress(OSError):
            os.rename(new, place)
            return
        # What stands there is broken, or another process was as fast; both may go.
        removed(place)
    os.rename(new, place)


def cached_or_none(path: Path, asked: Asked, caching: Caching) -> Entry | None:
    """Return the rows from the cache, None where they are read in memory."""
    mapping = asked.report.mapping
    dialect = mapping.file if mapping else None
    try:
        wanted = caching.wanted(path, dialect, asked.report.input_specs())
    except DiagnosticError:
        return None
    return cached(path, asked, caching) if wanted else None
