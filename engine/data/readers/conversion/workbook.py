"""Converts a sheet of a workbook (.xlsx, .ods and others) to an Arrow file.

The first row has the column names. A column of numbers, dates or booleans keeps its type; any other
column is text.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.data.readers.binary.zip_file import open_zip
from engine.data.table.dtypes import damaged_array_error
from engine.data.table.table import check_column_count, no_rows_error

_BATCH_ROWS = 2**16


def sheet_to_arrow(file: Path, sheet: str, folder: Path) -> tuple[Path, tuple[Diagnostic, ...]]:
    """Write a sheet into `folder` as an Arrow file; return it with an info if there are others.

    `sheet` is the name of the sheet, "" for the first one.

    Raises:
        DiagnosticError: if there is no such sheet, if the file is damaged, or if the package that
            reads workbooks is not installed.
    """
    try:
        import fastexcel
    except ImportError as error:
        raise diagnostic_error(
            "package-missing",
            f'"{file.name}" needs the package that reads workbooks, which is not installed',
            'Install it: pip install "layerloom[excel]"',
            "In your spreadsheet: Save As, CSV UTF-8, with the column names in the first line.",
            place=str(file),
            found="not installed",
            expected="the package fastexcel, part of layerloom[excel]",
        ) from error
    if file.suffix.lower() != ".xls":
        with open_zip(file):  # checks the size of the members
            pass
    try:
        workbook = fastexcel.read_excel(file)
        names = workbook.sheet_names
        chosen = sheet or next(iter(names), "")
        if chosen not in names:
            raise _sheet_error(file, chosen, names)
        header = workbook.load_sheet(chosen, header_row=None, n_rows=1, dtypes="string").to_arrow()
        rows = workbook.load_sheet(chosen, schema_sample_rows=None).to_arrow()
    except fastexcel.FastExcelError as error:
        expected, found = "a file written by a spreadsheet", str(error).partition("\n")[0][:120]
        raise damaged_array_error(sheet or "the first sheet", file, found, expected) from error
    if not header.num_columns:
        raise no_rows_error(file, "is empty", "a sheet without cells")
    check_column_count(header.num_columns, file)
    cells = [(column[0].as_py() or "").strip() for column in header.columns]
    batch = pa.RecordBatch.from_arrays([*map(_with_integers, rows.columns)], cells)
    target = folder / f"{file.stem}.arrow"
    with pa.ipc.new_file(target, batch.schema) as writer:
        for start in range(0, len(batch), _BATCH_ROWS):
            writer.write_batch(batch.slice(start, _BATCH_ROWS))
    return target, () if sheet or len(names) < 2 else (_sheet_info(file, chosen, names),)


def _with_integers(column: pa.Array) -> pa.Array:
    """Return integers if all numbers are whole, since a workbook has one type of numbers."""
    is_whole = pa.types.is_floating(column.type) and pc.all(pc.equal(column, pc.floor(column)))
    return column.cast(pa.int64(), safe=False) if is_whole and is_whole.as_py() else column


def _sheet_error(file: Path, sheet: str, names: Sequence[str]) -> Exception:
    return diagnostic_error(
        "data-not-found",
        f'"{file.name}" has no sheet "{sheet}"',
        f"Name one of its sheets: '{file.name}#{names[0] if names else 'Sheet1'}'.",
        place=str(file),
        found=", ".join(names)[:120] or "no sheets",
        expected="the name of a sheet after #",
    )


def _sheet_info(file: Path, sheet: str, names: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "sheet-chosen",
        f'the sheet "{sheet}" of "{file.name}" was read',
        severity="info",
        place=str(file),
        found=f"{len(names)} sheets: {', '.join(names)}"[:120],
        expected=f"another sheet is named {file.name}#{names[1]}",
    )
