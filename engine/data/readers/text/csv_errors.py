"""Finds the line at fault in a CSV that can't be read, by Python's own strict reader.

Why: pyarrow reads ten times as fast, but takes what is not strict and counts rows, not lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.text.byte_stream import Stream, blocks
from engine.data.readers.text.charset import MARK, decoded
from engine.recipe.csv_dialect import Dialect, set_file

FIELD_LIMIT = 131_072  # characters in a cell; more are a quote that was never closed
LINE_LIMIT = 2**22


def refuse_faults(path: Path, dialect: Dialect, width: int | None = None) -> None:
    """Read a whole table strictly, and do nothing else.

    Args:
        path: the file.
        dialect: how it is written.
        width: how many cells a line has; None for any number.

    Raises:
        Refused: naming the first line that a strict reader can't take.
    """
    _refuse_bytes(path, str(dialect.encoding))
    with _text(path, dialect) as text:
        for line, cells in _lines(text, str(dialect.delimiter), path):
            if width is not None and len(cells) != width:
                found, wanted = f"{len(cells)} cells", f"{width} cells, as in the first line"
                raise Refused(broken(path, line, "has another number of cells", found, wanted))


def lines_of(path: Path, dialect: Dialect, rows: Collection[int]) -> dict[int, int]:
    """Return the line of the file in which each of some rows begins.

    Args:
        path: a file that can be read.
        dialect: how it is written.
        rows: their numbers, counting from 0.
    """
    found: dict[int, int] = {}
    with _text(path, dialect) as text:
        lines = _lines(text, str(dialect.delimiter), path)
        for row, (line, _) in enumerate(lines, -1 if dialect.header else 0):
            if row in rows:
                found[row] = line
            if len(found) == len(rows):
                break
    return found


def _text(path: Path, dialect: Dialect) -> io.TextIOWrapper:
    stream = io.BufferedReader(Stream(blocks(path)))
    return io.TextIOWrapper(stream, str(dialect.encoding), newline="")


def _refuse_bytes(path: Path, encoding: str) -> None:
    """Refuse zero bytes, and bytes that are no text."""
    lines = 1
    try:
        for text in decoded(blocks(path), encoding):
            if "\0" in text:
                line = lines + text[: text.index("\0")].count("\n")
                raise Refused(broken(path, line, "holds a zero byte", "a zero byte", "text"))
            lines += text.count("\n")
    except UnicodeDecodeError as error:
        lines += error.object[: error.start].decode(encoding, "ignore").count("\n")
        raise Refused(not_encoded(path, lines, encoding, error.object[error.start])) from error


def _lines(text: io.TextIOWrapper, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells), empty lines left out."""
    reader = csv.reader(_bounded(text, path), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise Refused(broken(path, line, "can't be read", str(error), "closed quotes")) from error


def _bounded(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    number = 1
    while line := text.readline(LINE_LIMIT):
        if len(line) == LINE_LIMIT:
            raise Refused(too_long(path, number))
        yield line.removeprefix(MARK) if number == 1 else line
        number += 1


def too_long(path: Path, line: int) -> Diagnostic:
    """Return the finding for a line without an end."""
    found = f"more than {LINE_LIMIT:,} characters"
    return broken(path, line, "does not end", found, "one line per row")


def not_encoded(path: Path, line: int, encoding: str, byte: int) -> Diagnostic:
    """Return the finding for a byte that is no text in an encoding."""
    name = encoding.upper()
    found = f"byte {byte:#04x}"
    fixes = [Fix(f"Correct line {line}, and save the table as CSV in UTF-8.")]
    if encoding == "utf-8":
        fixes.insert(0, set_file("Read it as Western European (cp1252).", encoding="cp1252"))
    return broken(path, line, f"is not {name}", found, f"text in {name}", tuple(fixes))


def broken(
    path: Path, line: int, what: str, found: str, expected: str, fixes: tuple[Fix, ...] = ()
) -> Diagnostic:
    """Return the finding for a line that a strict reader can't take."""
    return Diagnostic(
        "csv-broken",
        f'line {line} of "{path.name}" {what}',
        place=f"line {line}",
        found=found,
        expected=expected,
        fixes=fixes or (Fix(f"Correct line {line}, and save the table as CSV in UTF-8."),),
    )


def unread(path: Path, said: str) -> Refused:
    """Return the refusal of a table at which only pyarrow takes offence, in its words."""
    return Refused(
        Diagnostic(
            "csv-broken",
            f'"{path.name}" can\'t be read',
            place=str(path),
            found=said[:200],
            expected="one line per row, as many cells in each as in the first",
            fixes=(Fix("Save the table as CSV in UTF-8."),),
        )
    )
