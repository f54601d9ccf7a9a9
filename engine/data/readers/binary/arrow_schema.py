"""Validation of Arrow schemas: supported column types, and advice for unsupported ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import types

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.table.dtypes import unsupported_dtype_error
from engine.data.table.table import check_column_count

EXTENSION_KEY = b"ARROW:extension:name"
NESTED_ADVICE = "Save each of its fields as a separate column."
BYTES_ADVICE = "Save text as strings, and images as files with their paths in the column."
_UNSUPPORTED = (  # predicate of pyarrow.types, description, advice
    ("is_struct", "nested objects", NESTED_ADVICE),
    ("is_map", "maps", NESTED_ADVICE),
    ("is_union", "values of several types", "Save each type as a separate column."),
    ("is_time", "times of day", "Save them as seconds since midnight, or as text."),
    ("is_duration", "time spans", "Save them as a number of seconds or days."),
    ("is_interval", "calendar spans", "Save them as a number of days."),
    ("is_run_end_encoded", "run-end encoded values", "Use pyarrow.compute.run_end_decode."),
    ("is_binary", "bytes", BYTES_ADVICE),
    ("is_large_binary", "bytes", BYTES_ADVICE),
    ("is_fixed_size_binary", "bytes", BYTES_ADVICE),
    ("is_binary_view", "bytes", BYTES_ADVICE),
)  # fmt: skip


def is_pandas_index(field: pa.Field) -> bool:
    """Return whether a column numbers the rows: an index of integers that pandas stores unnamed."""
    return field.name.startswith("__index_level_") and bool(pa.types.is_integer(field.type))


def check_schema(schema: pa.Schema, path: Path) -> None:
    """Validate the number, names and types of columns before any value is read.

    Raises:
        DiagnosticError: with an error for each column that can't be read.
    """
    check_column_count(len(schema), path)
    found = list(_name_diagnostics(schema.names, path))
    for field in schema:
        if unsupported := _unsupported(field):
            found += unsupported_dtype_error(field.name, path, *unsupported).diagnostics
    if found:
        raise DiagnosticError(*found)


def readable_columns(schema: pa.Schema) -> list[str]:
    """Return the names of the columns that can be read: unique names and supported types."""
    counts = Counter(schema.names)
    return [field.name for field in schema if counts[field.name] == 1 and not _unsupported(field)]


def _name_diagnostics(names: Sequence[str], path: Path) -> Iterator[Diagnostic]:
    for name, count in Counter(names).items():
        if count > 1 or not name:
            yield Diagnostic.error(
                "column-names",
                f'"{path.name}" has missing or duplicate column names',
                "Rename the columns before saving them.",
                place=str(path),
                found=f"{name!r} {count} times" if name else "a column without a name",
                expected="one unique name per column",
            )


def _unsupported(field: pa.Field) -> tuple[str, str] | None:
    """Return a description of a field's unsupported type, and advice; None for supported types."""
    dtype = field.type
    extension = (field.metadata or {}).get(EXTENSION_KEY, b"").decode(errors="replace")
    if isinstance(dtype, pa.BaseExtensionType) or extension:
        return (
            f'values of the extension type "{extension or dtype.extension_name}"'[:80],
            "Save the storage type: column.cast(column.type.storage_type).",
        )
    for predicate, found, advice in _UNSUPPORTED:
        if getattr(types, predicate)(dtype):
            return found, advice
    if types.is_dictionary(dtype):
        return _unsupported(pa.field("values", dtype.value_type))
    if is_list_type(dtype):
        inner = dtype.value_type
        if not types.is_fixed_size_list(dtype) and is_list_type(inner):
            return "lists of lists", "Save flat lists, or arrays of a fixed size (.npz)."
        if unsupported := _unsupported(pa.field("items", inner)):
            return unsupported
        if types.is_temporal(inner) or types.is_decimal(inner):
            return f"lists of {inner}", "Save lists of numbers or of text."
    return None


def is_list_type(dtype: pa.DataType) -> bool:
    """Return whether a type is one of Arrow's list types."""
    is_view = types.is_list_view(dtype) or types.is_large_list_view(dtype)
    is_list = types.is_list(dtype) or types.is_large_list(dtype)
    return bool(is_list or is_view or types.is_fixed_size_list(dtype))
