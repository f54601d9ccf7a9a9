"""Reads tables through the cache: opens an existing entry or builds a new one."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.check.report import Report
from engine.core.diagnostic import diagnostic_error, diagnostic_from_dict
from engine.core.files.atomic_write import file_error
from engine.core.formatting.urls import path_text
from engine.core.schema import ParamsError
from engine.data.cache import storage
from engine.data.cache.cache_key import CacheRequest, cache_key, file_stamp
from engine.data.cache.policy import CacheSettings
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.graph_dataset import input_specs
from engine.data.dataset.memmap_rows import MemmapRows
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.series.series_order import SeriesOrder
from engine.data.series.window_rows import split_windows, window_dataset
from engine.data.splits.split_rows import SplitRows

STREAM_SUFFIX = "-stream"  # of the folders of entries of streamed tables


@dataclass(frozen=True)
class CacheEntry:
    """A table in the cache on disk: its encoded rows, memory-mapped or streamed, and their split.

    Args:
        dataset: all rows, in the order of the file.
        split_rows: the row numbers of each subset of the split.
        digest: the SHA-256 of the rows, see `Dataset.digest`.
        series: the order of the rows if they are to become windows, else None.
    """

    dataset: Dataset
    split_rows: SplitRows
    digest: str
    series: SeriesOrder | None = None

    def windowed(self, report: Report) -> CacheEntry:
        """Return the windows instead of the rows, with the digest of the rows.

        Raises:
            DiagnosticError: if the split leaves no windows in a subset.
        """
        if self.series is None:
            return self
        dataset, split_rows = window_dataset(report, self.dataset, self.series), self.split_rows
        if len(split_rows.train):
            split_rows = split_windows(dataset, split_rows)
        return CacheEntry(dataset, split_rows, self.digest or self.dataset.digest())


def cached_entry(path: Path, request: CacheRequest, caching: CacheSettings) -> CacheEntry | None:
    """Return a table's cache entry for `request`, built if necessary.

    Return None if the table is empty or should be read into memory.

    Raises:
        DiagnosticError: if the table is unreadable or doesn't fit the network, or the disk is full.
    """
    mapping = request.report.mapping
    dialect, inputs = mapping.file if mapping else None, input_specs(request.report)
    if not caching.stream and not caching.should_cache(path, dialect, inputs):
        return None
    folder = caching.folder or storage.cache_folder()
    caching.progress("Looking up cached rows", 0.0)
    try:
        entry_folder = folder / cache_key(path, request)
        entry = None if caching.stream else _open_entry(path, request, entry_folder)
        if caching.stream or (entry is None and caching.should_stream(path, dialect, inputs)):
            if mapping and mapping.windows:
                raise diagnostic_error(
                    "series-streamed",
                    "the rows of windows can't be streamed, since they overlap",
                    "Leave out --stream.",
                    "Free disk space for the cache.",
                    place=path_text(path),
                    found="streamed rows",
                    expected="rows in memory or in the cache",
                )
            entry_folder = entry_folder.with_name(f"{entry_folder.name}{STREAM_SUFFIX}")
            entry = _open_entry(path, request, entry_folder)
        return entry or _build_entry(path, request, caching, entry_folder)
    except OSError as error:
        raise file_error(error, folder, "written") from error


def _open_entry(path: Path, request: CacheRequest, folder: Path) -> CacheEntry | None:
    """Return the entry in a folder, or None if the entry is missing, damaged or out of date."""
    # ParamsError and AssertionError: an encoder or a note that this version doesn't know.
    wrong_form = (ValueError, LookupError, TypeError, AttributeError, ParamsError, AssertionError)
    with suppress(OSError, *wrong_form):
        record = storage.read_record(folder)
        images = record["images"].items()
        if any(file_stamp(Path(image)) != stamp for image, stamp in images):
            return None
        fields = {(group, port): name for name, group, port in record["fields"]}
        rows = MemmapRows.open(folder / storage.ROWS_FILE, fields)
        fitted = FittedEncoders.from_params(record["fitted"])
        notes = tuple(map(diagnostic_from_dict, record["notes"]))
        codes = np.load(folder / storage.SPLIT_FILE, allow_pickle=False)
        if "stream" in record:
            from engine.data.cache.streamed_rows import StreamedRows

            rows = StreamedRows.from_entry(path, request, record, rows, codes)
        split_rows = SplitRows.from_codes(codes % storage.STORED, record["split"])
        series, mapping = None, request.report.mapping
        if mapping and mapping.windows:  # without its file, the entry is damaged
            series = SeriesOrder(*np.load(folder / storage.SERIES_FILE, allow_pickle=False))
        storage.mark_used(folder)
        dataset = Dataset.from_memmap(rows, fitted, notes)
        return CacheEntry(dataset, split_rows, record["digest"], series)
    return None


def _build_entry(
    path: Path, request: CacheRequest, caching: CacheSettings, entry_folder: Path
) -> CacheEntry | None:
    from engine.data.cache.builder import build_entry_files  # slow to import and rarely needed

    build_folder = storage.create_build_folder(entry_folder)
    try:
        is_streamed = entry_folder.name.endswith(STREAM_SUFFIX)
        if not build_entry_files(path, request, build_folder, caching.progress, is_streamed):
            return None
        entry = _install(path, request, build_folder, entry_folder)
    finally:
        shutil.rmtree(build_folder, ignore_errors=True)
    storage.evict_entries(entry_folder.parent)
    return entry


def _install(
    path: Path, request: CacheRequest, build_folder: Path, entry_folder: Path
) -> CacheEntry:
    """Rename the folder of a new entry to `entry_folder`, and return the entry.

    If another process has built the same entry meanwhile, that one is returned. A damaged entry is
    replaced.
    """
    try:
        os.rename(build_folder, entry_folder)
    except OSError:
        if (other := _open_entry(path, request, entry_folder)) is not None:
            return other
        storage.remove_entry(entry_folder)
        os.rename(build_folder, entry_folder)
    entry = _open_entry(path, request, entry_folder)
    if entry is None:
        raise OSError(f"the cache entry {entry_folder.name} can't be read back")
    return entry
