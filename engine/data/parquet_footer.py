"""What the footer of a Parquet file says about its columns, before pyarrow sees the file.

Source: parquet.thrift of https://github.com/apache/parquet-format.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.data.thrift import Struct, read_struct

MAGIC = b"PAR1"
LIMIT = 2**26
BYTE_ARRAY = 6
DELTA_BYTE_ARRAY = 7
_WIDTHS = {0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8}  # bytes of a value, by physical type
_SCHEMA, _GROUPS = 2, 4  # fields of FileMetaData
_CHILDREN = 5  # of SchemaElement: how many columns are within
_COLUMNS = 1  # of RowGroup
_META = 3  # of ColumnChunk
_KIND, _ENCODINGS, _PATH, _VALUES, _SIZE, _DICTIONARY = 1, 2, 3, 5, 6, 11  # of ColumnMetaData


@dataclass(frozen=True, slots=True)
class Part:
    """One column of one row group.

    Args:
        path: of the column, its parts joined by points.
        kind: the physical type's number.
        values: how many, nulls and items of lists included.
        size: bytes that its pages unpack to.
        encodings: their numbers.
        dictionary: True if its values are kept in a dictionary, at least in part.
    """

    path: str
    kind: int
    values: int
    size: int
    encodings: Sequence[int]
    dictionary: bool

    @property
    def bytes(self) -> int:
        """How much memory the values take at least."""
        return max(self.values * _WIDTHS.get(self.kind, 8), self.size)


def read_parts(path: Path) -> list[Part]:
    """Answer all columns of all row groups.

    Raises:
        ValueError: if the footer is damaged.
    """
    try:
        return _parts(read_struct(_footer(path)))
    except TypeError as error:
        raise ValueError("a list where there is none") from error


def _parts(fields: Struct) -> list[Part]:
    schema, groups = _list(fields, _SCHEMA), _list(fields, _GROUPS)
    leaves = sum(1 for element in schema if not element.get(_CHILDREN))
    parts = []
    for group in groups:
        columns = _list(group, _COLUMNS)
        if len(columns) != leaves:
            raise ValueError("a row group with other columns than the schema")
        parts += [_part(column) for column in columns]
    return parts


def _footer(path: Path) -> bytes:
    with path.open("rb") as file:
        size = path.stat().st_size
        start = file.read(len(MAGIC))
        file.seek(max(0, size - 8))
        end = file.read(8)
        length = int.from_bytes(end[:4], "little")
        if start != MAGIC or end[4:] != MAGIC or length > size - 12:
            raise ValueError("other bytes at the start or the end")
        if length > LIMIT:
            raise ValueError(f"a footer of {length:,} bytes")
        file.seek(size - 8 - length)
        return file.read(length)


def _part(column: Struct) -> Part:
    meta = column.get(_META)
    if not isinstance(meta, dict):
        raise ValueError("a column without a description, as in an encrypted file")  # noqa: TRY004
    kind, values, size = (_whole(meta, field) for field in (_KIND, _VALUES, _SIZE))
    names = [bytes(name).decode() for name in meta.get(_PATH, [])]
    encodings = [int(encoding) for encoding in meta.get(_ENCODINGS, [])]
    return Part(".".join(names), kind, values, size, encodings, _DICTIONARY in meta)


def _list(fields: Struct, number: int) -> list[Any]:
    found = fields.get(number, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError(f"field {number} of the footer")
    return found


def _whole(fields: Struct, number: int) -> int:
    found = fields.get(number)
    if not isinstance(found, int) or found < 0:
        raise ValueError(f"field {number} of a column")
    return found
