"""Converts a JSON array of records to JSON lines, one record at a time.

The text of each record is copied as it is, so that the reader of JSON lines checks its values.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.readers.text.byte_stream import read_blocks, uncompressed_name

_MAX_RECORD = 2**26  # characters of a record, or of a whole object that has the list of records
_SPACE = " \t\r\n"


def json_to_lines(file: Path, folder: Path) -> Path:
    """Write the records of a JSON file into `folder` as JSON lines; return the new file.

    Raises:
        DiagnosticError: if the file is not JSON, or has no list of records.
    """
    target = folder / f"{uncompressed_name(file)}l"
    count = 0
    try:
        with target.open("w", encoding="utf-8") as lines:
            for record in _records(_JsonText(file), file):
                lines.write(record.replace("\r", " ").replace("\n", " ") + "\n")
                count += 1
    except (ValueError, RecursionError) as error:
        raise _json_error(file, count + 1, str(error).partition(":")[0]) from error
    return target


class _JsonText:
    """The text of a JSON file, which is decoded in blocks."""

    def __init__(self, file: Path) -> None:
        self._blocks = codecs.iterdecode(read_blocks(file), "utf-8-sig")
        self._text, self._start = "", 0
        self._decoder = json.JSONDecoder()

    def _read_block(self) -> bool:
        """Append the next block to the text; return whether there is one."""
        block = next(self._blocks, None)
        if block is not None:
            self._text, self._start = self._text[self._start :] + block, 0
        return block is not None

    def peek(self) -> str:
        """Return the next character that is no space, "" at the end."""
        while True:
            while self._start < len(self._text) and self._text[self._start] in _SPACE:
                self._start += 1
            if self._start < len(self._text) or not self._read_block():
                return self._text[self._start : self._start + 1]

    def skip(self) -> str:
        """Return the next character that is no space, and continue after it."""
        char = self.peek()
        self._start += 1
        return char

    def value(self) -> str:
        """Return the text of the next value, and continue after it.

        Raises:
            ValueError: if the text is no JSON.
        """
        self.peek()
        while True:
            try:
                _, end = self._decoder.raw_decode(self._text, self._start)
            except ValueError:  # the rest of the value may be in the next blocks
                size = len(self._text) - self._start
                if size > _MAX_RECORD or not self._read_block():
                    raise
                # Read as much again, so that a long value is not decoded once per block.
                while len(self._text) < 2 * size and self._read_block():
                    pass
                continue
            if end < len(self._text) or not self._read_block():  # a number may go on
                text, self._start = self._text[self._start : end], end
                return text


def _records(text: _JsonText, file: Path) -> Iterator[str]:
    """Yield the text of each record."""
    if text.peek() != "[":
        yield from _records_of_objects(text, file)
        return
    text.skip()
    if text.peek() == "]":
        return
    yield text.value()
    while (char := text.skip()) != "]":
        if char != ",":
            raise ValueError("Expecting ',' between two records")
        yield text.value()
    if text.peek():
        raise ValueError("Extra data after the list")


def _records_of_objects(text: _JsonText, file: Path) -> Iterator[str]:
    """Yield the records in the list of an object, or the objects of JSON lines."""
    first = text.value()
    content = json.loads(first)
    lists = {
        key: value
        for key, value in (content.items() if isinstance(content, dict) else ())
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    }
    if text.peek() or not lists:
        yield first
        while text.peek():
            yield text.value()
        return
    if len(lists) > 1:
        found = f"{len(lists)} lists of records: {', '.join(map(repr, lists))}"
        raise _json_error(file, 1, found)
    yield from map(json.dumps, *lists.values())


def _json_error(file: Path, record: int, found: str) -> DiagnosticError:
    return diagnostic_error(
        "json-broken",
        f'record {record} of "{file.name}" can\'t be read',
        f"Correct record {record}; write all records as one list, in UTF-8: [{{...}}, {{...}}].",
        place=f"record {record}",
        found=found[:120],
        expected="a list of records, or an object with one such list",
    )
