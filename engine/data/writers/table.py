"""Writes a table as a file of the kind that the ending of its name tells."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.files.atomic_write import write_bytes
from engine.data.table.column_types import TEXT, Column, is_list, is_number, is_text
from engine.data.table.lazy_arrow import pa, pc, pq
from engine.data.writers.csv import cells_of, csv_bytes, fits_csv
from engine.recipe.csv_dialect import Dialect

ENDINGS = (".csv", ".tsv", ".parquet", ".jsonl", ".npz")
Columns = Mapping[str, Column]


def write_table(path: Path, table: Columns, dialect: Dialect | None = None) -> list[Diagnostic]:
    """Write columns of equal length, and answer a note on those that had no room in the file.

    Args:
        path: ends in one of `ENDINGS`.
        table: by the name of the column; a missing value stays missing.
        dialect: how the CSV is written that the rows come from, so that the new one is like it.

    Raises:
        Refused: for another ending, if no column has room, or if the file can't be written.
    """
    refuse_other_endings(path)
    dialect = dialect or Dialect()
    notes: list[Diagnostic] = []
    match path.suffix.lower():
        case ".csv" | ".tsv" as ending:
            wide = [name for name, column in table.items() if not fits_csv(column)]
            notes += [_no_room(path, wide)] if wide else []
            kept = {name: column for name, column in table.items() if name not in wide}
            if wide and not kept:
                raise Refused(*(replace(note, severity="error") for note in notes))
            sign = "\t" if ending == ".tsv" else _delimiter(dialect)
            data = csv_bytes(kept, sign, dialect.decimal or ".")
        case ".parquet":
            data = _parquet(table)
        case ".jsonl":
            data = _jsonl(table)
        case _:
            data = _npz(table)
    write_bytes(path, bytes(data))
    return notes


def refuse_other_endings(path: Path) -> None:
    """Say so early that no table can be written to a file of such a name.

    Raises:
        Refused: unless it ends in one of `ENDINGS`.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise Refused(_unknown_ending(path, ending))


def _delimiter(dialect: Dialect) -> str:
    return dialect.delimiter if dialect.delimiter in (";", "|") else ","


def plain(column: Column) -> list[Any]:
    """Return a column as JSON's values: None where one is missing, or is no number of JSON's."""
    if not isinstance(column, np.ndarray):
        cells = column.to_pylist()
        return [list(map(_finite, each)) if is_list(column) else each or None for each in cells]
    if not is_number(column):
        return [cell or None for cell in cells_of(column).to_pylist()]
    if column.dtype.kind != "f":
        return list(column.tolist())
    if column.dtype == np.float32:  # the shortest digits, not those of the same float64
        digits = pc.cast(pa.array(np.ascontiguousarray(column).reshape(-1)), TEXT)
        column = np.asarray(pc.cast(digits, pa.float64())).reshape(column.shape)
    values = column.astype(object)
    values[~np.isfinite(column)] = None
    return list(values.tolist())


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _jsonl(table: Columns) -> bytes:
    rows = zip(*map(plain, table.values()), strict=True)
    lines = (json.dumps(dict(zip(table, row, strict=True)), ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(table: Columns) -> memoryview:
    sink = io.BytesIO()
    pq.write_table(pa.table({name: _arrow(column) for name, column in table.items()}), sink)
    return sink.getbuffer()


def _arrow(column: Column) -> pa.Array:
    """Return a column with nulls where values are missing, further axes as lists of one length."""
    if is_text(column):
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, TEXT), column)
    if is_list(column):
        return column
    flat = pa.array(np.ascontiguousarray(column).reshape(-1), from_pandas=True)
    for size in reversed(column.shape[1:]):
        flat = pa.FixedSizeListArray.from_arrays(flat, size)
    return flat


def _npz(table: Columns) -> memoryview:
    """Return the columns as an .npz; texts become fixed-width, since objects would be pickled.

    Why: numpy.savez takes names as keywords, and would trip over an output called "file".
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, column in table.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, _array(column), allow_pickle=False)
    return data.getbuffer()


def _array(column: Column) -> NDArray[Any]:
    if is_number(column):
        return np.ascontiguousarray(column)
    cells: Any = column if is_text(column) else cells_of(column)
    return np.array(cells.to_pylist(), np.str_)


def _no_room(path: Path, names: list[str]) -> Diagnostic:
    shown = ", ".join(f'"{name}"' for name in names[:8])
    return Diagnostic(
        "column-not-written",
        f"{shown} {'is' if len(names) == 1 else 'are'} left out: a cell of a CSV holds one value",
        severity="info",
        place=str(path),
        found="several values a row",
        fixes=(Fix(f"Call the file {path.stem}.parquet, which holds them too."),),
    )


def _unknown_ending(path: Path, ending: str) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{path.name}" is of no kind that can be written',
        place=str(path),
        found=ending or "a name without an ending",
        expected=", ".join(ENDINGS),
        fixes=(Fix(f"Call it {path.stem or 'predictions'}.csv."),),
    )
