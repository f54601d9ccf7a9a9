"""One cached table: written whole or not at all, and read only if it is whole."""

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

from engine.core.diagnostic import Diagnostic, diagnostic_from_dict
from engine.core.files.atomic_write import write_all, write_bytes
from engine.core.schema import ParamsError
from engine.data.cache.cache_key import VERSION, stamp_of
from engine.data.cache.storage import DIVIDED, ROWS, TOLD, used
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import MemmapRows, RecordLayout
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.splits.random import SplitRows
from engine.data.table.chunks import row_blocks

_UNREADABLE = (
    OSError, ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError,
    ArithmeticError, MemoryError, ParamsError,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A table's rows on disk.

    Args:
        dataset: all rows, in the order of the file.
        sides: which rows are on which side.
        digest: as `Dataset.digest`.
    """

    dataset: Dataset
    sides: SplitRows
    digest: str


@dataclass
class Writer:
    """Writes the rows of a table, some at a time.

    Args:
        folder: a new one.
        layout: of a row.
    """

    folder: Path
    layout: RecordLayout
    rows: int = 0
    _sum: int = 0
    _handle: int = field(default=-1)

    def open(self) -> None:
        """Begin.

        Raises:
            OSError: if the file can't be made.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        self._handle = os.open(self.folder / ROWS, flags, 0o600)

    def add(self, arrays: Mapping[tuple[str, str], np.ndarray]) -> None:
        """Write the next rows.

        Raises:
            OSError: if the disk does not take them.
        """
        count = len(next(iter(arrays.values())))
        records = np.zeros(count, self.layout.record)
        for (side, port), array in arrays.items():
            records[f"{side}/{port}"] = array
        data = records.view(np.uint8).data
        self._sum = zlib.crc32(data, self._sum)
        write_all(self._handle, bytes(data))
        self.rows += count

    def close(self) -> None:
        """Give the file back, whether it is whole or not."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def end(self, told: Mapping[str, Any], sides: SplitRows) -> None:
        """Make all of it durable; what says that it is whole comes last.

        Raises:
            OSError: if the disk does not take it.
            DiagnosticError: likewise.
        """
        os.fsync(self._handle)
        self.close()
        side = np.full(self.rows, 3, np.uint8)
        for number, rows in enumerate((sides.train, sides.validation, sides.test)):
            side[rows] = number
        write_bytes(self.folder / DIVIDED, side.tobytes())
        plain = {
            **told,
            "version": VERSION,
            "rows": self.rows,
            "layout": self.layout.to_json(),
            "sum": self._sum,
            "sides": {"sum": zlib.crc32(side.data), "how": sides.description},
        }
        write_bytes(self.folder / TOLD, sealed(plain))


def sealed(plain: Mapping[str, Any]) -> bytes:
    """Return JSON that tells whether it is as it was written."""
    text = json.dumps(plain, sort_keys=True)
    return json.dumps({"seal": zlib.crc32(text.encode()), **plain}, sort_keys=True).encode()


def open_entry(folder: Path, home: Path, checked: bool = True) -> Entry | None:
    """Return the rows that are kept in a folder, None if they are not there, or not whole.

    Args:
        folder: of one table.
        home: the folder that the pictures lie in, which cells of the table name.
        checked: False believes that the rows are as they were written.
    """
    with suppress(*_UNREADABLE):  # whatever bytes stand there: it is built anew
        told = json.loads((folder / TOLD).read_bytes())
        seal = told.pop("seal")
        if seal != zlib.crc32(json.dumps(told, sort_keys=True).encode()):
            return None
        entry = _opened(folder, told, home, checked)
        if entry is not None:
            used(folder)
        return entry
    return None


def _opened(folder: Path, told: dict[str, Any], home: Path, checked: bool) -> Entry | None:
    pictures: dict[str, list[int]] = told.get("pictures", {})
    if any(stamp_of(home / name) != stamp for name, stamp in pictures.items()):
        return None
    stored = MemmapRows.open(folder / ROWS, RecordLayout.from_json(told["layout"]))
    side = np.frombuffer((folder / DIVIDED).read_bytes(), np.uint8)
    whole = (
        len(stored) == len(side) == told["rows"] and zlib.crc32(side.data) == told["sides"]["sum"]
    )
    if not whole or checked and sum_of(stored) != told["sum"]:
        return None
    stored = stored.drop_fields(*(("masks", port) for port in told["unmasked"]))
    notes = tuple(diagnostic_from_dict(note) for note in told["notes"])
    dataset = Dataset.from_memmap(stored, FittedEncoders.from_params(told["fitted"]), notes)
    return Entry(
        dataset, SplitRows.from_codes(side, _text(told["sides"]["how"])), _text(told["digest"])
    )


def _text(told: object) -> str:
    if not isinstance(told, str):
        raise TypeError(f"{told!r} is no text")
    return told


def sum_of(stored: MemmapRows) -> int:
    """Return the checksum of all rows."""
    found = 0
    for _, part in row_blocks(stored.lines):
        found = zlib.crc32(np.ascontiguousarray(part).data, found)
    return found


def plain_notes(notes: tuple[Diagnostic, ...]) -> list[dict[str, Any]]:
    """Return notes as JSON."""
    return [note.to_dict() for note in notes]
