"""Encoded rows in one file: all that belongs to a row side by side, so that it is read at once."""

from __future__ import annotations

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.parts import let_go
from engine.data.splits import Rows

Array = NDArray[Any]
Field = tuple[str, str]  # a side of a dataset ("inputs", "masks"), and a port
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
        """Answer the fields as JSON."""
        return [
            [*field, kind.base.str, list(kind.shape)] for field, kind in sorted(self.fields.items())
        ]

    @classmethod
    def read(cls, plain: Sequence[Sequence[Any]]) -> Layout:
        """Take back what `plain` answered."""
        return cls(
            {
                (side, port): np.dtype((np.dtype(kind), tuple(shape)))
                for side, port, kind, shape in plain
            }
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows of a file, or some of them.

    Args:
        layout: of a row.
        bytes: the file, a line of bytes for each row.
        mapped: what they are mapped by.
        rows: the numbers of those that are meant, None for all.
    """

    layout: Layout
    bytes: Array
    mapped: mmap.mmap
    rows: Rows | None = None

    @classmethod
    def open(cls, path: Path, layout: Layout) -> Stored:
        """Map a file.

        Raises:
            OSError: if it can't be read.
            ValueError: if it holds no rows.
        """
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        lines = np.frombuffer(mapped, np.uint8).reshape(-1, layout.record.itemsize)
        return cls(layout, lines, mapped)

    def __len__(self) -> int:
        """Answer the number of rows."""
        return len(self.bytes) if self.rows is None else len(self.rows)

    def arrays(self, side: str) -> dict[str, Any]:
        """Answer the arrays of one side by port; nothing is read yet."""
        return {port: self._array(field) for field in self._fields(side) for port in field[1:]}

    def _array(self, field: Field) -> Any:
        whole = self.bytes.view(self.layout.record)[:, 0]["/".join(field)]
        return whole if self.rows is None else Chosen(whole, self.rows, self.mapped)

    def _fields(self, side: str) -> list[Field]:
        return sorted(field for field in self.layout.fields if field[0] == side)

    def without(self, *dropped: Field) -> Stored:
        """Answer the rows without some of their fields, of which nothing is read any more."""
        record = self.layout.record
        kept = {field: kind for field, kind in self.layout.fields.items() if field not in dropped}
        return Stored(_Narrow(kept, record), self.bytes, self.mapped, self.rows)

    def take(self, places: Any) -> dict[str, dict[str, Array]]:
        """Read some of the rows, by side and port.

        Args:
            places: numbers among these rows, or a slice.
        """
        rows = places if self.rows is None else self.rows[places]
        lines = self.bytes[rows] if isinstance(rows, slice) else np.take(self.bytes, rows, axis=0)
        records = np.ascontiguousarray(lines).view(self.layout.record)[:, 0]
        read: dict[str, dict[str, Array]] = {side: {} for side in SIDES}
        for side, port in self.layout.fields:
            # A copy, so that nothing holds on to the whole rows.
            read[side][port] = np.array(records[f"{side}/{port}"], order="C")
        let_go(self.mapped)
        return read


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
        self.itemsize = whole.itemsize

    @property
    def nbytes(self) -> int:
        """How many bytes the rows would take in memory."""
        return int(np.prod(self.shape)) * self.itemsize

    def __len__(self) -> int:
        """Answer the number of rows."""
        return len(self._rows)

    def __getitem__(self, places: Any) -> Array:
        """Read some rows."""
        return np.asarray(self._whole[self._rows[places]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Read all rows."""
        return np.asarray(self[:], dtype)
