"""Cache entries: writing the encoded rows of a table, and reading them if they are intact."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.diagnostic import diagnostic_from_dict
from engine.core.files.atomic_write import write_all, write_bytes
from engine.core.schema import ParamsError
from engine.data.cache.cache_key import CACHE_VERSION, file_stamp
from engine.data.cache.storage import METADATA_FILE, ROWS_FILE, SPLIT_FILE, mark_used
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import MemmapRows, RecordLayout
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.splits.split_rows import SplitRows
from engine.data.table.chunks import row_blocks

_READ_ERRORS = (
    OSError, ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError,
    ArithmeticError, MemoryError, ParamsError,
)  # fmt: skip


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


@dataclass
class CacheWriter:
    """Writes the encoded rows of a table, chunk by chunk, into a new folder."""

    folder: Path
    layout: RecordLayout
    rows: int = 0
    _checksum: int = 0
    _handle: int = field(default=-1)

    def open(self) -> None:
        """Create the file that holds the rows.

        Raises:
            OSError: if the file can't be created.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        self._handle = os.open(self.folder / ROWS_FILE, flags, 0o600)

    def add(self, arrays: Mapping[tuple[str, str], np.ndarray]) -> None:
        """Append encoded rows; `arrays` holds them by side and port, such as ("inputs", "age").

        Raises:
            OSError: if the rows can't be written.
        """
        count = len(next(iter(arrays.values())))
        records = np.zeros(count, self.layout.record)
        for (side, port), array in arrays.items():
            records[f"{side}/{port}"] = array
        data = records.view(np.uint8).data
        self._checksum = zlib.crc32(data, self._checksum)
        write_all(self._handle, bytes(data))
        self.rows += count

    def close(self) -> None:
        """Close the file of the rows, if it is open."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def finish(self, metadata: Mapping[str, Any], split_rows: SplitRows) -> None:
        """Flush the rows, write the split, and last the metadata, which mark the entry as complete.

        Raises:
            OSError: if the rows can't be flushed to disk.
            DiagnosticError: if the split or the metadata can't be written.
        """
        os.fsync(self._handle)
        self.close()
        codes = np.full(self.rows, 3, np.uint8)  # code 3: the row is in no subset
        for code, rows in enumerate((split_rows.train, split_rows.validation, split_rows.test)):
            codes[rows] = code
        write_bytes(self.folder / SPLIT_FILE, codes.tobytes())
        plain = {
            **metadata,
            "version": CACHE_VERSION,
            "rows": self.rows,
            "layout": self.layout.to_json(),
            "sum": self._checksum,
            "sides": {"sum": zlib.crc32(codes.data), "how": split_rows.description},
        }
        write_bytes(self.folder / METADATA_FILE, to_sealed_json(plain))


def to_sealed_json(plain: Mapping[str, Any]) -> bytes:
    """Return an object as JSON, with a checksum of its content under the added key "seal"."""
    text = json.dumps(plain, sort_keys=True)
    return json.dumps({"seal": zlib.crc32(text.encode()), **plain}, sort_keys=True).encode()


def open_entry(folder: Path, home: Path, checked: bool = True) -> CacheEntry | None:
    """Return the entry in a folder, or None if the entry is missing, damaged or out of date.

    Args:
        folder: the folder of the entry.
        home: the folder to which the image paths in the table are relative.
        checked: False to skip the check of the rows' checksum.
    """
    with suppress(*_READ_ERRORS):  # a damaged entry is built again
        metadata = json.loads((folder / METADATA_FILE).read_bytes())
        seal = metadata.pop("seal")
        if seal != zlib.crc32(json.dumps(metadata, sort_keys=True).encode()):
            return None
        entry = _read(folder, metadata, home, checked)
        if entry is not None:
            mark_used(folder)
        return entry
    return None


def _read(folder: Path, metadata: dict[str, Any], home: Path, checked: bool) -> CacheEntry | None:
    image_stamps: dict[str, list[int]] = metadata.get("pictures", {})
    if any(file_stamp(home / name) != stamp for name, stamp in image_stamps.items()):
        return None
    stored = MemmapRows.open(folder / ROWS_FILE, RecordLayout.from_json(metadata["layout"]))
    codes = np.frombuffer((folder / SPLIT_FILE).read_bytes(), np.uint8)
    split = metadata["sides"]
    has_split = len(stored) == len(codes) == metadata["rows"]
    if not has_split or zlib.crc32(codes.data) != split["sum"]:
        return None
    if checked and rows_checksum(stored) != metadata["sum"]:
        return None
    stored = stored.drop_fields(*(("masks", port) for port in metadata["unmasked"]))
    notes = tuple(diagnostic_from_dict(note) for note in metadata["notes"])
    dataset = Dataset.from_memmap(stored, FittedEncoders.from_params(metadata["fitted"]), notes)
    split_rows = SplitRows.from_codes(codes, _require_text(split["how"]))
    return CacheEntry(dataset, split_rows, _require_text(metadata["digest"]))


def _require_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a string")
    return value


def rows_checksum(stored: MemmapRows) -> int:
    """Return the CRC-32 of all rows."""
    checksum = 0
    for _, part in row_blocks(stored.lines):
        checksum = zlib.crc32(np.ascontiguousarray(part).data, checksum)
    return checksum
