"""Converts Arrow tables to columns of a `Table`, and reports values that change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from engine.core.diagnostic import Diagnostic
from engine.core.formatting.counts import join_first
from engine.data.readers.binary.arrow_schema import is_list_type
from engine.data.table.column_types import TEXT_TYPE, Column
from engine.data.table.dtypes import array_to_column, damaged_array_error, unsupported_dtype_error
from engine.data.table.table import Table

_Note: TypeAlias = tuple[str, str, str]  # the column, its type in the file, its type in the table
TIMESTAMP_US = "timestamp[us]"
_UTC_NAMES = ("UTC", "Etc/UTC", "+00:00", "Z")


def arrow_to_columns(table: pa.Table, path: Path) -> Table:
    """Return the columns of an Arrow table as numpy arrays, text columns and list columns.

    Args:
        table: a table whose schema was validated by `check_schema`.
        path: the path of the file, for messages.

    Raises:
        DiagnosticError: for damaged values, and for values that can't be trained on.
    """
    columns: dict[str, Column] = {}
    notes: list[_Note] = []
    for name, chunks in zip(table.column_names, table.columns, strict=True):
        _validate(chunks, name, path)
        converter = _ColumnConverter(name, path)
        columns[name] = converter.convert(chunks)
        notes += converter.notes
    return Table(path, columns, tuple(_note_diagnostics(notes)))


def _validate(chunks: pa.ChunkedArray, name: str, path: Path) -> None:
    """Validate all offsets and bytes of a column, since pyarrow may read out of bounds later."""
    try:
        chunks.validate(full=True)
    except pa.ArrowInvalid as error:
        found = " ".join(str(error).split())[:120]
        raise damaged_array_error(name, path, found, "values that match their types") from error


class _ColumnConverter:
    """Converts one Arrow column; `notes` collects each change of its values."""

    def __init__(self, name: str, path: Path) -> None:
        self._name, self._path = name, path
        self.notes: list[_Note] = []

    def convert(self, chunks: pa.ChunkedArray) -> Column:
        try:
            return self._convert(self._decode(chunks))
        except MemoryError:
            raise
        except (pa.ArrowException, OverflowError, ValueError) as error:
            advice = "Save numbers and dates that fit into 64 bits."
            found = f"values that can't be converted: {str(error)[:80]}"
            raise unsupported_dtype_error(self._name, self._path, found, advice) from error

    def _note(self, found: str, expected: str) -> None:
        self.notes.append((self._name, found, expected))

    def _decode(self, chunks: pa.ChunkedArray) -> pa.Array:
        """Return one array of all chunks; dictionaries are decoded, text becomes large_string."""
        is_dictionary = types.is_dictionary(chunks.type)
        dtype = _large_text(chunks.type.value_type if is_dictionary else chunks.type)
        if chunks.type != dtype:
            chunks = chunks.cast(dtype)
        array = chunks.combine_chunks()
        return array.chunk(0) if isinstance(array, pa.ChunkedArray) else array

    def _convert(self, values: pa.Array) -> Column:
        dtype = values.type
        if types.is_null(dtype):
            return pa.array([""] * len(values), TEXT_TYPE)
        if types.is_large_string(dtype):
            return pc.fill_null(values, "") if values.null_count else values
        if types.is_timestamp(dtype) or types.is_date(dtype):
            return self._dates(values)
        if types.is_fixed_size_list(dtype) and _is_number_list(dtype):
            return self._fixed_size_lists(values)
        if is_list_type(dtype):
            return self._lists(values)
        return self._numbers(values)

    def _dates(self, values: pa.Array) -> Column:
        if types.is_timestamp(values.type) and values.type.tz:
            if values.type.tz not in _UTC_NAMES:
                self._note(f"times in {values.type.tz}", "times in UTC")
            values = values.cast(pa.timestamp(values.type.unit))
        is_nanoseconds = types.is_timestamp(values.type) and values.type.unit == "ns"
        # safe=True raises an error for truncated times; only nanoseconds may be truncated.
        times = pc.cast(values, TIMESTAMP_US, safe=not is_nanoseconds)
        return np.array(times.to_numpy(zero_copy_only=False), "datetime64[us]")

    def _numbers(self, values: pa.Array) -> Column:
        dtype = values.type
        if types.is_decimal(dtype):
            self._note(str(dtype), "float64")
            values = values.cast(pa.float64())
        elif values.null_count and not types.is_floating(dtype):
            if types.is_boolean(dtype):
                values = values.cast(pa.int8())
            values = pc.cast(values, pa.float64(), safe=False)
        numbers = values.to_numpy(zero_copy_only=False)
        array = array_to_column(numbers, self._name, self._path)
        # Copy read-only arrays, since torch warns about them.
        return array if not isinstance(array, np.ndarray) or array.flags.writeable else array.copy()

    def _fixed_size_lists(self, values: pa.Array) -> Column:
        """Return lists of a fixed size, which may be nested, as an array with several axes."""
        sizes = []
        while types.is_fixed_size_list(values.type):
            size = values.type.list_size
            sizes.append(size)
            values = pc.fill_null(values, [None] * size).flatten()
        return np.asarray(self._numbers(values)).reshape(-1, *sizes)

    def _lists(self, values: pa.Array) -> Column:
        dtype = values.type.value_type
        is_text = types.is_dictionary(dtype) or types.is_null(dtype)
        is_text = is_text or _large_text(dtype) == pa.large_string()
        number = pa.float64() if types.is_floating(dtype) else pa.int64()
        if types.is_boolean(dtype):
            values = values.cast(pa.list_(pa.int8()))
        if types.is_string_view(dtype):
            raise ValueError("lists of string_view values")
        lists = pc.cast(values, pa.large_list(pa.large_string() if is_text else number))
        lists = pc.fill_null(lists, [])
        flat = lists.flatten()
        if flat.null_count:
            numbers = flat if is_text else flat.cast(pa.float64())
            flat = pc.fill_null(numbers, "" if is_text else np.nan)
        ends = np.cumsum(pc.list_value_length(lists), dtype=np.int64)
        return pa.LargeListArray.from_arrays(pa.array(np.concatenate(([0], ends))), flat)


def _is_number_list(dtype: pa.DataType) -> bool:
    while types.is_fixed_size_list(dtype):
        dtype = dtype.value_type
    return bool(types.is_integer(dtype) or types.is_floating(dtype) or types.is_boolean(dtype))


def _large_text(dtype: pa.DataType) -> pa.DataType:
    """Return large_string if a type is a text type, else the unchanged type."""
    is_text = types.is_string(dtype) or types.is_large_string(dtype) or types.is_string_view(dtype)
    return pa.large_string() if is_text else dtype


def _note_diagnostics(notes: Iterable[_Note]) -> Iterator[Diagnostic]:
    """Yield an info for each kind of type conversion, with the names of the converted columns."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, found, expected in notes:
        groups.setdefault((found, expected), []).append(name)
    for (found, expected), names in groups.items():
        shown = join_first(f'"{name}"' for name in names)
        yield Diagnostic.info(
            "array-converted",
            f"{shown} {'were' if len(names) > 1 else 'was'} read as {expected}",
            place=f"column{'s' if len(names) > 1 else ''} {shown}",
            found=found,
            expected=expected,
        )
