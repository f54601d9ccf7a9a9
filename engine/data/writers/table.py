"""Writer of tables in the format given by the file extension."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import write_bytes
from engine.core.formatting.counts import join_first
from engine.data.table.column_types import TEXT_TYPE, Column, is_list, is_number, is_text
from engine.data.writers.csv import column_to_text, csv_bytes
from engine.data.writers.npz import npz_bytes
from engine.recipe.csv_dialect import Dialect

_ARROW_EXTENSIONS = (".arrow", ".feather", ".ipc")
WRITABLE_EXTENSIONS = (".csv", ".tsv", ".parquet", *_ARROW_EXTENSIONS, ".jsonl", ".ndjson", ".npz")
Columns = Mapping[str, Column]


def write_table(path: Path, table: Columns, dialect: Dialect | None = None) -> list[Diagnostic]:
    """Write a table; return infos about the columns that a CSV file has to leave out.

    Args:
        path: a path with an extension of `WRITABLE_EXTENSIONS`.
        table: columns of equal length; missing values are kept.
        dialect: the dialect of the table's source, whose decimal sign and, if the extension of
            `path` allows it, delimiter are used for a new CSV file.

    Raises:
        DiagnosticError: for any other extension, if no column can be written, or if writing fails.
    """
    check_writable_extension(path)
    dialect = dialect or Dialect()
    notes: list[Diagnostic] = []
    match path.suffix.lower():
        case ".csv" | ".tsv" as extension:
            wide = [name for name, x in table.items() if is_number(x) and x.size != len(x)]
            notes += [_not_written_diagnostic(path, wide)] if wide else []
            kept = {name: column for name, column in table.items() if name not in wide}
            if wide and not kept:
                raise DiagnosticError(*(replace(note, severity="error") for note in notes))
            usual = dialect.delimiter if dialect.delimiter in (";", "|") else ","
            delimiter = "\t" if extension == ".tsv" else usual
            data = csv_bytes(kept, delimiter, dialect.decimal or ".")
        case ".parquet":
            data = _parquet_bytes(table)
        case extension if extension in _ARROW_EXTENSIONS:
            data = _arrow_bytes(table)
        case ".jsonl" | ".ndjson":
            data = _jsonl_bytes(table)
        case _:
            data = npz_bytes({name: _numpy_array(column) for name, column in table.items()})
    write_bytes(path, bytes(data))
    return notes


def check_writable_extension(path: Path) -> None:
    """Check that a table can be written in the format that the extension of a path names.

    Raises:
        DiagnosticError: unless the extension is one of `WRITABLE_EXTENSIONS`.
    """
    extension = path.suffix.lower()
    if extension not in WRITABLE_EXTENSIONS:
        reason = "the file format is not supported" if extension else "the name has no extension"
        raise diagnostic_error(
            "data-format",
            f'can\'t write "{path.name}": {reason}',
            f"Name it {path.stem or 'predictions'}.csv.",
            place=str(path),
            found=extension or "a name without an extension",
            expected=", ".join(WRITABLE_EXTENSIONS),
        )


def column_to_json(column: Column) -> list[Any]:
    """Return one JSON value per row; missing and non-finite values are None."""
    if not isinstance(column, np.ndarray):
        cells = column.to_pylist()
        return [list(map(_finite, cell)) if is_list(column) else cell or None for cell in cells]
    if not is_number(column):
        return [cell or None for cell in column_to_text(column).to_pylist()]
    if column.dtype.kind != "f":
        return list(column.tolist())
    if column.dtype == np.float32:  # write 0.1, not 0.10000000149011612
        digits = pc.cast(pa.array(np.ascontiguousarray(column).reshape(-1)), TEXT_TYPE)
        column = np.asarray(pc.cast(digits, pa.float64())).reshape(column.shape)
    values = column.astype(object)
    values[~np.isfinite(column)] = None
    return list(values.tolist())


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _jsonl_bytes(table: Columns) -> bytes:
    rows = zip(*map(column_to_json, table.values()), strict=True)
    lines = (json.dumps(dict(zip(table, row, strict=True)), ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _arrow_table(table: Columns) -> pa.Table:
    return pa.table({name: _arrow_array(column) for name, column in table.items()})


def _parquet_bytes(table: Columns) -> memoryview:
    sink = io.BytesIO()
    pq.write_table(_arrow_table(table), sink)
    return sink.getbuffer()


def _arrow_bytes(table: Columns) -> memoryview:
    sink, content = io.BytesIO(), _arrow_table(table)
    with pa.ipc.new_file(sink, content.schema) as writer:
        writer.write_table(content)
    return sink.getbuffer()


def _arrow_array(column: Column) -> pa.Array:
    """Return a column as an Arrow array. Missing values are null, but missing lists are empty.

    If each row holds an array of numbers, these arrays become lists of fixed size.
    """
    if is_text(column):
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, TEXT_TYPE), column)
    if is_list(column):
        return column
    flat = pa.array(np.ascontiguousarray(column).reshape(-1), from_pandas=True)
    for size in reversed(column.shape[1:]):
        flat = pa.FixedSizeListArray.from_arrays(flat, size)
    return flat


def _numpy_array(column: Column) -> NDArray[Any]:
    """Return a column as an array; text has a fixed-width dtype, to avoid pickled objects."""
    if is_number(column):
        return np.ascontiguousarray(column)
    cells: Any = column if is_text(column) else column_to_text(column)
    return np.array(cells.to_pylist(), np.str_)


def replaced_columns(path: Path, table: Columns, added: Columns) -> list[Diagnostic]:
    """Return an info about columns of a table that added columns of the same names replace."""
    names = [f'"{name}"' for name in table if name in added]
    if not names:
        return []
    found = Diagnostic.info(
        "column-not-written",
        f"{', '.join(names)} of the table {'is' if len(names) == 1 else 'are'} left out, since "
        "predictions have the same name",
        "Rename the column in the table to keep it.",
        place=str(path),
        found=f"{', '.join(names)} in the table",
    )
    return [found]


def _not_written_diagnostic(path: Path, names: list[str]) -> Diagnostic:
    shown = join_first(f'"{name}"' for name in names)
    return Diagnostic.info(
        "column-not-written",
        f"{shown} {'is' if len(names) == 1 else 'are'} left out: a CSV cell holds one value",
        f"Write to {path.stem}.parquet, which can hold them.",
        place=str(path),
        found="several values per row",
    )
