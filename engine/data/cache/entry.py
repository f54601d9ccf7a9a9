"""Cache entries: the encoded rows of a table on disk, and their split."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.core.diagnostic import diagnostic_from_dict
from engine.core.schema import ParamsError
from engine.data.cache.cache_key import file_stamp
from engine.data.cache.storage import ROWS_FILE, SPLIT_FILE, mark_used, read_record
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import MemmapRows
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.splits.split_rows import SplitRows


@dataclass(frozen=True)
class CacheEntry:
    """A table in the cache on disk: its encoded rows, memory-mapped, and their split.

    Args:
        dataset: all rows, in the order of the file.
        split_rows: the row numbers of each subset of the split.
        digest: the SHA-256 of the rows, see `Dataset.digest`.
    """

    dataset: Dataset
    split_rows: SplitRows
    digest: str


def open_entry(folder: Path, home: Path) -> CacheEntry | None:
    """Return the entry in a folder, or None if the entry is missing, damaged or out of date.

    `home` is the folder to which the image paths in the table are relative.
    """
    # ParamsError: an encoder that this version can't read.
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError, ParamsError):
        record = read_record(folder)
        images = record["images"].items()
        if any(file_stamp(home / image) != stamp for image, stamp in images):
            return None
        fields = {(group, port): name for name, group, port in record["fields"]}
        rows = MemmapRows.open(folder / ROWS_FILE, fields)
        fitted = FittedEncoders.from_params(record["fitted"])
        notes = tuple(map(diagnostic_from_dict, record["notes"]))
        split_rows = SplitRows.from_codes(np.load(folder / SPLIT_FILE), record["split"])
        mark_used(folder)
        return CacheEntry(Dataset.from_memmap(rows, fitted, notes), split_rows, record["digest"])
    return None
