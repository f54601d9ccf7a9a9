"""Converts a sheet of a workbook (.xlsx, .ods and others) to an Arrow file.

The first row has the column names. A column of numbers, dates or booleans keeps its type; any other
column is text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.data.readers.binary.zip_file import open_zip
from engine.data.table.column_types import TEXT_TYPE
from engine.data.table.dtypes import damaged_array_error
from engine.data.table.table import check_column_count, no_rows_error


def sheet_to_arrow(file: Path, sheet: str, folder: Path) -> tuple[Path, tuple[Diagnostic, ...]]:
    """Write a sheet into `folder` as an Arrow file; return it with an info if there are others.

    `sheet` is the name of the sheet, "" for the first one.

    Raises:
        DiagnosticError: if there is no such sheet, if the file is damaged, or if the package that
            reads workbooks is not installed.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise diagnostic_error(
            "package-missing",
            f'"{file.name}" needs the package that reads workbooks, which is not installed',
            'Install it: pip install "layerloom[excel]"',
            "In your spreadsheet: Save As, CSV UTF-8, with the column names in the first line.",
            place=str(file),
            found="not installed",
            expected="the package python-calamine, part of layerloom[excel]",
        ) from error
    if file.suffix.lower() != ".xls":
        with open_zip(file):  # checks the size of the members
            pass
    try:
        with CalamineWorkbook.from_path(file) as workbook:
            names = workbook.sheet_names
            chosen = sheet or next(iter(names), "")
            if chosen not in names:
                raise _sheet_error(file, chosen, names)
            rows = workbook.get_sheet_by_name(chosen).to_python()
    except (CalamineError, ValueError) as error:
        expected = "a file written by a spreadsheet"
        shown = sheet or "the first sheet"
        raise damaged_array_error(shown, file, str(error)[:120], expected) from error
    target = folder / f"{file.stem}.arrow"
    _write(rows, file, target)
    return target, () if sheet or len(names) < 2 else (_sheet_info(file, chosen, names),)


def _write(rows: list[list[Any]], file: Path, target: Path) -> None:
    header = rows[0] if rows else []
    if not header:
        raise no_rows_error(file, "is empty", "a sheet without cells")
    check_column_count(len(header), file)
    names = [_cell_text(cell).strip() for cell in header]
    cells = zip_longest(*rows[1:], fillvalue="") if len(rows) > 1 else ([] for _ in names)
    table = pa.Table.from_arrays([_to_array(list(column)) for column in cells], names)
    with pa.ipc.new_file(target, table.schema) as writer:
        writer.write_table(table, 2**16)


def _to_array(cells: Sequence[Any]) -> pa.Array:
    """Return a column of cells, in which "" is missing."""
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {int, float}:
        is_whole = all(float(value).is_integer() for value in values if value is not None)
        return pa.array(values, pa.float64()).cast(pa.int64() if is_whole else pa.float64())
    if kinds <= {date, datetime}:
        times = [
            value if isinstance(value, datetime) else value and _midnight(value) for value in values
        ]
        return pa.array(times, pa.timestamp("us"))
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    return pa.array([None if value is None else _cell_text(value) for value in values], TEXT_TYPE)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _cell_text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date | datetime | time) else str(cell)


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
