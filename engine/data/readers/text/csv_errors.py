"""Finds the first invalid line of a CSV file with Python's csv reader.

Why: pyarrow is ten times as fast, but accepts some invalid lines and does not count lines.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

from engine.core.diagnostic import DiagnosticError, Fix, diagnostic_error
from engine.data.readers.text.byte_stream import BlockStream, read_blocks
from engine.data.readers.text.charset import BYTE_ORDER_MARK
from engine.recipe.csv_dialect import Dialect, set_file_fix

FIELD_LIMIT = 131_072  # the maximum length of a cell; longer cells mean an unclosed quote
LINE_LIMIT = 2**22  # the maximum length of a line


def check_csv_lines(path: Path, dialect: Dialect, width: int | None = None) -> None:
    """Validate all lines of a CSV file without keeping its cells.

    Args:
        path: the path of the file.
        dialect: the complete dialect of the file.
        width: the required number of cells per line; None for any.

    Raises:
        DiagnosticError: for the first invalid line.
    """
    _check_bytes(path, str(dialect.encoding))
    with _open_text(path, dialect) as text:
        for line, cells in _iter_lines(text, str(dialect.delimiter), path):
            if width is not None and len(cells) != width:
                found, expected = f"{len(cells)} cells", f"{width} cells, as in the first line"
                message = "has a different number of cells"
                raise csv_line_error(path, line, message, found, expected)


def line_numbers_of_rows(path: Path, dialect: Dialect, rows: Collection[int]) -> dict[int, int]:
    """Return a mapping from the given row numbers to the line in which the row begins."""
    found: dict[int, int] = {}
    with _open_text(path, dialect) as text:
        lines = _iter_lines(text, str(dialect.delimiter), path)
        # The header, if there is one, counts as row -1.
        for row, (line, _) in enumerate(lines, -1 if dialect.header else 0):
            if row in rows:
                found[row] = line
            if len(found) == len(rows):
                break
    return found


def _open_text(path: Path, dialect: Dialect) -> io.TextIOWrapper:
    stream = io.BufferedReader(BlockStream(read_blocks(path)))
    return io.TextIOWrapper(stream, str(dialect.encoding), newline="")


def _check_bytes(path: Path, encoding: str) -> None:
    """Raise an error for a zero byte, or for bytes that are invalid in the encoding."""
    lines = 1
    try:
        for text in codecs.iterdecode(read_blocks(path), encoding):
            if "\0" in text:
                line = lines + text[: text.index("\0")].count("\n")
                raise csv_line_error(path, line, "contains a zero byte", "a zero byte", "text")
            lines += text.count("\n")
    except UnicodeDecodeError as error:
        lines += error.object[: error.start].decode(encoding, "ignore").count("\n")
        name, found = encoding.upper(), f"byte {error.object[error.start]:#04x}"
        fixes = [Fix(f"Correct line {lines}, and save the table as CSV in UTF-8.")]
        if encoding == "utf-8":
            western = set_file_fix("Read it as Western European (cp1252).", encoding="cp1252")
            fixes.insert(0, western)
        raise csv_line_error(
            path, lines, f"is not {name}", found, f"text in {name}", tuple(fixes)
        ) from error


def _iter_lines(
    text: io.TextIOWrapper, delimiter: str, path: Path
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the cells of each row that is not empty."""
    reader = csv.reader(_limited_lines(text, path), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise csv_line_error(path, line, "can't be read", str(error), "closed quotes") from error


def _limited_lines(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    """Yield the lines, without the file's byte order mark; raise an error for an overlong line."""
    number = 1
    while line := text.readline(LINE_LIMIT):
        if len(line) == LINE_LIMIT:
            raise line_too_long_error(path, number)
        yield line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        number += 1


def line_too_long_error(path: Path, line: int) -> DiagnosticError:
    """Return the error for a line longer than `LINE_LIMIT`."""
    found = f"more than {LINE_LIMIT:,} characters"
    return csv_line_error(path, line, "is too long", found, "one line per row")


def csv_line_error(
    path: Path, line: int, message: str, found: str, expected: str, fixes: tuple[Fix, ...] = ()
) -> DiagnosticError:
    """Return the error for an invalid line: "line 3 of …" plus `message`, such as "is too long"."""
    return diagnostic_error(
        "csv-broken",
        f'line {line} of "{path.name}" {message}',
        *(fixes or (Fix(f"Correct line {line}, and save the table as CSV in UTF-8."),)),
        place=f"line {line}",
        found=found,
        expected=expected,
    )


def unreadable_csv_error(path: Path, message: str) -> DiagnosticError:
    """Return the error for a CSV file that can't be read for the reason `message`.

    If a line is invalid, `csv_line_error` is used instead, which names the line.
    """
    return diagnostic_error(
        "csv-broken",
        f'"{path.name}" can\'t be read',
        "Save the table as CSV in UTF-8.",
        place=str(path),
        found=message[:200],
        expected="one line per row, each with as many cells as the first",
    )
