"""Memory-mapped encoded rows: a NumPy file with one record per row."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.data.splits.split_rows import RowIndices
from engine.data.table.array import Array
from engine.data.table.chunks import release_pages, underlying_mmap

FieldKey = tuple[str, str]  # one of `ARRAY_GROUPS` and the name of a port
ARRAY_GROUPS = ("inputs", "targets", "masks", "weights")
_READ_BYTES = 2**17  # the bytes that are read before the pages of the file are released
_MAX_HEADER_BYTES = 2**20  # enough for the fields of thousands of ports


def fields_by_group(arrays: Mapping[FieldKey, Array]) -> dict[str, dict[str, Array]]:
    """Return the arrays of all fields by group, such as "inputs", and then by port."""
    groups: dict[str, dict[str, Array]] = {group: {} for group in ARRAY_GROUPS}
    for (group, port), values in arrays.items():
        groups[group][port] = values
    return groups


def record_dtype(field_types: Sequence[np.dtype[Any]]) -> np.dtype[Any]:
    """Return the structured dtype of a row, whose fields are named "0", "1" and so on.

    The fields are not named like ports, because a NumPy file restricts the names of fields.
    """
    fields = [(str(index), kind.base, kind.shape) for index, kind in enumerate(field_types)]
    return np.dtype(fields, align=True)


@contextmanager
def create_rows_file(path: Path, record: np.dtype[Any]) -> Iterator[IO[bytes]]:
    """Return a context with a new NumPy file, to which the bytes of records are written.

    Why: on a full disk, writing to a memory map would kill the process instead of raising an error.
    """
    descr = np.lib.format.dtype_to_descr(record)
    header = {"descr": descr, "fortran_order": False, "shape": (0,)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_2_0(file, header)
        start = file.tell()
        yield file
        header["shape"] = ((file.tell() - start) // record.itemsize,)
        file.seek(0)
        np.lib.format.write_array_header_2_0(file, header)
        assert file.tell() == start, "NumPy reserves space for any number of rows"
        file.flush()
        os.fsync(file.fileno())


@dataclass(frozen=True, slots=True)
class MemmapRows:
    """All rows of a memory-mapped file, or a selection of them.

    Args:
        records: the records of the file, memory-mapped.
        fields: the name of the record field of each array.
        rows: the selected row numbers, None for all.
        labelled: for streamed rows, the number of rows with a target, by output with missing
            targets; else {}.
    """

    records: Array
    fields: Mapping[FieldKey, str]
    rows: RowIndices | None = None
    labelled: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, fields: Mapping[FieldKey, str]) -> MemmapRows:
        """Memory-map a file, and return all its rows. `fields` may leave out fields of the file.

        Raises:
            OSError: if the file can't be read.
            ValueError: if it is damaged.
        """
        records = np.lib.format.open_memmap(path, mode="r", max_header_size=_MAX_HEADER_BYTES)
        return cls(np.asarray(records), fields)

    def __len__(self) -> int:
        return len(self.records) if self.rows is None else len(self.rows)

    @classmethod
    def in_memory(cls, arrays: Mapping[FieldKey, Array]) -> MemmapRows:
        """Return a copy of arrays in memory, of which all have the same number of rows."""
        record = record_dtype([np.dtype((x.dtype, x.shape[1:])) for x in arrays.values()])
        records = np.zeros(len(next(iter(arrays.values()))), record)
        fields = {key: str(index) for index, key in enumerate(arrays)}
        for key, name in fields.items():
            records[name] = arrays[key]
        return cls(records, fields)

    @property
    def shard_edges(self) -> RowIndices | None:
        """None; for streamed rows the index of the first row of each shard, then the row count."""
        return None

    def select(self, rows: RowIndices) -> MemmapRows:
        """Return the rows of the file with the given numbers, in this order."""
        return replace(self, rows=rows)

    def arrays(self, group: str) -> dict[str, Any]:
        """Return the arrays of a group, such as "inputs", by port. Values are read on access."""
        arrays = {
            port: self.records[name] for (side, port), name in self.fields.items() if side == group
        }
        if self.rows is None:
            return arrays
        return {port: RowSelection(array, self.rows) for port, array in arrays.items()}

    def take(self, places: Any) -> dict[str, dict[str, Array]]:
        """Read some of these rows. Return arrays by group, such as "inputs", and then by port.

        Args:
            places: indices into these rows or a slice of them, not row numbers of the file.
        """
        if isinstance(places, slice):
            places = np.arange(*places.indices(len(self)))
        rows = places if self.rows is None else self.rows[places]
        arrays: dict[FieldKey, Array] = {}
        for key, name in self.fields.items():
            values = self.records[name]
            arrays[key] = np.empty((len(rows), *values.shape[1:]), values.dtype)
        mapped = underlying_mmap(self.records)
        order = np.argsort(rows, kind="stable")  # neighboring rows are read together
        step = max(_READ_BYTES // self.records.itemsize, 1)
        for start in range(0, len(rows), step):
            part = order[start : start + step]
            records = self.records.take(rows[part])
            for key, name in self.fields.items():
                arrays[key][part] = records[name]
            release_pages(mapped)
        return fields_by_group(arrays)


class RowSelection:
    """A lazy selection of the rows of an array: `array[rows]`, computed on access.

    The row numbers may have several axes, and may be a lazy selection, too.
    """

    def __init__(self, array: Array, rows: RowIndices | RowSelection) -> None:
        self._array, self._rows, self.base = array, rows, array
        self.shape: tuple[int, ...] = (*rows.shape, *array.shape[1:])
        self.dtype, self.ndim = array.dtype, len(self.shape)
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
