"""Arrow's values as columns of a table, converted where their types are others, with a note."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.core.diagnostic import Diagnostic, Refused
from engine.data.readers.binary.arrow_schema import is_list_type
from engine.data.readers.binary.arrow_string_views import settled
from engine.data.table.column_types import TEXT, Column
from engine.data.table.dtypes import array_dtype, broken, native
from engine.data.table.lazy_arrow import pa, pc, types
from engine.data.table.read_result import Read
from engine.data.table.size_limit import Budget

US = "timestamp[us]"
_UTC = ("UTC", "Etc/UTC", "+00:00", "Z")


def refuse_unsound(batch: pa.RecordBatch | pa.Table, path: Path) -> None:
    """Look at all places and bytes that a batch names, before anything else does.

    Why: pyarrow itself reads outside of a damaged batch's memory, even to tell its size.

    Raises:
        Refused: naming the first column at fault.
    """
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            found = " ".join(str(error).split())[:120]
            raise Refused(broken(name, path, found, "values that fit their types")) from error


def columns_of(table: pa.Table, path: Path, budget: Budget) -> Read:
    """Return a table's values as columns.

    Args:
        table: whose schema was looked at.
        path: for findings.
        budget: counts what unpacking takes.

    Raises:
        Refused: for values that can't be trained on, and once the budget is spent.
    """
    columns: dict[str, Column] = {}
    notes: list[tuple[str, str, str]] = []
    for name, chunks in zip(table.column_names, table.columns, strict=True):
        column = _Column(name, path, budget)
        columns[name] = column.read(chunks)
        notes += column.notes
    return Read(columns, list(_merged(notes)))


class _Column:
    """One column on its way."""

    def __init__(self, name: str, path: Path, budget: Budget) -> None:
        self._name, self._path, self._budget = name, path, budget
        self.notes: list[tuple[str, str, str]] = []

    def read(self, chunks: pa.ChunkedArray) -> Column:
        try:
            return self._read(self._plain(chunks))
        except (pa.ArrowException, OverflowError, ValueError) as error:
            advice = "Save numbers and dates that fit into 64 bits."
            found = f"values that can't be converted: {str(error)[:80]}"
            raise Refused(array_dtype(self._name, self._path, found, advice)) from error

    def _note(self, found: str, expected: str) -> None:
        self.notes.append((self._name, found, expected))

    def _plain(self, chunks: pa.ChunkedArray) -> pa.Array:
        """Return one array, dictionaries looked up."""
        kind = chunks.type
        if types.is_dictionary(kind):
            for chunk in chunks.chunks:
                self._budget.take(_unpacked(chunk))
            inner = _wide(kind.value_type)
            if inner != TEXT:  # text loses nothing, and Parquet's own dictionaries are not seen
                self._note(f"a dictionary of {inner}", str(inner))
            chunks = chunks.cast(inner)
        elif types.is_string_view(kind):
            chunks = pa.chunked_array([self._settled(chunk) for chunk in chunks.chunks], TEXT)
        elif types.is_string(kind):
            chunks = chunks.cast(TEXT)
        one = chunks.combine_chunks()
        return one.chunk(0) if isinstance(one, pa.ChunkedArray) else one

    def _settled(self, chunk: pa.StringViewArray) -> pa.Array:
        """Return texts that may all look at one, each on its own."""
        views, size = settled(chunk)
        self._budget.take(size)
        return views.cast(TEXT)

    def _read(self, values: pa.Array) -> Column:
        kind = values.type
        if types.is_null(kind) or types.is_large_string(kind):
            return _text(values)
        if types.is_timestamp(kind) or types.is_date(kind):
            return self._dates(values)
        if types.is_fixed_size_list(kind) and _of_numbers(kind):
            return self._axes(values)
        if is_list_type(kind):
            return self._lists(values)
        return self._numbers(values)

    def _dates(self, values: pa.Array) -> Column:
        if types.is_timestamp(values.type) and values.type.tz:
            if values.type.tz not in _UTC:
                self._note(f"times in {values.type.tz}", "times in UTC")
            values = values.cast(pa.timestamp(values.type.unit))
        days = pc.cast(values, US, safe=not _finer(values.type))
        return np.array(days.to_numpy(zero_copy_only=False), "datetime64[us]")

    def _numbers(self, values: pa.Array) -> Column:
        kind = values.type
        if types.is_decimal(kind):
            self._note(str(kind), "float64")
            values = values.cast(pa.float64())
        elif values.null_count and not types.is_floating(kind):
            if types.is_boolean(kind):
                values = values.cast(pa.int8())
            values = pc.cast(values, pa.float64(), safe=False)
        array, notes = native(values.to_numpy(zero_copy_only=False), self._name, self._path)
        for note in notes:
            self._note("yes and no" if types.is_boolean(kind) else note.found, note.expected)
        # torch warns of arrays that can't be written to.
        return array if not isinstance(array, np.ndarray) or array.flags.writeable else array.copy()

    def _axes(self, values: pa.Array) -> Column:
        """Return lists of one size as an array with further axes."""
        sizes = []
        if values.null_count:
            values = _filled(values)
        while types.is_fixed_size_list(values.type):
            sizes.append(values.type.list_size)
            values = values.flatten()
        array = self._numbers(values)
        return np.asarray(array).reshape(-1, *sizes)

    def _lists(self, values: pa.Array) -> Column:
        kind = values.type.value_type
        items = types.is_dictionary(kind) or types.is_string(kind) or types.is_large_string(kind)
        items = items or types.is_string_view(kind) or types.is_null(kind)
        inner = (
            pa.large_string() if items else pa.float64() if types.is_floating(kind) else pa.int64()
        )
        if types.is_boolean(kind):
            values = values.cast(pa.list_(pa.int8()))
        if types.is_dictionary(kind):
            self._budget.take(_unpacked(values.flatten()))
        if types.is_string_view(kind):
            raise ValueError("lists of text that looks into buffers of many rows")
        lists = pc.cast(values, pa.large_list(inner))
        flat, starts = lists.flatten(), _starts(lists)
        if flat.null_count:
            flat = (
                pc.fill_null(flat, "") if items else pc.fill_null(flat.cast(pa.float64()), np.nan)
            )
        return pa.LargeListArray.from_arrays(pa.array(starts), flat)


def _text(values: pa.Array) -> Column:
    if types.is_null(values.type):
        return pa.array([""] * len(values), TEXT)
    return pc.fill_null(values, "") if values.null_count else values


def _starts(lists: Any) -> Any:
    """Return where each list starts among the items of all; one that is missing is empty."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def _filled(values: pa.Array) -> pa.Array:
    """Return lists of one size, those that are missing full of missing items."""
    size = values.type.list_size
    places = pc.if_else(values.is_valid(), pa.array(range(len(values)), pa.int64()), None)
    rows = np.repeat(np.array(places.to_numpy(zero_copy_only=False), float), size)
    items = pa.array(
        np.nan_to_num(rows).astype(np.int64) * size + np.tile(np.arange(size), len(values))
    )
    items = pc.if_else(pa.array(~np.isnan(rows)), items, None)
    return pa.FixedSizeListArray.from_arrays(values.values.take(items), size)


