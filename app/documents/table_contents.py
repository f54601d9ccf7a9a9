"""The contents of a data file for the window, read in steps: head, all rows, statistics.

numpy and pyarrow are imported only where a table is read, which happens in a background thread.
"""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.formatting.urls import url_of
from engine.data.profile.column_warnings import column_warnings
from engine.data.profile.statistics import ColumnStatistics
from engine.graph.model import Project
from engine.recipe.csv_dialect import Dialect, parse_dialect

if TYPE_CHECKING:
    from engine.data.table.table import Table

HEAD_ROWS = 500  # rows shown before the whole table is read
SAMPLE_ROWS = 200_000  # rows that are read of a table that is too large
_REPORT_SECONDS = 0.2
MAX_TABLE_BYTES = 2**30  # bytes of memory that a table may use in the window

DataStamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class TableContents:
    """The part of a document's data that was read so far. Each reading step makes a new object.

    Args:
        requested_dialect: the CSV dialect fields that the document sets; others are detected.
        head: the first rows; None before they are read.
        table: all rows; None before they are read, or if the table is too large.
        column_statistics: the statistics computed so far, by column name in the table's order.
        notes: diagnostics (infos and warnings) about how the file was read.
        errors: diagnostics on why the file can't be read; () if it can be.
        is_sampled: whether the table is too large, so that the statistics are those of `head`.
        is_reading: whether further reading steps follow.
        stamp: the names, sizes and times of the files when they were read, to detect changed files.
    """

    path: Path
    requested_dialect: Dialect = Dialect()
    head: Table | None = None
    table: Table | None = None
    column_statistics: Mapping[str, ColumnStatistics] = field(default_factory=dict)
    notes: tuple[Diagnostic, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
    is_sampled: bool = False
    is_reading: bool = True
    stamp: DataStamp = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names; () before the first rows are read."""
        shown = self.head if self.table is None else self.table
        return () if shown is None else tuple(shown.columns)

    @property
    def row_count(self) -> int | None:
        """The number of rows; None while it is unknown."""
        return None if self.table is None else self.table.row_count

    @property
    def unreadable_cells(self) -> tuple[Diagnostic, ...]:
        """Diagnostics of columns that would be numeric if a few cells were read as missing."""
        if self.dialect is None:
            return ()
        return column_warnings(self.column_statistics.values())

    @property
    def dialect(self) -> Dialect | None:
        """The CSV dialect that was used; None for other formats, and before the table is read."""
        return None if self.table is None else self.table.dialect


def read_contents(
    path: Path, requested_dialect: Dialect, report: Callable[[TableContents], None]
) -> None:
    """Read a table: its head, all rows, then the statistics by column. Report after each step.

    Statistics are reported every `_REPORT_SECONDS`, since each report updates all columns shown. In
    the last reported contents, `is_reading` is False, and `errors` has the errors of the file,
    if any. `report` may raise an exception to stop reading.
    """
    contents = TableContents(path, requested_dialect, stamp=data_stamp(path))
    try:
        contents = replace(contents, head=_first_rows(contents, HEAD_ROWS))
        report(contents)
        contents = _read_all(contents)
        report(contents)
        statistics: dict[str, ColumnStatistics] = {}
        contents = replace(contents, column_statistics=statistics)
        reported = time.monotonic()
        for name in contents.columns:
            statistics[name] = _column_statistics(contents, name)
            if time.monotonic() - reported > _REPORT_SECONDS:
                report(replace(contents, column_statistics=dict(statistics)))
                reported = time.monotonic()
    except DiagnosticError as error:
        contents = replace(contents, errors=error.diagnostics)
    report(replace(contents, is_reading=False))


def project_dialect(project: Project) -> Dialect:
    """Return the CSV dialect that a document sets, an empty dialect if a field is invalid."""
    dialect = parse_dialect(project.data.get("file", {}))  # the dialect itself if it is valid
    return dialect if isinstance(dialect, Dialect) else Dialect()


def data_stamp(path: Path) -> DataStamp:
    """Return (name, size, time) tuples for a file, or for a folder and its files; () if missing.

    For a pattern, they are those of the files that match it; for a sheet or a table, such as
    "prices.xlsx#2024", that of its file.
    """
    try:
        paths = [path, *sorted(path.iterdir())] if path.is_dir() else _data_files(path)
        stats = [(file.name, file.stat()) for file in paths]
    except OSError:
        return ()
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def data_exists(path: Path) -> bool:
    """Return False if there are no files of data at `path`; URLs are not opened."""
    return bool(url_of(path) or _data_files(path))


def _data_files(path: Path) -> list[Path]:
    for file in (str(path), str(path).rpartition("#")[0]):
        if os.path.exists(file):  # Path.exists raises if access is denied
            return [Path(file)]
    return sorted(map(Path, glob.glob(str(path), recursive=True)))


def _first_rows(contents: TableContents, count: int) -> Table | None:
    from engine.data.readers.table_file import read_table_chunks

    dialect = contents.requested_dialect
    return next(read_table_chunks(contents.path, chunk_rows=count, dialect=dialect), None)


def _read_all(contents: TableContents) -> TableContents:
    from engine.data.readers.table_file import open_table
    from engine.data.table.table import check_has_rows

    try:
        table = open_table(contents.path, MAX_TABLE_BYTES, contents.requested_dialect)
    except DiagnosticError as error:
        if contents.head is None or any(d.code != "data-too-large" for d in error.diagnostics):
            raise
        head = _first_rows(contents, SAMPLE_ROWS)
        return replace(contents, head=head, is_sampled=True, notes=error.diagnostics)
    check_has_rows(table)
    return replace(contents, table=table, notes=table.notes, head=contents.head or table)


def _column_statistics(contents: TableContents, name: str) -> ColumnStatistics:
    from engine.data.profile.table_profile import profile_table
    from engine.data.table.table import Table

    table = contents.head if contents.table is None else contents.table
    assert table is not None, "column names imply rows"
    column = Table(table.path, {name: table.columns[name]}, dialect=table.dialect)
    return profile_table(column)[0]
