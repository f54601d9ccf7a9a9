"""Reader of the sheets of workbooks (.xlsx, .ods and others), which are read as a whole.

The first row has the column names. A column of numbers, dates or booleans keeps its type; any other
column is text.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.data.readers.binary.arrow_columns import arrow_to_columns
from engine.data.readers.binary.arrow_schema import check_schema
from engine.data.readers.binary.zip_file import open_zip
from engine.data.table.dtypes import (
    damaged_array_error,
    file_too_large_error,
    missing_package_error,
)
from engine.data.table.table import Table, no_rows_error


def workbook_chunks(
    path: Path, sheet: str, columns: Sequence[str] | None, rows: int, limit: int | None = None
) -> Iterator[Table]:
    """Yield chunks of at most `rows` rows of a sheet; read all columns if `columns` is None.

    `sheet` is the name of the sheet; "" stands for the first one, which an info names if there are
    several.

    Raises:
        DiagnosticError: if there is no such sheet, if the file is damaged or larger than `limit`
            bytes, or if the package that reads workbooks is not installed.
    """
    cells, notes = _read_sheet(path, sheet, path.stat().st_mtime_ns)
    if limit is not None and cells.nbytes > limit:
        raise file_too_large_error(path, cells.nbytes, limit)
    chosen = cells if columns is None else cells.select(list(columns))
    for start in range(0, max(len(cells), 1), rows):
        table = arrow_to_columns(chosen.slice(start, rows), path)
        yield replace(table, notes=(*table.notes, *notes))


@lru_cache(maxsize=1)  # since a table is read several times
def _read_sheet(path: Path, sheet: str, _modified: int) -> tuple[pa.Table, list[Diagnostic]]:
    try:
        import fastexcel
    except ImportError as error:
        subject, install = f'"{path.name}" needs', '"layerloom[excel]"'
        raise missing_package_error(subject, "fastexcel", install, str(path)) from error
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # else it prints guesses of types
    if path.suffix.lower() != ".xls":
        with open_zip(path):  # checks the size of the members
            pass
    try:
        workbook = fastexcel.read_excel(path)
        sheets = workbook.sheet_names
        chosen = sheet or next(iter(sheets), "")
        if chosen not in sheets:
            raise _sheet_error(path, chosen, sheets)
        header = workbook.load_sheet(chosen, header_row=None, n_rows=1, dtypes="string").to_arrow()
        cells = workbook.load_sheet(chosen, schema_sample_rows=None).to_arrow()
    except fastexcel.FastExcelError as error:
        expected, found = "a file written by a spreadsheet", str(error).partition("\n")[0][:120]
        raise damaged_array_error(sheet or "the first sheet", path, found, expected) from error
    if not header.num_columns:
        raise no_rows_error(path, "is empty", "a sheet without cells")
    titles = [(column[0].as_py() or "").strip() for column in header.columns]
    names = [title or f"column_{number}" for number, title in enumerate(titles, start=1)]
    table = pa.table([*map(_with_integers, cells.columns)], names)
    if not titles[0] and _is_index(table[0]):
        table = table.remove_column(0)
    check_schema(table.schema, path)
    if sheet or len(sheets) < 2:
        return table, []
    info = Diagnostic.info(
        "sheet-chosen",
        f'the sheet "{chosen}" of "{path.name}" was read',
        place=str(path),
        found=f"{len(sheets)} sheets: {', '.join(sheets)}"[:120],
        expected=f"another sheet is named {path.name}#{sheets[1]}",
    )
    return table, [info]


def _is_index(column: pa.ChunkedArray) -> bool:
    """Return whether a column without a title numbers the rows, as pandas' index does."""
    is_whole = pa.types.is_integer(column.type) and not column.null_count
    numbers = set(column.to_pylist()) if is_whole else set()
    return 2 < len(numbers) == len(column) and max(numbers) < 10 * len(numbers)


def _with_integers(column: pa.Array) -> pa.Array:
    """Return integers if all numbers are whole, since a workbook has one type of numbers."""
    try:
        return column.cast(pa.int64()) if pa.types.is_floating(column.type) else column
    except pa.ArrowInvalid:  # a fraction, or too large a number
        return column


def _sheet_error(path: Path, sheet: str, names: Sequence[str]) -> DiagnosticError:
    return diagnostic_error(
        "data-not-found",
        f'"{path.name}" has no sheet "{sheet}"',
        f"Name one of its sheets: '{path.name}#{names[0] if names else 'Sheet1'}'.",
        place=str(path),
        found=", ".join(names)[:120] or "no sheets",
        expected="the name of a sheet after #",
    )
