"""The contents of a data file for the window, read in steps: head, all rows, statistics.

numpy and pyarrow are imported only where a table is read, which happens in a background thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.diagnostic import Diagnostic, Refused
from engine.data.profile.statistics import ColumnFacts
from engine.data.starter.column_roles import strange_cells
from engine.graph.model import Project
from engine.recipe.csv_dialect import Dialect, dialect_problems

if TYPE_CHECKING:
    from engine.data.table.table import Table

HEAD = 500  # rows shown before the whole table is read
SOME = 200_000  # rows that are read of a table that is too large
MOST = 2**30  # bytes of memory that a table may use in the window

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Contents:
    """The data of a document, as far as it has been read. Each reading step makes a new value.

    Args:
        path: the file or folder.
        requested_dialect: the CSV dialect fields set in the document; the others are detected.
        head: the first rows; None before they are read.
        table: all rows; None before they are read, or if the table is too large.
        column_statistics: by column name, in the table's order, once computed.
        notes: infos and warnings about how the file was read.
        errors: why the file can't be read; () if it can.
        is_sampled: whether the table is too large; `column_statistics` then describe `head`.
        is_reading: whether further steps follow.
        stamp: names, sizes and times of the files read, to detect changes.
    """

    path: Path
    asked: Dialect = Dialect()
    head: Table | None = None
    table: Table | None = None
    facts: Mapping[str, ColumnFacts] = field(default_factory=dict)
    notes: tuple[Diagnostic, ...] = ()
    problem: tuple[Diagnostic, ...] = ()
    sampled: bool = False
    reading: bool = True
    stamp: Stamp = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names; () before the first rows are read."""
        shown = self.head if self.table is None else self.table
        return () if shown is None else tuple(shown.columns)

    @property
    def rows(self) -> int | None:
        """The number of rows; None while it is unknown."""
        return None if self.table is None else self.table.rows

    @property
    def strange(self) -> tuple[Diagnostic, ...]:
        """Diagnostics of cells that alone prevent a numeric column, and may be set to missing."""
        return () if self.dialect is None else strange_cells(self.facts.values())

    @property
    def dialect(self) -> Dialect | None:
        """The CSV dialect, detected or requested; None for other formats and before reading."""
        return None if self.table is None else self.table.dialect


def read(path: Path, requested_dialect: Dialect, report: Callable[[Contents], None]) -> None:
    """Read a table and report its contents after each step: head, all rows, each column.

    The last reported value is no longer `is_reading`. Errors of the file are reported in `errors`.

    Args:
        path: the file or folder.
        requested_dialect: the CSV dialect fields set in the document.
        report: called with the contents after each step; may raise to stop reading.
    """
    contents = Contents(path, requested_dialect, stamp=stamp_of(path))
    try:
        contents = _read_head(contents)
        report(contents)
        contents = _read_all(contents)
        report(contents)
        for name in contents.columns:
            facts = {**contents.facts, name: _column_statistics(contents, name)}
            contents = replace(contents, facts=facts)
            report(contents)
    except Refused as refused:
        contents = replace(contents, problem=refused.diagnostics)
    report(replace(contents, reading=False))


def asked_of(project: Project) -> Dialect:
    """Return the CSV dialect set in a document; an invalid one counts as not set."""
    dialect = dialect_problems(project.data.get("file", {}))  # the dialect itself if it is valid
    return dialect if isinstance(dialect, Dialect) else Dialect()


def stamp_of(path: Path) -> Stamp:
    """Return name, size and time of a file, or of each file in a folder; () if missing."""
    try:
        paths = [path, *sorted(path.iterdir())] if path.is_dir() else [path]
        stats = [(file.name, file.stat()) for file in paths]
    except OSError:
        return ()
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _read_head(contents: Contents) -> Contents:
    from engine.data.readers.table_file import chunks

    head = next(chunks(contents.path, rows=HEAD, dialect=contents.asked), None)
    return replace(contents, head=head)


def _read_all(contents: Contents) -> Contents:
    from engine.data.readers.table_file import chunks, open_table
    from engine.data.table.table import refuse_no_rows

    try:
        table = open_table(contents.path, MOST, contents.asked)
    except Refused as refused:
        if contents.head is None or any(d.code != "data-too-large" for d in refused.diagnostics):
            raise
        head = next(chunks(contents.path, rows=SOME, dialect=contents.asked))
        return replace(contents, head=head, sampled=True, notes=refused.diagnostics)
    refuse_no_rows(table)
    return replace(contents, table=table, notes=table.notes, head=contents.head or table)


def _column_statistics(contents: Contents, name: str) -> ColumnFacts:
    from engine.data.profile import profile
    from engine.data.table.table import Table

    table = contents.head if contents.table is None else contents.table
    assert table is not None, "column names imply rows"
    column = Table(table.path, {name: table.columns[name]}, dialect=table.dialect)
    return profile(column)[0]
