"""Reads JSON lines: one flat object a line, its keys the columns; lists of one level may stand.

pyarrow guesses types block by block; here all blocks are read before a type is settled, and a text
that looks like a date stays a text, as it does in a CSV.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np

from engine.core.diagnostic import Refused
from engine.data.readers.binary.arrow_columns import columns_of
from engine.data.readers.binary.arrow_schema import refuse_schema
from engine.data.readers.text.byte_stream import blocks
from engine.data.readers.text.jsonl_errors import DEPTH, broken, deep, refuse_faults
from engine.data.table.column_types import Column
from engine.data.table.lazy_arrow import pa, pajson, types
from engine.data.table.read_result import Read
from engine.data.table.rebatch import regrouped
from engine.data.table.size_limit import Budget

LINE_LIMIT = 2**26
MARK = b"\xef\xbb\xbf"
_BRACKETS = np.zeros(256, np.int8)
_BRACKETS[list(b"[{")], _BRACKETS[list(b"]}")] = 1, -1
Kinds: TypeAlias = "dict[str, pa.DataType]"


def read_jsonl(path: Path, limit: int) -> Read:
    """Read all keys that occur; a key that a line lacks is missing there.

    Raises:
        Refused: naming the line, for whatever a strict reader can't take.
    """
    with _faults(path):
        kinds: Kinds = {}
        parts = [_learned(block, kinds) for block in _blocks(path, limit)]
        schema = pa.schema(list(kinds.items()))
        _refuse_kinds(schema, path)
        table = pa.concat_tables(_cast(part, schema) for part in parts) if parts else None
    return columns_of(table or schema.empty_table(), path, Budget(path, limit))


def jsonl_chunks(
    path: Path, columns: Sequence[str] | None, rows: int
) -> Iterator[dict[str, Column]]:
    """Yield some keys of a file, at most `rows` rows at a time.

    The file is read twice, since only all lines together tell a column's type.

    Raises:
        Refused: as `read_jsonl` does, but for the size.
    """
    with _faults(path):
        kinds: Kinds = {}
        for block in _blocks(path, None):
            _learned(block, kinds)
        schema = pa.schema([(name, kinds[name]) for name in columns or kinds])
        _refuse_kinds(schema, path)
        again = dict(kinds)
        parts = (_cast(_learned(block, again), schema) for block in _blocks(path, None))
        batches = (batch for part in parts for batch in part.to_batches())
        for part in regrouped(batches, rows):
            yield columns_of(part, path, Budget(path, None)).columns


def _refuse_kinds(schema: pa.Schema, path: Path) -> None:
    """Refuse columns that are none, by their first line if that can be told."""
    try:
        refuse_schema(schema, path)
    except Refused:
        refuse_faults(path)
        raise


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Turn what pyarrow says into a finding with a line."""
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, _Odd) as error:
        refuse_faults(path)
        found = str(error)[:120]
        raise Refused(broken(path, 1, "or a later one can't be read", found, "JSON")) from error


class _Odd(Exception):  # noqa: N818 - becomes a finding
    """Something that pyarrow would let pass, or break at."""


def _blocks(path: Path, limit: int | None) -> Iterator[bytes]:
    """Yield whole lines, some MiB at a time, in UTF-8."""
    rest = b""
    for number, block in enumerate(blocks(path, limit)):
        start = rest + block.removeprefix(MARK) if number == 0 else rest + block
        end = start.rfind(b"\n") + 1
        whole, rest = start[:end], start[end:]
        if len(rest) > LINE_LIMIT:
            line = f"a line of more than {LINE_LIMIT:,} bytes"
            raise _Odd(line)
        if whole:
            yield whole
    if rest:
        yield rest


def _learned(block: bytes, kinds: Kinds) -> pa.Table:
    """Return the rows of some lines, and add to what is known of each column's type."""
    text = block.decode()
    # pyarrow would go down as deep, and overflow the stack.
    if _depth(block) > DEPTH and any(map(deep, text.splitlines())):
        raise _Odd("brackets within brackets")
    texts = {name: kind for name, kind in kinds.items() if _of_text(kind)}
    table = _parsed(block, texts)
    dates = {field.name: _dateless(field.type) for field in table.schema if _has_dates(field.type)}
    if dates:
        table = _parsed(block, texts | dates)
    if table.num_rows != _count(block):
        raise _Odd("a line of several objects, or an object of several lines")
    for field in table.schema:
        kinds[field.name] = _general(kinds.get(field.name, pa.null()), field.type)
    return table


def _count(block: bytes) -> int:
    """Return how many lines are not empty."""
    if b"\n\n" in block or b"\n\r" in block or block[:1].isspace():
        return sum(1 for line in block.split(b"\n") if line.strip())
    return block.count(b"\n") + (not block.endswith(b"\n"))


def _parsed(block: bytes, texts: Kinds) -> pa.Table:
    return pajson.read_json(
        io.BytesIO(block),
        read_options=pajson.ReadOptions(use_threads=False, block_size=len(block) + 1),
        parse_options=pajson.ParseOptions(explicit_schema=pa.schema(list(texts.items()))),
    )


def _depth(block: bytes) -> int:
    """Return how deep brackets stand within brackets at most, those in texts included."""
    if block.count(b"[") + block.count(b"{") - block.count(b"\n") < DEPTH:
        return 0
    steps = _BRACKETS[np.frombuffer(block, np.uint8)]
    return int(np.cumsum(steps[steps != 0], dtype=np.int64).max(initial=0))


def _general(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return the type that holds the values of both."""
    if one == other or types.is_null(other):
        return one
    if types.is_null(one):
        return other
    if types.is_list(one) and types.is_list(other):
        return pa.list_(_general(one.value_type, other.value_type))
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    if types.is_struct(one) and types.is_struct(other):
        return one
    raise _Odd(f"{one} and {other} in one column")


def _of_text(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or (types.is_list(kind) and _of_text(kind.value_type)))


def _has_dates(kind: pa.DataType) -> bool:
    return bool(types.is_timestamp(kind) or (types.is_list(kind) and _has_dates(kind.value_type)))


def _dateless(kind: pa.DataType) -> pa.DataType:
    return pa.list_(_dateless(kind.value_type)) if types.is_list(kind) else pa.string()


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows under all columns of the file, null where they have none."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
