"""Reader of JSON lines and records: objects whose keys are columns; values may be flat lists.

pyarrow infers the types of each block. The types of all blocks are merged before columns are
converted. Text that looks like a date stays text, as in a CSV file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.json as pajson
from pyarrow import types

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.binary.arrow_columns import arrow_to_columns
from engine.data.readers.binary.arrow_schema import check_schema
from engine.data.readers.text.json_records import json_blocks
from engine.data.readers.text.jsonl_errors import (
    MAX_JSON_DEPTH,
    check_json_lines,
    is_too_deep,
    json_line_error,
)
from engine.data.table.rebatch import rebatch
from engine.data.table.table import Table

LINE_LIMIT = 2**26  # the maximum size of a line in bytes
KEPT_BLOCKS = 8  # the blocks that are kept in memory instead of being read twice
UTF8_BOM = b"\xef\xbb\xbf"
_NULL_LINE = re.compile(rb"\n[ \t\r]*null")
_DEPTH_CHANGES = np.zeros(256, np.int8)
_DEPTH_CHANGES[list(b"[{")], _DEPTH_CHANGES[list(b"]}")] = 1, -1
ArrowTypes: TypeAlias = "dict[str, pa.DataType]"


def jsonl_chunks(
    path: Path, columns: Sequence[str] | None, rows: int, limit: int | None = None
) -> Iterator[Table]:
    """Yield chunks of at most `rows` rows; read all columns if `columns` is None.

    Each key that occurs is a column; rows without the key get a missing value. A large file is read
    twice because the type of a column depends on all lines.

    Raises:
        DiagnosticError: for the first invalid line, or if the file exceeds `limit` bytes.
    """
    with _locate_errors(path):
        dtypes: ArrowTypes = {}
        kept: list[pa.Table] = []
        is_kept = True
        for block in _line_blocks(path, limit):
            table = _parse_block(block, dtypes)
            is_kept = is_kept and len(kept) < KEPT_BLOCKS
            kept = [*kept, table] if is_kept else []
        schema = pa.schema([(name, dtypes[name]) for name in columns or dtypes])
        _check_schema(schema, path)
        known = dict(dtypes)
        tables = kept or (_parse_block(block, known) for block in _line_blocks(path, None))
        batches = (batch for table in tables for batch in _cast(table, schema).to_batches())
        for chunk in rebatch(batches, rows, schema):
            yield arrow_to_columns(chunk, path)


def _check_schema(schema: pa.Schema, path: Path) -> None:
    """Raise an error for columns of unsupported types; the error names a line if possible."""
    try:
        check_schema(schema, path)
    except DiagnosticError:
        check_json_lines(path)
        raise


@contextmanager
def _locate_errors(path: Path) -> Iterator[None]:
    """Convert errors in this context to a `DiagnosticError` that names the line."""
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError, _UnsupportedJsonError) as error:
        check_json_lines(path)
        found = str(error)[:120]
        raise json_line_error(path, 1, "or a later one can't be read", found, "JSON") from error


class _UnsupportedJsonError(Exception):
    """Raised for invalid input that pyarrow would accept, or that would crash pyarrow."""


def _line_blocks(path: Path, limit: int | None) -> Iterator[bytes]:
    """Yield blocks of whole lines, without BOM. Raise if the file has more than `limit` bytes."""
    rest = b""
    for number, block in enumerate(json_blocks(path, limit)):
        data = rest + block.removeprefix(UTF8_BOM) if number == 0 else rest + block
        end = data.rfind(b"\n") + 1
        lines, rest = data[:end], data[end:]
        if len(rest) > LINE_LIMIT:
            raise _UnsupportedJsonError(f"a line of more than {LINE_LIMIT:,} bytes")
        if lines:
            yield lines
    if rest:
        yield rest


def _parse_block(block: bytes, dtypes: ArrowTypes) -> pa.Table:
    """Return the table in a block of JSON lines; widen the column types in `dtypes` to fit it."""
    text = block.decode()
    # pyarrow parses recursively, so deep nesting would overflow the stack.
    if _max_depth(block) > MAX_JSON_DEPTH and any(map(is_too_deep, text.splitlines())):
        raise _UnsupportedJsonError("deeply nested brackets")
    if b"null" in block and _NULL_LINE.search(b"\n" + block):  # would crash pyarrow
        raise _UnsupportedJsonError("a line that is null")
    # Declare columns that are known to be text; parse columns again that are inferred as dates.
    texts = {name: dtype for name, dtype in dtypes.items() if _is_text(dtype)}
    table = _parse(block, texts)
    found = {field.name: field.type for field in table.schema}
    dates = {name: _date_to_text(dtype) for name, dtype in found.items() if _is_date(dtype)}
    if dates:
        table = _parse(block, texts | dates)
    if table.num_rows != _count_lines(block):
        raise _UnsupportedJsonError("a line of several objects, or an object of several lines")
    for name in found:  # in the order of the file; those of `texts` come first in the table
        dtypes[name] = _common_type(dtypes.get(name, pa.null()), table.schema.field(name).type)
    return table


def _count_lines(block: bytes) -> int:
    """Return the number of lines that are not empty."""
    if b"\n\n" in block or b"\n\r" in block or block[:1].isspace():
        return sum(1 for line in block.split(b"\n") if line.strip())
    return block.count(b"\n") + (not block.endswith(b"\n"))


def _parse(block: bytes, known: ArrowTypes) -> pa.Table:
    return pajson.read_json(
        io.BytesIO(block),
        read_options=pajson.ReadOptions(use_threads=False, block_size=len(block) + 1),
        parse_options=pajson.ParseOptions(explicit_schema=pa.schema(list(known.items()))),
    )


def _max_depth(block: bytes) -> int:
    """Return an upper bound of the nesting depth, also counting brackets in strings; 0 if low."""
    if block.count(b"[") + block.count(b"{") - block.count(b"\n") < MAX_JSON_DEPTH:
        return 0
    steps = _DEPTH_CHANGES[np.frombuffer(block, np.uint8)]
    return int(np.cumsum(steps[steps != 0], dtype=np.int64).max(initial=0))


def _common_type(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """Return the type that can hold the values of both types."""
    if one == other or types.is_null(other):
        return one
    if types.is_null(one):
        return other
    if types.is_list(one) and types.is_list(other):
        return pa.list_(_common_type(one.value_type, other.value_type))
    if {one, other} == {pa.int64(), pa.float64()}:
        return pa.float64()
    if types.is_struct(one) and types.is_struct(other):
        return one
    raise _UnsupportedJsonError(f"{one} and {other} in one column")


def _is_text(dtype: pa.DataType) -> bool:
    return bool(types.is_string(dtype) or (types.is_list(dtype) and _is_text(dtype.value_type)))


def _is_date(dtype: pa.DataType) -> bool:
    return bool(types.is_timestamp(dtype) or (types.is_list(dtype) and _is_date(dtype.value_type)))


def _date_to_text(dtype: pa.DataType) -> pa.DataType:
    return pa.list_(_date_to_text(dtype.value_type)) if types.is_list(dtype) else pa.string()


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the rows with all columns of the schema; columns that the table lacks are null."""
    names = set(table.column_names)
    columns = [
        table[field.name].cast(field.type)
        if field.name in names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
