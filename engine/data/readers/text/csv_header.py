"""Opens CSV files: detects the dialect and reads the column names."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.core.diagnostic import diagnostic_error
from engine.data.readers.text.byte_stream import READ_BLOCK_SIZE, read_blocks, uncompressed_name
from engine.data.readers.text.charset import Utf8Converter
from engine.data.readers.text.csv_dialect import CsvSample, detect_dialect
from engine.data.readers.text.csv_errors import (
    check_csv_lines,
    line_too_long_error,
    unreadable_csv_error,
)
from engine.data.table.table import check_column_count, no_rows_error
from engine.recipe.csv_dialect import Dialect, set_file_fix

DIALECT_SAMPLE_SIZE = 2**18  # the number of bytes from which the dialect is detected
MIN_STREAM_BLOCK = 2**18  # the minimum size of a block in bytes
_ESCAPED = re.compile("[\udc80-\udcff]")  # invalid bytes, decoded with "surrogateescape"


@dataclass
class CsvFile:
    """An open CSV file whose dialect and column names are known.

    `names` are the column names, `stated` are those in the file, some of which may be "".
    `body` yields the text after the header as blocks in UTF-8. `is_empty` is True if there are no
    rows after the header.
    """

    path: Path
    names: list[str]
    stated: list[str]
    body: Iterator[bytes]
    is_empty: bool
    _dialect: Dialect
    _decoder: Utf8Converter
    _longest_line: int

    @property
    def columns(self) -> list[str]:
        """The names of the columns of the table: all but that of an index."""
        return self.names[1:] if self._dialect.index else self.names

    @property
    def unnamed(self) -> list[str]:
        """The columns that the file does not name."""
        return [name for name in self.columns if name not in self.stated]

    @property
    def stream_block_size(self) -> int:
        """The block size for streaming, in bytes; small because pyarrow reads 32 blocks ahead."""
        return min(READ_BLOCK_SIZE, max(MIN_STREAM_BLOCK, 8 * self._longest_line))

    @property
    def dialect(self) -> Dialect:
        """The complete dialect; its encoding may change while the body is read."""
        return self._dialect.model_copy(update={"encoding": self._decoder.encoding})


def open_csv(path: Path, limit: int | None, given: Dialect) -> CsvFile:
    """Open a CSV file, detect its dialect and read the header.

    Fields of `given` that are None are detected. The file may have at most `limit` bytes of text.

    Raises:
        DiagnosticError: if the header is invalid or can't be read.
    """
    decoder = Utf8Converter(given.encoding)
    utf8_blocks = decoder.convert(read_blocks(path, limit))
    try:
        first, second = next(utf8_blocks, b""), next(utf8_blocks, b"")
    except UnicodeDecodeError as error:
        check_csv_lines(path, given.model_copy(update={"encoding": decoder.encoding}))
        raise unreadable_csv_error(path, str(error)) from error
    sample = _sample(first, bool(second))
    has_tabs = uncompressed_name(path).endswith(".tsv")
    known = given.model_copy(update={"encoding": decoder.encoding})
    dialect = detect_dialect(known, sample, has_tabs)
    stated, header_size = _read_header(path, sample, dialect)
    names = _complete_names(stated)
    rest = first[header_size:]
    if rest.startswith(codecs.BOM_UTF8):  # pyarrow skips a mark at the start of what it reads
        rest = codecs.BOM_UTF8 + rest
    is_empty = not (rest.strip(b"\r\n") or second)
    body = chain((rest, second), utf8_blocks)
    longest_line = max(map(len, sample.lines), default=0)
    return CsvFile(path, names, stated, body, is_empty, dialect, decoder, longest_line)


def _complete_names(stated: list[str]) -> list[str]:
    """Return the names, with "column_2" and so on in place of empty names."""
    names = list(stated)
    for index, name in enumerate(stated):
        if not name:
            name = f"column_{index + 1}"
            while name in names:
                name += "_"
            names[index] = name
    return names


def _sample(first: bytes, has_more: bool) -> CsvSample:
    """Return the lines of a file up to the first line end after `DIALECT_SAMPLE_SIZE` bytes.

    `first` is the first block of the file; `has_more` is True if more blocks follow.
    """
    ends = [first.find(b"\n", DIALECT_SAMPLE_SIZE), first.find(b"\r", DIALECT_SAMPLE_SIZE)]
    end = min((at + 1 for at in ends if at >= 0), default=len(first))
    text = first[:end].decode("utf-8", "surrogateescape")
    return CsvSample(io.StringIO(text, newline="").readlines(), not has_more and end == len(first))


def _read_header(path: Path, sample: CsvSample, dialect: Dialect) -> tuple[list[str], int]:
    """Return (column names, header size in bytes); without a header, (["column_1", …], 0)."""
    rows = csv.reader(sample.lines, delimiter=str(dialect.delimiter), strict=True)
    try:
        cells = next((row for row in rows if row), [])
    except csv.Error as error:
        check_csv_lines(path, dialect)
        raise unreadable_csv_error(path, str(error)) from error
    check_column_count(len(cells), path)
    is_complete = sample.is_complete or sample.lines[-1].endswith(("\n", "\r"))
    if rows.line_num == len(sample.lines) and not is_complete:
        raise line_too_long_error(path, 1)
    if not dialect.header and cells:
        return [f"column_{index}" for index in range(1, len(cells) + 1)], 0
    names = [cell.strip() for cell in cells]
    header = "".join(sample.lines[: rows.line_num])
    if "\0" in header or _ESCAPED.search(header):
        check_csv_lines(path, dialect)
    _check_names(names, path)
    return names, len(header.encode("utf-8", "surrogateescape"))


def _check_names(names: list[str], path: Path) -> None:
    duplicates = [name for name, count in Counter(names).items() if name and count > 1]
    if not names:
        raise no_rows_error(path, "is empty", "blank lines only")
    if not duplicates:
        return
    as_data = set_file_fix("Read the first line as a row of data.", header=False)
    raise diagnostic_error(
        "csv-header",
        f'the first line of "{path.name}" contains {duplicates[0]!r} more than once',
        f"Rename all but one of the columns {duplicates[0]!r}.",
        # Otherwise the line holds names, which must not become a row.
        *([as_data] if any(name[:1].isdecimal() for name in names) else []),
        place="line 1",
        found=", ".join(f"{name!r} {Counter(names)[name]} times" for name in duplicates),
        expected="one unique name per column",
    )
