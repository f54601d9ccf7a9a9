"""What is known of a file of data, as far as it has been read; reading it step by step.

Loads numpy and pyarrow only where a table is read, which is in a thread beside the window.
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
    from engine.data.readers.table import Table

HEAD = 500  # rows that are there at once
SOME = 200_000  # rows that are looked at where the table is too large
MOST = 2**30  # bytes that a table may take within the window

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Contents:
    """The data of a document. Each step of reading is a new one, with more in it.

    Args:
        path: the file or the folder.
        asked: how a CSV is written as far as the document says; the rest was detected.
        head: its first rows; None before they are read.
        table: all rows; None before they are read, and where they are too many.
        facts: by column, in the table's order, as soon as each was looked at.
        notes: how the file was read.
        problem: why it can't be read, () if it can.
        sampled: the table is too large, so that `facts` are of its first rows, which are `head`.
        reading: more is to come.
        stamp: names, sizes and times of what was read, to tell a changed file by.
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
        """The names of the columns, () before the first rows are read."""
        shown = self.head if self.table is None else self.table
        return () if shown is None else tuple(shown.columns)

    @property
    def rows(self) -> int | None:
        """How many rows there are, None as long as that is not known."""
        return None if self.table is None else self.table.rows

    @property
    def strange(self) -> tuple[Diagnostic, ...]:
        """The cells for which alone columns can't be read, where those may be taken as missing."""
        return () if self.dialect is None else strange_cells(self.facts.values())

    @property
    def dialect(self) -> Dialect | None:
        """How the CSV is written, detected or asked; None for all else, and before it is read."""
        return None if self.table is None else self.table.dialect


def read(path: Path, asked: Dialect, tell: Callable[[Contents], None]) -> None:
    """Read a table and tell what is known of it after each step: head, all rows, each column.

    The last one told is no longer `reading`. Whatever is wrong with the file is told as well.

    Args:
        path: the file or the folder.
        asked: how a CSV is written as far as the document says.
        tell: hears of each step; may raise to end the reading.
    """
    known = Contents(path, asked, stamp=stamp_of(path))
    try:
        known = _first_rows(known)
        tell(known)
        known = _all_rows(known)
        tell(known)
        for name in known.columns:
            known = replace(known, facts={**known.facts, name: _facts(known, name)})
            tell(known)
    except Refused as refused:
        known = replace(known, problem=refused.diagnostics)
    tell(replace(known, reading=False))


def asked_of(project: Project) -> Dialect:
    """Return how the document says that its CSV is written; a faulty entry says nothing."""
    found = dialect_problems(project.data.get("file", {}))
    return found if isinstance(found, Dialect) else Dialect()


def stamp_of(path: Path) -> Stamp:
    """Return names, sizes and times of a file, or of what lies in a folder; () for nothing."""
    try:
        places = [path, *sorted(path.iterdir())] if path.is_dir() else [path]
        stats = [(place.name, place.stat()) for place in places]
    except OSError:
        return ()
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _first_rows(known: Contents) -> Contents:
    from engine.data.readers.table import chunks

    head = next(chunks(known.path, rows=HEAD, dialect=known.asked), None)
    return replace(known, head=head)


def _all_rows(known: Contents) -> Contents:
    from engine.data.readers.table import chunks, open_table, refuse_no_rows

    try:
        table = open_table(known.path, MOST, known.asked)
    except Refused as refused:
        if known.head is None or any(bad.code != "data-too-large" for bad in refused.diagnostics):
            raise
        head = next(chunks(known.path, rows=SOME, dialect=known.asked))
        return replace(known, head=head, sampled=True, notes=refused.diagnostics)
    refuse_no_rows(table)
    return replace(known, table=table, notes=table.notes, head=known.head or table)


def _facts(known: Contents, name: str) -> ColumnFacts:
    from engine.data.profile import profile
    from engine.data.readers.table import Table

    whole = known.head if known.table is None else known.table
    assert whole is not None, "columns are known, so rows are"
    alone = Table(whole.path, {name: whole.columns[name]}, dialect=whole.dialect)
    return profile(alone)[0]
