"""Reads JSON files as JSON lines: the records of a list, of a list in an object, or one by one.

The text of each record is copied as it is, so that the reader of JSON lines checks its values; only
a list in an object is parsed and written again.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.readers.text.byte_stream import (
    READ_BLOCK_SIZE,
    BlockStream,
    read_blocks,
    uncompressed_name,
)

JSON_EXTENSION = ".json"
MAX_JSON_BYTES = 2**30  # of a .json file, whose text is kept in memory
_SPACE = re.compile(r"[ \t\r\n]*")


def json_blocks(path: Path, limit: int | None = None) -> Iterator[bytes]:
    """Return an iterator of blocks of JSON lines. Each record of a .json file has a line.

    Raises:
        DiagnosticError: if the file is no JSON, or larger than `limit` bytes.
    """
    if record_noun(path) == "line":
        return read_blocks(path, limit)
    lines = io.BufferedReader(BlockStream(_record_lines(path, limit)), READ_BLOCK_SIZE)
    return iter(partial(lines.read, READ_BLOCK_SIZE), b"")


def record_noun(path: Path) -> str:
    """Return what messages about a file count: "record" for a .json file, else "line"."""
    return "record" if uncompressed_name(path).endswith(JSON_EXTENSION) else "line"


def _record_lines(path: Path, limit: int | None) -> Iterator[bytes]:
    number = 1
    try:
        blocks = read_blocks(path, min(limit or MAX_JSON_BYTES, MAX_JSON_BYTES))
        text = b"".join(blocks).decode("utf-8-sig").strip()
        for record in _records(text, path):
            yield record.replace("\r", " ").replace("\n", " ").encode() + b"\n"
            number += 1
    except (ValueError, RecursionError) as error:
        raise _json_error(path, number, str(error).partition(":")[0]) from error


def _records(text: str, path: Path) -> Iterator[str]:
    """Return an iterator of the text of each record."""
    if text.startswith("["):
        return _values(text, is_list=True)
    content = None
    with suppress(ValueError):  # several objects, or no JSON, which is reported when it is read
        content = json.loads(text)
    lists = {
        key: value
        for key, value in (content.items() if isinstance(content, dict) else ())
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    }
    if len(lists) > 1:
        found = f"{len(lists)} lists of records: {', '.join(map(repr, lists))}"
        raise _json_error(path, 1, found)
    if lists:
        (rows,) = lists.values()
        return map(json.dumps, rows)
    return _values(text, is_list=False)


def _values(text: str, is_list: bool) -> Iterator[str]:
    """Yield the text of each item of a list, or of values that follow each other.

    Raises:
        ValueError: if the text is no JSON.
    """
    decoder = json.JSONDecoder()
    first, end = (1, len(text) - 1) if is_list else (0, len(text))
    at = _skip_space(text, first)
    has_more = at != end
    while has_more:
        _, stop = decoder.raw_decode(text, at)
        yield text[at:stop]
        at = _skip_space(text, stop)
        has_more = at != end
        if is_list and has_more:
            if text[at : at + 1] != ",":
                raise ValueError("Expecting ',' or the end of the list after a record")
            at = _skip_space(text, at + 1)
    if is_list and text[end] != "]":
        raise ValueError("Expecting ']' at the end of the list")


def _skip_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _json_error(path: Path, record: int, found: str) -> DiagnosticError:
    return diagnostic_error(
        "json-broken",
        f'record {record} of "{path.name}" can\'t be read',
        f"Correct record {record}; write all records as one list, in UTF-8: [{{...}}, {{...}}].",
        place=f"record {record}",
        found=found[:120],
        expected="a list of records, or an object with one such list",
    )