def _of_numbers(kind: pa.DataType) -> bool:
    while types.is_fixed_size_list(kind):
        kind = kind.value_type
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))


def _finer(kind: pa.DataType) -> bool:
    return bool(types.is_timestamp(kind) and kind.unit == "ns")


def _wide(kind: pa.DataType) -> pa.DataType:
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return pa.large_string() if text else kind


def _unpacked(chunk: pa.DictionaryArray) -> int:
    """Return how many bytes a dictionary's values take once each row has its own."""
    if _wide(chunk.dictionary.type) != pa.large_string():
        return len(chunk) * 8
    lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
    return 8 * len(chunk) + (pc.sum(lengths.take(chunk.indices)).as_py() or 0)


def _merged(notes: Iterable[tuple[str, str, str]]) -> Iterator[Diagnostic]:
    """Yield one note for all columns that were converted alike."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, found, expected in notes:
        groups.setdefault((found, expected), []).append(name)
    for (found, expected), names in groups.items():
        shown = ", ".join(f'"{name}"' for name in names[:8])
        more = f" and {len(names) - 8:,} more" if len(names) > 8 else ""
        yield Diagnostic(
            "array-converted",
            f"{shown}{more} {'were' if len(names) > 1 else 'was'} read as {expected}",
            severity="info",
            place=f"column{'s' if len(names) > 1 else ''} {shown}{more}",
            found=found,
            expected=expected,
        )
