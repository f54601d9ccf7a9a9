"""Memory-mapped encoded rows: one file of fixed-size records, one record per row."""

from __future__ import annotations

import errno
import mmap
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.splits.split_rows import RowIndices

Array = NDArray[Any]
_GAP = 2**16  # rows at most this many bytes apart are read together, with the rows in between
_SPAN = 2**20  # the size of the file sections, in bytes, that are read separately
FieldKey = tuple[str, str]  # one of `ARRAY_GROUPS` and the name of a port
_DTYPE = re.compile(r"[<>|=]?[biufM][0-9]{1,2}(\[[a-z]{1,2}\])?")
ARRAY_GROUPS = ("inputs", "targets", "masks", "weights")


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """The layout of one row: the dtype and shape of each field.

    Each key of `fields` is a pair: one of `ARRAY_GROUPS`, such as "inputs", and a port's name.
    """

    fields: Mapping[FieldKey, np.dtype[Any]]

    @property
    def record(self) -> np.dtype[Any]:
        """The structured dtype of a row. The widest fields come first, so that all are aligned."""
        order = sorted(self.fields, key=lambda field: (-self.fields[field].base.itemsize, field))
        offsets, end = {}, 0
        for field in order:
            offsets[field] = end
            end += self.fields[field].itemsize
        return np.dtype(
            {
                "names": ["/".join(field) for field in order],
                "formats": [self.fields[field] for field in order],
                "offsets": [offsets[field] for field in order],
                "itemsize": max(-(-end // 8) * 8, 8),
            }
        )

    def to_json(self) -> list[list[Any]]:
        """Return a JSON list [one of `ARRAY_GROUPS`, port name, dtype, shape] for each field."""
        return [
            [*field, kind.base.str, list(kind.shape)] for field, kind in sorted(self.fields.items())
        ]

    @classmethod
    def from_json(cls, plain: Sequence[Sequence[Any]]) -> RecordLayout:
        """Return the layout from JSON as returned by `to_json`.

        Raises:
            ValueError: if a dtype is not that of numbers, booleans or dates. Other texts are
                unsafe, because NumPy would parse some of them as Python literals.
        """
        if not all(_DTYPE.fullmatch(kind) for _, _, kind, _ in plain):
            raise ValueError("a dtype that rows can't have")
        return cls(
            {
                (side, port): np.dtype((np.dtype(kind), tuple(shape)))
                for side, port, kind, shape in plain
            }
        )


class ReadOnlyFile:
    """A file that is open for reading until it is garbage collected."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def read(self, at: int, into: memoryview) -> None:
        """Fill the buffer `into` with the bytes of the file from the offset `at`.

        Raises:
            OSError: if the file is too short or can't be read.
        """
        while into:
            if hasattr(os, "preadv"):
                count = os.preadv(self.descriptor, [into], at)
            else:
                os.lseek(self.descriptor, at, os.SEEK_SET)
                found = os.read(self.descriptor, len(into))
                into[: len(found)], count = found, len(found)
            if not count:
                raise OSError(errno.EIO, "the cached rows are truncated")
            into, at = into[count:], at + count

    def __del__(self) -> None:
        with suppress(OSError, AttributeError):  # the file may never have been opened
            os.close(self.descriptor)


@dataclass(frozen=True, slots=True)
class MemmapRows:
    """All rows of a memory-mapped file, or a selection of them.

    Args:
        layout: the layout of a row.
        lines: the bytes of the file, of shape (rows, bytes per row).
        mapped: the memory map of the file.
        file: the open file, from which scattered rows are read. If they were read from the map, the
            operating system might load much more than is needed.
        rows: the selected row numbers, None for all.
    """

    layout: RecordLayout
    lines: Array
    mapped: mmap.mmap
    file: ReadOnlyFile
    rows: RowIndices | None = None

    @classmethod
    def open(cls, path: Path, layout: RecordLayout) -> MemmapRows:
        """Open and memory-map a file, and return all rows of the file.

        Raises:
            OSError: if the file can't be read.
            ValueError: if the file is empty.
        """
        file = ReadOnlyFile(path)
        mapped = mmap.mmap(file.descriptor, 0, access=mmap.ACCESS_READ)
        lines = np.frombuffer(mapped, np.uint8).reshape(-1, layout.record.itemsize)
        return cls(layout, lines, mapped, file)

    def __len__(self) -> int:
        return len(self.lines) if self.rows is None else len(self.rows)

    def arrays(self, group: str) -> dict[str, Any]:
        """Return the arrays of a group, such as "inputs", by port. Values are read on access."""
        fields = sorted(field for field in self.layout.fields if field[0] == group)
        return {field[1]: self._array(field) for field in fields}

    def _array(self, field: FieldKey) -> Any:
        array = self.lines.view(self.layout.record)[:, 0]["/".join(field)]
        return array if self.rows is None else RowSelection(array, self.rows, self.mapped)

    def drop_fields(self, *dropped: FieldKey) -> MemmapRows:
        """Return the rows without the given fields. The file is not changed."""
        record = self.layout.record
        kept = {field: kind for field, kind in self.layout.fields.items() if field not in dropped}
        return replace(self, layout=_PartialLayout(kept, record))

    def take(self, places: Any) -> dict[str, dict[str, Array]]:
        """Read some of these rows. Return arrays by group, such as "inputs", and then by port.

        Args:
            places: indices into these rows or a slice of them, not row numbers of the file.
        """
        if isinstance(places, slice):
            places = np.arange(*places.indices(len(self)))
        rows = places if self.rows is None else self.rows[places]
        record = self.layout.record
        arrays: dict[str, dict[str, Array]] = {side: {} for side in ARRAY_GROUPS}
        for (side, port), kind in self.layout.fields.items():
            arrays[side][port] = np.empty((len(rows), *kind.shape), kind.base)
        for indices, lines in self._read_runs(rows):
            records = lines.view(record)[:, 0]
            for side, port in self.layout.fields:
                arrays[side][port][indices] = records[f"{side}/{port}"]
        return arrays

    def _read_runs(self, rows: RowIndices) -> Iterator[tuple[RowIndices, Array]]:
        """Read the given rows in file order. For each run of nearby rows, yield two arrays.

        The first array holds the indices of the run's rows in `rows`, the second their bytes.
        """
        width = self.lines.shape[1]
        order = np.argsort(rows, kind="stable")
        ascending = rows[order]
        starts = ascending * width
        is_gap = (np.diff(starts) > _GAP) | (np.diff(starts // _SPAN) > 0)
        edges = [0, *(np.flatnonzero(is_gap) + 1).tolist(), len(rows)]
        for start, stop in pairwise(edges):
            if start < stop:
                run_rows = ascending[start:stop]
                lines = self._read_range(int(run_rows[0]), int(run_rows[-1]) + 1)
                is_contiguous = len(lines) == len(run_rows) and bool((np.diff(run_rows) == 1).all())
                yield order[start:stop], lines if is_contiguous else lines[run_rows - run_rows[0]]

    def _read_range(self, first: int, end: int) -> Array:
        width = self.lines.shape[1]
        lines = np.empty((end - first, width), np.uint8)
        self.file.read(first * width, memoryview(lines.data).cast("B"))
        return lines


@dataclass(frozen=True, slots=True)
class _PartialLayout(RecordLayout):
    """A row layout with some of the file's fields. `file_record` is the dtype of a whole row."""

    file_record: np.dtype[Any]

    @property
    def record(self) -> np.dtype[Any]:
        return self.file_record


class RowSelection:
    """A lazy selection of rows of a memory-mapped array. `base` is the memory map."""

    def __init__(self, array: Array, rows: RowIndices, base: mmap.mmap) -> None:
        self._array, self._rows, self.base = array, rows, base
        self.dtype, self.ndim = array.dtype, array.ndim
        self.shape = (len(rows), *array.shape[1:])
        self.itemsize, self.strides = array.itemsize, array.strides

    @property
    def nbytes(self) -> int:
        """The size that the selected rows would have in memory, in bytes."""
        return int(np.prod(self.shape)) * self.itemsize

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, places: Any) -> Array:
        return np.asarray(self._array[self._rows[places]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype)
