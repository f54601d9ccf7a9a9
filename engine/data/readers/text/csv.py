"""Strict CSV reader: every line must have as many cells as the first, and nothing is repaired.

pyarrow parses the file. Errors that pyarrow would accept are detected in the bytes passed to
pyarrow. After an error, `engine.data.readers.text.csv_errors` finds the first invalid line.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from engine.data.readers.text.byte_stream import BlockStream
from engine.data.readers.text.csv_dialect import dialect_notes
from engine.data.readers.text.csv_errors import FIELD_LIMIT, check_csv_lines, unreadable_csv_error
from engine.data.readers.text.csv_header import CsvFile, open_csv
from engine.data.readers.text.csv_quotes import QuoteChecker
from engine.data.table.column_types import (
    TEXT_TYPE,
    Column,
    TextArray,
    concat_text,
    strip_text,
)
from engine.data.table.rebatch import rebatch
from engine.data.table.table import Table
from engine.recipe.csv_dialect import Dialect


def csv_chunks(
    path: Path,
    columns: Sequence[str] | None,
    rows: int,
    given: Dialect | None = None,
    limit: int | None = None,
) -> Iterator[Table]:
    """Yield a CSV file as text without surrounding spaces, at most `rows` rows per chunk.

    If `columns` is None, read all columns. Settings that are None in `given` are detected. `limit`
    is the maximum size of the text in bytes.

    Raises:
        DiagnosticError: when reading reaches the first invalid line.
    """
    given = given or Dialect()
    csv_file = open_csv(path, limit, given)
    names = csv_file.columns if columns is None else columns
    if csv_file.is_empty:
        yield _chunk(csv_file, {name: pa.array([], TEXT_TYPE) for name in names}, given)
        return
    checker = _StrictChecker(csv_file)
    with checker.open(_options(csv_file, names)) as reader:
        for table in rebatch(reader, rows):
            yield _chunk(csv_file, {n: checker.convert_column(table[n]) for n in names}, given)


def _chunk(csv_file: CsvFile, columns: Mapping[str, Column], given: Dialect) -> Table:
    """Return some rows, with what is known of the file at this point."""
    notes = dialect_notes(csv_file.dialect, given, csv_file.path, csv_file.unnamed)
    return Table(csv_file.path, columns, tuple(notes), csv_file.dialect)


def _options(csv_file: CsvFile, columns: Sequence[str]) -> dict[str, Any]:
    """Return how pyarrow reads, parses and converts the columns."""
    size, names = csv_file.stream_block_size, csv_file.names
    delimiter, types = csv_file.dialect.delimiter, dict.fromkeys(names, TEXT_TYPE)
    return {
        # Threads take 50 % more CPU time, and on two cores they are not faster.
        "read_options": pacsv.ReadOptions(column_names=names, block_size=size, use_threads=False),
        "parse_options": pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        "convert_options": pacsv.ConvertOptions(
            column_types=types, include_columns=list(columns), strings_can_be_null=False
        ),
    }


class _StrictChecker:
    """Passes CSV bytes to pyarrow, and rejects zero bytes, invalid quotes and too long cells."""

    def __init__(self, csv_file: CsvFile) -> None:
        self._csv_file = csv_file
        self._quotes = QuoteChecker(str(csv_file.dialect.delimiter))

    @contextmanager
    def open(self, options: Mapping[str, Any]) -> Iterator[pacsv.CSVStreamingReader]:
        """Yield pyarrow's reader of the checked file; errors become a DiagnosticError with a line.

        If a quote seemed misplaced or left open, all lines are validated at the end; quotes within
        an unquoted cell are valid.
        The thread in which pyarrow reads ahead is ended, too: it must not outlive the interpreter.
        """
        stream = BlockStream(self._checked_blocks())
        try:
            with pacsv.open_csv(pa.PythonFile(stream, mode="r"), **options) as reader:
                end = atexit.register(partial(_end, stream, reader))
                try:
                    yield reader
                finally:
                    end()
                    atexit.unregister(end)
        except (pa.ArrowException, UnicodeDecodeError) as error:
            self._raise(str(error))
        if not self._quotes.is_valid:
            self._check_lines()

    def _checked_blocks(self) -> Iterator[bytes]:
        for block in self._csv_file.body:
            if b"\0" in block:
                self._raise("a zero byte")
            self._quotes.check_block(block)
            yield block
        self._quotes.finish()

    def convert_column(self, cells: pa.ChunkedArray) -> TextArray:
        """Return cells without outer spaces."""
        if (pc.max(pc.binary_length(cells)).as_py() or 0) > FIELD_LIMIT:
            self._check_lines()
        return concat_text([strip_text(chunk) for chunk in cells.chunks])

    def _check_lines(self) -> None:
        csv_file = self._csv_file
        check_csv_lines(csv_file.path, csv_file.dialect, len(csv_file.names))

    def _raise(self, message: str) -> None:
        """Raise an error for the first invalid line of the file.

        If no invalid line is found, raise an error with the reason `message` instead.
        """
        self._check_lines()
        raise unreadable_csv_error(self._csv_file.path, message)


def _end(stream: BlockStream, reader: pacsv.CSVStreamingReader) -> None:
    """End a stream, and read what a reader has read ahead of it: its thread ends, too."""
    stream.close()
    with suppress(Exception):  # errors in lines that nobody asked for
        for _ in reader:
            pass
