"""Encoded rows in one file: all that belongs to a row side by side, so that it is read at once."""

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

from engine.data.splits.random import Rows

Array = NDArray[Any]
_GAP = 2**16  # bytes that are sooner read than passed over
_SPAN = 2**20  # bytes that are read at once
Field = tuple[str, str]  # a side of a dataset ("inputs", "masks"), and a port
_KIND = re.compile(r"[<>|=]?[biufM][0-9]{1,2}(\[[a-z]{1,2}\])?")
SIDES = ("inputs", "targets", "masks", "weights")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each array lies within a row.

    Args:
        fields: kind and shape of one row, by side and port.
    """

    fields: Mapping[Field, np.dtype[Any]]

    @property
    def record(self) -> np.dtype[Any]:
        """All fields of a row, the widest kinds first, so that each begins at a multiple of its."""
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

    def plain(self) -> list[list[Any]]:
        """Return the fields as JSON."""
        return [
            [*field, kind.base.str, list(kind.shape)] for field, kind in sorted(self.fields.items())
        ]

    @classmethod
    def read(cls, plain: Sequence[Sequence[Any]]) -> Layout:
        """Take back what `plain` answered.

        Raises:
            ValueError: if a kind is no plain one; numpy would look for more in it, as Python.
        """
        if not all(_KIND.fullmatch(kind) for _, _, kind, _ in plain):
            raise ValueError("a kind of numbers that no row has")
        return cls(
            {
                (side, port): np.dtype((np.dtype(kind), tuple(shape)))
                for side, port, kind, shape in plain
            }
        )


class Handle:
    """A file that is open to be read for as long as somebody knows of it."""

    def __init__(self, path: Path) -> None:
        self.number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def read(self, at: int, into: memoryview) -> None:
        """Fill a buffer.

        Raises:
            OSError: if it can't be filled.
        """
        while into:
            if hasattr(os, "preadv"):
                count = os.preadv(self.number, [into], at)
            else:
                os.lseek(self.number, at, os.SEEK_SET)
                found = os.read(self.number, len(into))
                into[: len(found)], count = found, len(found)
            if not count:
                raise OSError(errno.EIO, "the cached rows end too early")
            into, at = into[count:], at + count

    def __del__(self) -> None:
        with suppress(OSError, AttributeError):  # it may never have been opened
            os.close(self.number)


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows of a file, or some of them.

    Args:
        layout: of a row.
        lines: the file, a line of bytes for each row.
        mapped: what they are mapped by.
        file: the file itself; what is strewn over it is read from there, since a system may map
            far more than is asked for.
        rows: the numbers of those that are meant, None for all.
    """

    layout: Layout
    lines: Array
    mapped: mmap.mmap
    file: Handle
    rows: Rows | None = None

    @classmethod
    def open(cls, path: Path, layout: Layout) -> Stored:
        """Map a file.

        Raises:
            OSError: if it can't be read.
            ValueError: if it holds no rows.
        """
        file = Handle(path)
        mapped = mmap.mmap(file.number, 0, access=mmap.ACCESS_READ)
        lines = np.frombuffer(mapped, np.uint8).reshape(-1, layout.record.itemsize)
        return cls(layout, lines, mapped, file)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines) if self.rows is None else len(self.rows)

    def arrays(self, side: str) -> dict[str, Any]:
        """Return the arrays of one side by port; nothing is read yet."""
        return {port: self._array(field) for field in self._fields(side) for port in field[1:]}

    def _array(self, field: Field) -> Any:
        whole = self.lines.view(self.layout.record)[:, 0]["/".join(field)]
        return whole if self.rows is None else Chosen(whole, self.rows, self.mapped)

    def _fields(self, side: str) -> list[Field]:
        return sorted(field for field in self.layout.fields if field[0] == side)

    def without(self, *dropped: Field) -> Stored:
        """Return the rows without some of their fields, of which nothing is read any more."""
        record = self.layout.record
        kept = {field: kind for field, kind in self.layout.fields.items() if field not in dropped}
        return replace(self, layout=_Narrow(kept, record))

    def take(self, places: Any) -> dict[str, dict[str, Array]]:
        """Read some of the rows, by side and port.

        Args:
            places: numbers among these rows, or a slice.
        """
        if isinstance(places, slice):
            places = np.arange(*places.indices(len(self)))
        rows = places if self.rows is None else self.rows[places]
        record = self.layout.record
        read: dict[str, dict[str, Array]] = {side: {} for side in SIDES}
        for (side, port), kind in self.layout.fields.items():
            read[side][port] = np.empty((len(rows), *kind.shape), kind.base)
        for at, lines in self._runs(rows):
            records = lines.view(record)[:, 0]
            for side, port in self.layout.fields:
                read[side][port][at] = records[f"{side}/{port}"]
        return read

    def _runs(self, rows: Rows) -> Iterator[tuple[Rows, Array]]:
        """Read lines from the file, neighbours at once, and yield them with their places."""
        width = self.lines.shape[1]
        order = np.argsort(rows, kind="stable")
        ascending = rows[order]
        starts = ascending * width
        apart = (np.diff(starts) > _GAP) | (np.diff(starts // _SPAN) > 0)
        edges = [0, *(np.flatnonzero(apart) + 1).tolist(), len(rows)]
        for start, stop in pairwise(edges):
            if start < stop:
                own = ascending[start:stop]
                near = self._near(int(own[0]), int(own[-1]) + 1)
                whole = len(near) == len(own) and bool((np.diff(own) == 1).all())
                yield order[start:stop], near if whole else near[own - own[0]]

    def _near(self, first: int, end: int) -> Array:
        width = self.lines.shape[1]
        near = np.empty((end - first, width), np.uint8)
        self.file.read(first * width, memoryview(near.data).cast("B"))
        return near


@dataclass(frozen=True, slots=True)
class _Narrow(Layout):
    """Some fields of rows that have more."""

    whole: np.dtype[Any]

    @property
    def record(self) -> np.dtype[Any]:
        """All fields of a row as it lies in the file."""
        return self.whole


class Chosen:
    """Some rows of an array in a file, read when they are asked for.

    Args:
        whole: all rows.
        rows: the numbers of those that are meant.
        base: what the file is mapped by.
    """

    def __init__(self, whole: Array, rows: Rows, base: mmap.mmap) -> None:
        self._whole, self._rows, self.base = whole, rows, base
        self.dtype, self.ndim = whole.dtype, whole.ndim
        self.shape = (len(rows), *whole.shape[1:])
        self.itemsize, self.strides = whole.itemsize, whole.strides

    @property
    def nbytes(self) -> int:
        """How many bytes the rows would take in memory."""
        return int(np.prod(self.shape)) * self.itemsize

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __getitem__(self, places: Any) -> Array:
        """Read some rows."""
        return np.asarray(self._whole[self._rows[places]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Read all rows."""
        return np.asarray(self[:], dtype)
