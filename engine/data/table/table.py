"""The `Table` class: named columns with one row per example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.formatting.urls import path_text
from engine.data.table.array import Array
from engine.data.table.column_types import Column, take_rows
from engine.data.table.dtypes import array_to_column, strings_array_to_column
from engine.data.table.read_result import (
    check_column_count,
    check_equal_lengths,
    no_rows_diagnostic,
)
from engine.recipe.csv_dialect import DecimalSign, Dialect

IN_MEMORY_PATH = Path("memory")  # the path of a table made from arrays


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length; `engine.data.table.column_types` describes their types.

    Columns of a CSV file stay text until a port needs numbers (see
    `engine.data.table.number_parser`), so that diagnostics can name each cell that is not a number.

    Args:
        path: the file or folder; `IN_MEMORY_PATH` for arrays.
        columns: the columns by name.
        notes: infos on detected settings and conversions.
        dialect: the dialect of a CSV file, None for other files.
    """

    path: Path
    columns: Mapping[str, Column]
    notes: tuple[Diagnostic, ...] = ()
    dialect: Dialect | None = None

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return next((len(column) for column in self.columns.values()), 0)

    @property
    def decimal(self) -> DecimalSign | None:
        """The decimal sign of text columns; None: it is detected for each column."""
        return self.dialect.decimal if self.dialect else None

    def take(self, rows: NDArray[np.int64]) -> Table:
        """Return a table of the rows with the given numbers, in this order."""
        columns = {name: take_rows(column, rows) for name, column in self.columns.items()}
        return replace(self, columns=columns)


def table_from_arrays(arrays: Mapping[str, Array]) -> Table:
    """Return a table of arrays in memory; dtypes are converted as in tables read from files.

    Args:
        arrays: the arrays by column name; their first axis counts the rows. Text may have the dtype
            object.

    Raises:
        DiagnosticError: if a dtype is not supported, or if the numbers of rows differ.
    """
    columns: dict[str, Column] = {}
    notes: list[Diagnostic] = []
    for name, array in arrays.items():
        if array.dtype == object and all(isinstance(cell, str) for cell in array.flat):
            columns[name] = strings_array_to_column(array, name, IN_MEMORY_PATH)
            continue
        columns[name], infos = array_to_column(array, name, IN_MEMORY_PATH)
        notes += infos
    check_columns(columns, IN_MEMORY_PATH)
    return Table(IN_MEMORY_PATH, columns, tuple(notes))


def check_has_rows(table: Table) -> None:
    """Check that a table has at least one row.

    Raises:
        DiagnosticError: if the table has no rows.
    """
    if not table.row_count:
        names = "a header" if table.dialect is not None else "columns"
        raise DiagnosticError(no_rows_diagnostic(table.path, f"has {names} and no rows"))


def data_not_found(path: Path, found: str) -> Diagnostic:
    """Return the error for a path without data; `found` says what is there instead."""
    return Diagnostic(
        "data-not-found",
        f'there is no data at "{path_text(path)}"',
        place=path_text(path),
        found=found,
        expected="a file in a supported format, or a folder with one of train.npz, train.csv, "
        "train.parquet, with files of one format, or with a folder of images per class",
        fixes=(Fix("Check the path."), Fix("Write example data: `engine sample NAME DIR`.")),
    )


def check_columns(columns: Mapping[str, Column], path: Path) -> None:
    """Check that there are columns, not too many, and that their lengths are equal.

    Raises:
        DiagnosticError: if there are no columns or too many, or if two lengths differ.
    """
    if not columns:
        raise DiagnosticError(data_not_found(path, "a file without arrays"))
    check_column_count(len(columns), path)
    check_equal_lengths({name: len(column) for name, column in columns.items()}, path)
