"""Arrow's types as columns of a table: converted with a note, or refused by name with a way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.kinds import TEXT, Column
from engine.data.native import array_dtype, native, too_large
from engine.data.read import Read

US = pa.timestamp("us")
_UTC = ("UTC", "Etc/UTC", "+00:00", "Z")
EXTENSION = b"ARROW:extension:name"
NESTED = "Save each of its fields as a column of its own."
_REFUSED = (
    (types.is_struct, "nested objects", NESTED),
    (types.is_map, "maps", NESTED),
    (types.is_union, "values of several types", "Save each type as a column of its own."),
    (types.is_time, "times of day", "Save them as seconds since midnight, or as text."),
    (types.is_duration, "time spans", "Save them as a number of seconds or days."),
    (types.is_interval, "calendar spans", "Save them as a number of days."),
    (types.is_run_end_encoded, "runs of values", "Decode it with pyarrow.compute.run_end_decode."),
)  # fmt: skip
_BYTES = ("bytes", "Save text as text, and pictures as files whose paths stand in the column.")


class Budget:
    """How many bytes may still be read.

    Args:
        path: the file, for the finding.
        limit: bytes in all.
    """

    def __init__(self, path: Path, limit: int | None) -> None:
        self._path = path
        self._limit = limit
        self._spent = 0

    def take(self, size: int) -> None:
        """Count bytes.

        Raises:
            Refused: once they are too many.
        """
        self._spent += size
        if self._limit is not None and self._spent > self._limit:
            raise Refused(too_large(self._path, self._spent, self._limit))


def refuse_schema(schema: pa.Schema, path: Path) -> None:
    """Look at names and types before any value is read.

    Raises:
        Refused: with every column that can't be read.
    """
    found = [*_names(schema.names, path), *_types(schema, path)]
    if found:
        raise Refused(*found)


def _names(names: Sequence[str], path: Path) -> Iterator[Diagnostic]:
    for name, times in Counter(names).items():
        if times > 1 or not name:
            yield Diagnostic(
                "column-names",
                f'"{path.name}" does not name each of its columns once',
                place=str(path),
                found=f"{name!r} {times} times" if name else "a column without a name",
                expected="one name per column, each once",
                fixes=(Fix("Rename the columns before saving them."),),
            )


def _types(schema: pa.Schema, path: Path) -> Iterator[Diagnostic]:
    for field in schema:
        found = _refusal(field)
        if found is not None:
            yield array_dtype(field.name, path, *found)


def _refusal(field: pa.Field) -> tuple[str, str] | None:
    """Answer what keeps a type from being read, and the way out; None if it can be."""
    kind = field.type
    known = (field.metadata or {}).get(EXTENSION, b"").decode(errors="replace")
    if isinstance(kind, pa.BaseExtensionType) or known:
        return (
            f'values of the extension type "{known or kind.extension_name}"'[:80],
            "Save what they are stored as: column.cast(column.type.storage_type).",
        )
    for fits, found, advice in _REFUSED:
        if fits(kind):
            return found, advice
    if _is_bytes(kind):
        return _BYTES
    if types.is_dictionary(kind):
        return _refusal(pa.field("values", kind.value_type))
    if _is_list(kind):
        inner = kind.value_type
        if types.is_fixed_size_list(kind) or not _is_list(inner):
            return _refusal(pa.field("items", inner)) or _in_list(inner)
        return "lists of lists", "Save lists of one level, or arrays of one size (.npz)."
    return None


def _in_list(kind: pa.DataType) -> tuple[str, str] | None:
    if types.is_temporal(kind) or types.is_decimal(kind):
        return f"lists of {kind}", "Save lists of numbers or of text."
    return None


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )


def columns_of(table: pa.Table, path: Path, budget: Budget) -> Read:
    """Answer a table's values as columns.

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
        except (pa.ArrowException, OverflowError) as error:
            advice = "Save numbers and dates that fit into 64 bits."
            found = f"values that can't be converted: {str(error)[:80]}"
            raise Refused(array_dtype(self._name, self._path, found, advice)) from error

    def _note(self, found: str, expected: str) -> None:
        self.notes.append((self._name, found, expected))

    def _plain(self, chunks: pa.ChunkedArray) -> pa.Array:
        """Answer one array, dictionaries looked up."""
        chunks.validate(full=True)  # a file may hold any bytes, and any places of them
        kind = chunks.type
        if types.is_dictionary(kind):
            for chunk in chunks.chunks:
                self._budget.take(_unpacked(chunk))
            inner = _wide(kind.value_type)
            if inner != TEXT:  # text loses nothing, and Parquet's own dictionaries are not seen
                self._note(f"a dictionary of {inner}", str(inner))
            chunks = chunks.cast(inner)
        elif types.is_string(kind) or types.is_string_view(kind):
            for chunk in chunks.chunks if types.is_string_view(kind) else ():
                self._budget.take(_viewed(chunk))
            chunks = chunks.cast(TEXT)
        one = chunks.combine_chunks()
        return one.chunk(0) if isinstance(one, pa.ChunkedArray) else one

    def _read(self, values: pa.Array) -> Column:
        kind = values.type
        if types.is_null(kind) or types.is_large_string(kind):
            return _text(values)
        if types.is_timestamp(kind) or types.is_date(kind):
            return self._dates(values)
        if types.is_fixed_size_list(kind) and _of_numbers(kind):
            return self._axes(values)
        if _is_list(kind):
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
        """Answer lists of one size as an array with further axes."""
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
        inner = TEXT if items else pa.float64() if types.is_floating(kind) else pa.int64()
        if types.is_boolean(kind):
            values = values.cast(pa.list_(pa.int8()))
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
    """Answer where each list starts among the items of all; one that is missing is empty."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def _filled(values: pa.Array) -> pa.Array:
    """Answer lists of one size, those that are missing full of missing items."""
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
    return TEXT if text else kind


def _unpacked(chunk: pa.DictionaryArray) -> int:
    """Answer how many bytes a dictionary's values take once each row has its own."""
    if _wide(chunk.dictionary.type) != TEXT:
        return len(chunk) * 8
    lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
    return 8 * len(chunk) + (pc.sum(lengths.take(chunk.indices)).as_py() or 0)


def _viewed(chunk: pa.StringViewArray) -> int:
    """Answer how many bytes texts take that may be views of one text; each begins with its length.

    Why: pyarrow has no binary_length for them.
    """
    views = np.frombuffer(chunk.buffers()[1], np.int32).reshape(-1, 4)
    return 8 * len(chunk) + int(views[chunk.offset :, 0][: len(chunk)].sum(dtype=np.int64))


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
