"""Reads CSV strictly: every line has as many cells as the first, nothing is repaired.

pyarrow does the work; what it would let pass is looked for in the bytes on their way to it, and
the line at fault is then found by `engine.data.readers.text.csv_errors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.data.readers.text.byte_stream import BLOCK, Stream
from engine.data.readers.text.csv_dialect import told
from engine.data.readers.text.csv_errors import FIELD_LIMIT, refuse_faults, unread
from engine.data.readers.text.csv_header import Opened, opened
from engine.data.readers.text.csv_quotes import Quotes
from engine.data.table.column_types import TEXT, Column, Text, emptied, joined, trimmed
from engine.data.table.lazy_arrow import pa, pacsv, pc
from engine.data.table.read_result import Read
from engine.data.table.rebatch import regrouped
from engine.recipe.csv_dialect import Dialect


def read_csv(path: Path, limit: int, given: Dialect | None = None) -> Read:
    """Read a table; all cells are text, spaces around them taken off.

    Args:
        path: a .csv or .tsv, maybe packed (.gz).
        limit: bytes that its text may take.
        given: what the person says about how it is written; the rest is detected.

    Raises:
        Refused: naming the line, for whatever a strict reader can't take.
    """
    given = given or Dialect()
    table = opened(path, limit, given)
    if table.empty:
        columns: dict[str, Column] = {name: pa.array([], TEXT) for name in table.names}
        return Read(columns, told(table.dialect, given, table.path), table.dialect)
    check = _Check(table)
    with check.faults():
        read = pacsv.read_csv(check.file(), *_options(table, table.names))
    check.end()
    columns = {name: check.column(read[name]) for name in table.names}
    return Read(columns, told(table.dialect, given, table.path), table.dialect)


def csv_chunks(
    path: Path, columns: Sequence[str] | None, rows: int, given: Dialect | None = None
) -> Iterator[dict[str, Column]]:
    """Yield some columns of a table, at most `rows` rows at a time, as `read_csv` reads them.

    Raises:
        Refused: once a line is met that a strict reader can't take.
    """
    table = opened(path, None, given or Dialect())
    if table.empty:
        return
    names = table.names if columns is None else columns
    check = _Check(table)
    with (
        check.faults(),
        pacsv.open_csv(check.file(), *_options(table, names, table.step)) as reader,
    ):
        for part in regrouped(reader, rows):
            yield {name: check.column(part[name]) for name in names}
    check.end()


def _options(
    table: Opened, columns: Sequence[str], block: int = BLOCK
) -> tuple[pacsv.ReadOptions, pacsv.ParseOptions, pacsv.ConvertOptions]:
    return (
        # Threads cost half as much again in all, and two cores win nothing by them.
        pacsv.ReadOptions(column_names=table.names, block_size=block, use_threads=False),
        pacsv.ParseOptions(delimiter=table.dialect.delimiter, newlines_in_values=True),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(table.names, TEXT),
            include_columns=list(columns),
            strings_can_be_null=False,
        ),
    )


class _Check:
    """Looks at a table's bytes on their way to pyarrow, and at the cells that come from it."""

    def __init__(self, table: Opened) -> None:
        self._table = table
        self._quotes = Quotes(str(table.dialect.delimiter))

    def file(self) -> pa.PythonFile:
        """Return the rows as a file."""
        return pa.PythonFile(Stream(self._parts()), mode="r")

    def _parts(self) -> Iterator[bytes]:
        for block in self._table.body:
            if b"\0" in block:
                self._refuse("a zero byte")
            self._quotes.look(block)
            yield block
        self._quotes.end()

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what pyarrow says into a finding with a line."""
        try:
            yield
        except (pa.ArrowException, UnicodeDecodeError) as error:
            self._refuse(str(error))

    def end(self) -> None:
        """Look again where quotes stand at odd places; within a bare cell they are no fault."""
        if not self._quotes.sound:
            self._look()

    def column(self, cells: pa.ChunkedArray) -> Text:
        """Return cells as one column, without the spaces around them."""
        if (pc.max(pc.binary_length(cells)).as_py() or 0) > FIELD_LIMIT:
            self._look()
        words = self._table.dialect.missing
        return joined([emptied(trimmed(chunk), words) for chunk in cells.chunks])

    def _look(self) -> None:
        refuse_faults(self._table.path, self._table.dialect, len(self._table.names))

    def _refuse(self, said: str) -> None:
        self._look()
        raise unread(self._table.path, said)
