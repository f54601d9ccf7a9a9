"""Arrow's types before any value is read: which can be columns, and the way out for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.table.dtypes import array_dtype
from engine.data.table.lazy_arrow import pa, types

EXTENSION = b"ARROW:extension:name"
NESTED = "Save each of its fields as a column of its own."
_REFUSED = (  # by the question that tells a type
    ("is_struct", "nested objects", NESTED),
    ("is_map", "maps", NESTED),
    ("is_union", "values of several types", "Save each type as a column of its own."),
    ("is_time", "times of day", "Save them as seconds since midnight, or as text."),
    ("is_duration", "time spans", "Save them as a number of seconds or days."),
    ("is_interval", "calendar spans", "Save them as a number of days."),
    ("is_run_end_encoded", "runs of values", "Decode it with pyarrow.compute.run_end_decode."),
)  # fmt: skip
_BYTES = ("bytes", "Save text as text, and pictures as files whose paths stand in the column.")


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
    """Return what keeps a type from being read, and the way out; None if it can be."""
    kind = field.type
    known = (field.metadata or {}).get(EXTENSION, b"").decode(errors="replace")
    if isinstance(kind, pa.BaseExtensionType) or known:
        return (
            f'values of the extension type "{known or kind.extension_name}"'[:80],
            "Save what they are stored as: column.cast(column.type.storage_type).",
        )
    for fits, found, advice in _REFUSED:
        if getattr(types, fits)(kind):
            return found, advice
    if _is_bytes(kind):
        return _BYTES
    if types.is_dictionary(kind):
        return _refusal(pa.field("values", kind.value_type))
    if is_list_type(kind):
        inner = kind.value_type
        if types.is_fixed_size_list(kind) or not is_list_type(inner):
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


def is_list_type(kind: pa.DataType) -> bool:
    """Return whether the values are lists, however they are stored."""
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )
