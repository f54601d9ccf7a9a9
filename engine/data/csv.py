"""Reads CSV strictly: every line has the header's number of cells, nothing is repaired."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.kinds import Column, text
from engine.data.npy import too_large

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def read_csv(path: Path, limit: int) -> tuple[dict[str, Column], list[Diagnostic]]:
    """Read a table with a header line; all cells are text, spaces around them taken off.

    Raises:
        Refused: naming the line, for whatever a strict reader can't take.
    """
    if (size := path.stat().st_size) > limit:
        raise Refused(too_large(path, size, limit))
    decoded = _decoded(path)
    delimiter = _delimiter(decoded)
    lines = _lines(decoded, delimiter, path)
    header = _header(next(lines, (1, []))[1], path)
    rows = []
    for line, cells in lines:
        if len(cells) != len(header):
            found, wanted = f"{len(cells)} cells", f"{len(header)} cells, as in the header"
            raise Refused(_broken(path, line, "has another number of cells", found, wanted))
        rows.append(cells)
    columns = zip(*rows, strict=True) if rows else [() for _ in header]
    read: dict[str, Column] = {
        name: text(cells) for name, cells in zip(header, columns, strict=True)
    }
    return read, [_read_as(path, delimiter)] if delimiter != "," else []


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise Refused(_broken(path, line, "holds a zero byte", "a zero byte", "text in UTF-8"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte {data[error.start]:#04x}"
        raise Refused(_broken(path, line, "is not UTF-8", found, "text in UTF-8")) from error


def _delimiter(text: str) -> str:
    """Answer the sign that stands most often in the first line, outside quotes."""
    first = text.partition("\n")[0].split('"')[::2]
    counts = {sign: sum(part.count(sign) for part in first) for sign in DELIMITERS}
    return max(counts, key=counts.__getitem__)


def _lines(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells), empty lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        found = str(error)
        raise Refused(_broken(path, line, "can't be read", found, "closed quotes")) from error


def _header(names: list[str], path: Path) -> list[str]:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if not names or twice or "" in names:
        found = f"{twice[0]!r} twice" if twice and twice[0] else "a column without a name"
        raise Refused(
            Diagnostic(
                "csv-header",
                f'the first line of "{path.name}" does not name its columns',
                place="line 1",
                found=found if names else "an empty file",
                expected="one name per column, each once",
                fixes=(Fix("Write the columns' names into the first line."),),
            )
        )
    return names


def _read_as(path: Path, delimiter: str) -> Diagnostic:
    return Diagnostic(
        "csv-read-as",
        f'"{path.name}" was read with {DELIMITERS[delimiter]} between the cells',
        severity="info",
        place=str(path),
        found=DELIMITERS[delimiter],
    )


def _broken(path: Path, line: int, what: str, found: str, expected: str) -> Diagnostic:
    return Diagnostic(
        "csv-broken",
        f'line {line} of "{path.name}" {what}',
        place=f"line {line}",
        found=found,
        expected=expected,
        fixes=(Fix(f"Correct line {line}, and save the table as CSV in UTF-8."),),
    )
