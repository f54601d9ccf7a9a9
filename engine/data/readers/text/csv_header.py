"""Opens a CSV: what is said or detected about it, and the names of its columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.text.byte_stream import BLOCK, blocks
from engine.data.readers.text.charset import Decoder
from engine.data.readers.text.csv_dialect import Sample, completed
from engine.data.readers.text.csv_errors import refuse_faults, too_long, unread
from engine.data.table.read_result import no_rows
from engine.recipe.csv_dialect import Dialect, set_file

SAMPLE = 2**18
STEP = 2**18
_ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that are no UTF-8


@dataclass
class Opened:
    """A table whose first lines are known.

    Args:
        path: of the file.
        names: of the columns.
        body: the rows in UTF-8, block by block.
        empty: True if there are no rows.
    """

    path: Path
    names: list[str]
    body: Iterator[bytes]
    empty: bool
    _found: Dialect
    _decoder: Decoder
    _widest: int

    @property
    def step(self) -> int:
        """How many bytes to stream at a time, of which pyarrow holds 32 ready."""
        return min(BLOCK, max(STEP, 8 * self._widest))

    @property
    def dialect(self) -> Dialect:
        """How it is written; the encoding is sure once the body is read."""
        return self._found.model_copy(update={"encoding": self._decoder.encoding})


def opened(path: Path, limit: int | None, given: Dialect) -> Opened:
    """Open a table.

    Args:
        path: a .csv or .tsv, maybe packed (.gz).
        limit: bytes that its text may take, None for no limit.
        given: what the person says about how it is written.

    Raises:
        Refused: if the first line does not name the columns, or can't be read.
    """
    decoder = Decoder(given.encoding)
    parts = decoder.utf8(blocks(path, limit))
    try:
        first, second = next(parts, b""), next(parts, b"")
    except UnicodeDecodeError as error:
        refuse_faults(path, given.model_copy(update={"encoding": decoder.encoding}))
        raise unread(path, str(error)) from error
    sample = _sample(first, bool(second))
    dialect = completed(
        given.model_copy(update={"encoding": decoder.encoding}),
        sample,
        path.name.lower().endswith((".tsv", ".tsv.gz")),
    )
    names, skipped = _named(path, sample, dialect)
    body = first[skipped:]
    return Opened(
        path,
        names,
        chain((body, second), parts),
        not (body.strip(b"\r\n") or second),
        dialect,
        decoder,
        max(map(len, sample.lines), default=0),
    )


def _sample(first: bytes, more: bool) -> Sample:
    """Return the first lines, those of a wide table to the end of its first one at least."""
    ends = [first.find(b"\n", SAMPLE), first.find(b"\r", SAMPLE)]
    end = min((at + 1 for at in ends if at >= 0), default=len(first))
    text = first[:end].decode("utf-8", "surrogateescape")
    return Sample(io.StringIO(text, newline="").readlines(), not more and end == len(first))


def _named(path: Path, sample: Sample, dialect: Dialect) -> tuple[list[str], int]:
    """Return the columns' names, and how many bytes they take."""
    rows = csv.reader(sample.lines, delimiter=str(dialect.delimiter), strict=True)
    try:
        cells = next((row for row in rows if row), [])
    except csv.Error as error:
        refuse_faults(path, dialect)
        raise unread(path, str(error)) from error
    ends = sample.whole or sample.lines[-1].endswith(("\n", "\r"))
    if rows.line_num == len(sample.lines) and not ends:
        raise Refused(too_long(path, 1))
    if not dialect.header and cells:
        return [f"column_{place}" for place in range(1, len(cells) + 1)], 0
    names = [cell.strip() for cell in cells]
    head = "".join(sample.lines[: rows.line_num])
    if "\0" in head or _ESCAPED.search(head):
        refuse_faults(path, dialect)
    _refuse_names(names, path)
    return names, len(head.encode("utf-8", "surrogateescape"))


def _refuse_names(names: list[str], path: Path) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if not names:
        raise Refused(no_rows(path, "is empty", "blank lines only"))
    if not twice and "" not in names:
        return
    found = f"{twice[0]!r} twice" if twice and twice[0] else "a column without a name"
    fixes = (
        Fix("Write the columns' names into the first line."),
        set_file("Say that the first line is a row, too.", header=False),
    )
    raise Refused(
        Diagnostic(
            "csv-header",
            f'the first line of "{path.name}" does not name its columns',
            place="line 1",
            found=found,
            expected="one name per column, each once",
            fixes=fixes,
        )
    )
