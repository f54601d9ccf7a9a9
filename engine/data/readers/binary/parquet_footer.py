"""What the footer of a Parquet file says about its columns, before pyarrow sees the file.

Source: parquet.thrift of https://github.com/apache/parquet-format.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engine.data.readers.binary.thrift import Struct, read_struct

MAGIC = b"PAR1"
LIMIT = 2**26
BYTE_ARRAY = 6
DELTA_BYTE_ARRAY = 7
_WIDTHS = {0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8}  # bytes of a value, by physical type
_SCHEMA, _GROUPS = 2, 4  # fields of FileMetaData
_CHILDREN = 5  # of SchemaElement: how many columns are within
_COLUMNS = 1  # of RowGroup
_META = 3  # of ColumnChunk
_KIND, _ENCODINGS, _PATH, _VALUES, _SIZE = 1, 2, 3, 5, 6  # of ColumnMetaData
_DATA_AT, _DICTIONARY_AT = 9, 11  # where its pages start
_PAGE, _PAGE_SIZE = 1, 2  # of PageHeader
DICTIONARY_PAGE = 2
_IN_DICTIONARY = {2, 8}  # encodings: PLAIN_DICTIONARY, RLE_DICTIONARY
_HEADER = 1_024  # bytes that hold a page's header
_PLACE, _PAGES = 8, 2**16  # bytes that a place in a dictionary takes at most, and all headers


@dataclass(frozen=True, slots=True)
class Part:
    """One column of one row group.

    Args:
        path: of the column, its parts joined by points.
        kind: the physical type's number.
        values: how many, nulls and items of lists included.
        size: bytes that its pages unpack to.
        encodings: their numbers.
        dictionary: bytes of the dictionary that its values are looked up in, 0 if there is none;
            no value takes more.
    """

    path: str
    kind: int
    values: int
    size: int
    encodings: Sequence[int]
    dictionary: int

    @property
    def bytes(self) -> int:
        """How much memory the values take at least."""
        return max(self.values * _WIDTHS.get(self.kind, 8), self.size)

    @property
    def indexed(self) -> bool:
        """Return whether all of its texts stand in the dictionary, and its pages only say where.

        Where a dictionary grows too long, writers put the texts that follow as they are.
        """
        return self.size - self.dictionary <= _PLACE * self.values + _PAGES


def read_parts(path: Path) -> list[Part]:
    """Return all columns of all row groups.

    Raises:
        ValueError: if the footer is damaged.
    """
    try:
        with path.open("rb") as file:
            return _parts(read_struct(_footer(file)), file)
    except TypeError as error:
        raise ValueError("a list where there is none") from error


def _parts(fields: Struct, file: IO[bytes]) -> list[Part]:
    schema, groups = _list(fields, _SCHEMA), _list(fields, _GROUPS)
    leaves = sum(1 for element in schema if not element.get(_CHILDREN))
    parts = []
    for group in groups:
        columns = _list(group, _COLUMNS)
        if len(columns) != leaves:
            raise ValueError("a row group with other columns than the schema")
        parts += [_part(column, file) for column in columns]
    return parts


def _footer(file: IO[bytes]) -> bytes:
    start = file.read(len(MAGIC))
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 8))
    end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if start != MAGIC or end[4:] != MAGIC or length > size - 12:
        raise ValueError("other bytes at the start or the end")
    if length > LIMIT:
        raise ValueError(f"a footer of {length:,} bytes")
    file.seek(size - 8 - length)
    return file.read(length)


def _part(column: Struct, file: IO[bytes]) -> Part:
    meta = column.get(_META)
    if not isinstance(meta, dict):
        raise ValueError("a column without a description, as in an encrypted file")  # noqa: TRY004
    kind, values, size = (_whole(meta, field) for field in (_KIND, _VALUES, _SIZE))
    names = [bytes(name).decode() for name in meta.get(_PATH, [])]
    encodings = [int(encoding) for encoding in meta.get(_ENCODINGS, [])]
    looked_up = kind == BYTE_ARRAY and bool(_IN_DICTIONARY.intersection(encodings))
    dictionary = _dictionary(meta, file, size) if looked_up else 0
    return Part(".".join(names), kind, values, size, encodings, dictionary)


def _dictionary(meta: Struct, file: IO[bytes], most: int) -> int:
    """Return what a dictionary unpacks to, by the header of its page; `most` if there is none."""
    file.seek(meta.get(_DICTIONARY_AT) or _whole(meta, _DATA_AT))
    header = read_struct(file.read(_HEADER))
    size = _whole(header, _PAGE_SIZE)
    return max(1, size if header.get(_PAGE) == DICTIONARY_PAGE else most)


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
