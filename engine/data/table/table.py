"""The `Table` class: named columns with one row per example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error
from engine.core.formatting.counts import join_first
from engine.core.formatting.urls import path_text
from engine.data.table.column_types import Column, is_date, is_text, take_rows
from engine.data.table.dtypes import array_to_column, strings_array_to_column

if TYPE_CHECKING:  # a child process of the readers starts faster without pydantic
    from engine.data.table.number_form import NumberFormCounter
    from engine.recipe.csv_dialect import DecimalSign, Dialect

IN_MEMORY_PATH = Path("memory")  # the path of a table made from arrays
MAX_COLUMNS = 10_000  # statistics and checks take about half a millisecond per column


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length; `engine.data.table.column_types` describes their types.

    `open_table` checks the lengths of what a reader returns.

    Columns of a CSV file stay text until a port needs numbers (see
    `engine.data.table.number_parser`), so that diagnostics can name each cell that is not a number.

    Args:
        path: the file or folder; `IN_MEMORY_PATH` for arrays.
        columns: the columns by name.
        notes: infos on detected settings and conversions.
        dialect: the dialect of a CSV file, None for other files.
        given_decimal: the decimal sign that the user set, for text in other files.
    """

    path: Path
    columns: Mapping[str, Column]
    notes: tuple[Diagnostic, ...] = ()
    dialect: Dialect | None = None
    given_decimal: DecimalSign | None = None

    @property
    def folder(self) -> Path:
        """The folder to which paths in cells are relative."""
        return self.path if self.path.is_dir() else self.path.parent

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return next((len(column) for column in self.columns.values()), 0)

    @property
    def decimal(self) -> DecimalSign | None:
        """The decimal sign of text columns; None: it is detected for each column."""
        return self.dialect.decimal if self.dialect else self.given_decimal

    def number_form_counter(self) -> NumberFormCounter:
        """Return a counter that detects the form of the numbers in a text column.

        Where commas separate cells, decimal commas are not usual, so that 1,234 is 1234.
        """
        from engine.data.table.number_form import NumberFormCounter

        has_comma_cells = self.dialect is not None and self.dialect.delimiter == ","
        return NumberFormCounter(self.decimal, commas_group=has_comma_cells)

    def header_fixes(self, name: str) -> tuple[Fix, ...]:
        """Return fixes for a missing column of a CSV file whose lines were read in a wrong way."""
        is_unsplit = len(self.columns) == 1 and name in next(iter(self.columns))
        if self.dialect and self.dialect.header and is_unsplit:
            return (Fix("Write commas, semicolons, tabs or bars between the cells of a line."),)
        if self.dialect is None or self.dialect.header is not False:
            return ()
        texts = (column for column in self.columns.values() if is_text(column) and len(column))
        if name in (str(column[0]) for column in texts):
            edit = {"do": "set_file", "fields": {"header": True}}
            return (Fix("Read the first line as the column names.", edit),)
        return (Fix("Write the column names in the first line of the file, which has none."),)

    def column_missing(
        self, name: str, purpose: str, nearest: str | None, *fixes: Fix | str, **where: str | None
    ) -> Diagnostic:
        """Return an error for a missing column.

        Args:
            purpose: a clause that follows its name, such as ", which the windows need".
            nearest: the name that may have been meant.
            where: the `node` or `place` of the diagnostic.
        """
        hint = f"; did you mean {nearest!r}?" if nearest else ""
        return Diagnostic.error(
            "column-missing",
            f'the data has no column "{name}"{purpose}{hint}',
            *fixes,
            found=join_first(self.columns),
            expected=name,
            **where,
        )

    def take(self, rows: NDArray[np.int64]) -> Table:
        """Return a table of the rows with the given numbers, in this order."""
        columns = {name: take_rows(column, rows) for name, column in self.columns.items()}
        return replace(self, columns=columns)


def table_from_arrays(arrays: Mapping[str, Column]) -> Table:
    """Return a table of arrays in memory; dtypes are converted as in tables read from files.

    Args:
        arrays: the arrays by column name; their first axis counts the rows. Text may have the dtype
            object. Text and lists of Arrow are taken as they are, and so are dates.

    Raises:
        DiagnosticError: if a dtype is not supported, or if the numbers of rows differ.
    """
    columns: dict[str, Column] = {}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or is_date(array):
            columns[name] = array
        elif array.dtype == object and all(isinstance(cell, str) for cell in array.flat):
            columns[name] = strings_array_to_column(array, name, IN_MEMORY_PATH)
        else:
            columns[name] = array_to_column(array, name, IN_MEMORY_PATH)
    check_columns(columns, IN_MEMORY_PATH)
    return Table(IN_MEMORY_PATH, columns)


def check_has_rows(table: Table) -> None:
    """Check that a table has at least one row.

    Raises:
        DiagnosticError: if the table has no rows.
    """
    if not table.row_count:
        names = "a header" if table.dialect is not None else "columns"
        raise no_rows_error(table.path, f"has {names} and no rows")


def no_rows_error(path: Path, message: str, found: str = "0 rows") -> DiagnosticError:
    """Return the error for a file without rows; `message` is the predicate, such as "is empty"."""
    return diagnostic_error(
        "no-rows",
        f'"{path.name}" {message}',
        "Choose another file, or export this one again.",
        place=path_text(path),
        found=found,
        expected="one row per example",
    )


def data_not_found_error(path: Path, found: str) -> DiagnosticError:
    """Return the error for a path without data; `found` says what is there instead."""
    return diagnostic_error(
        "data-not-found",
        f'there is no data at "{path_text(path)}"',
        "Check the path.",
        "Write example data: `engine sample NAME DIR`.",
        place=path_text(path),
        found=found,
        expected="a file in a supported format, or a folder with one of train.npz, train.csv, "
        "train.parquet, with files of one format, or with a folder of images per class",
    )


def check_columns(columns: Mapping[str, Column], path: Path) -> None:
    """Check that there are columns, not too many, and that their lengths are equal.

    Raises:
        DiagnosticError: if there are no columns or too many, or if two lengths differ.
    """
    if not columns:
        raise data_not_found_error(path, "a file without arrays")
    check_column_count(len(columns), path)
    check_equal_lengths({name: len(column) for name, column in columns.items()}, path)


def check_column_count(count: int, path: Path) -> None:
    """Check that a table has at most `MAX_COLUMNS` columns.

    Raises:
        DiagnosticError: data-too-large.
    """
    if count > MAX_COLUMNS:
        raise diagnostic_error(
            "data-too-large",
            f'"{path.name}" has too many columns',
            "Save the numbers as one array: numpy.savez(FILE, x=numbers, y=targets).",
            "Leave out columns that the network does not need.",
            place=path_text(path),
            found=f"{count:,} columns",
            expected=f"at most {MAX_COLUMNS:,} columns; an array is one column",
        )


def check_equal_lengths(lengths: Mapping[str, int], path: Path) -> None:
    """Check that all columns have the same number of rows; `lengths` are their row counts.

    Raises:
        DiagnosticError: with the first two columns whose lengths differ.
    """
    first, *others = lengths
    for other in others:
        if lengths[first] != lengths[other]:
            raise diagnostic_error(
                "rows-differ",
                f'"{first}" and "{other}" have different numbers of rows',
                f'Save "{first}" and "{other}" from the same examples.',
                place=path_text(path),
                found=f"{first}: {lengths[first]:,}, {other}: {lengths[other]:,}",
                expected="one row per example in every array",
            )
