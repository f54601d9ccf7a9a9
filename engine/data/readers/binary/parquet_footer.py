"""Parser of the footer of Parquet files, which validates sizes before pyarrow reads the footer.

Source: parquet.thrift of https://github.com/apache/parquet-format.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engine.data.readers.binary.thrift import ThriftStruct, read_struct

PARQUET_MAGIC = b"PAR1"
MAX_FOOTER_BYTES = 2**26  # the maximum size of a footer
BYTE_ARRAY = 6
DELTA_BYTE_ARRAY = 7
_WIDTHS = {0: 1, 1: 4, 2: 8, 3: 12, 4: 4, 5: 8}  # from the physical type to the bytes of a value
# The numbers of Thrift fields.
_SCHEMA, _GROUPS = 2, 4  # of FileMetaData
_CHILDREN = 5  # of SchemaElement: the number of children
_COLUMNS = 1  # of RowGroup
_META = 3  # of ColumnChunk
_TYPE, _ENCODINGS, _PATH, _VALUES, _SIZE = 1, 2, 3, 5, 6  # of ColumnMetaData
_DATA_OFFSET, _DICTIONARY_OFFSET = 9, 11  # of ColumnMetaData: the offsets of pages
_PAGE_TYPE, _PAGE_SIZE = 1, 2  # of PageHeader
DICTIONARY_PAGE = 2
_DICTIONARY_ENCODINGS = {2, 8}  # PLAIN_DICTIONARY, RLE_DICTIONARY
_PAGE_HEADER_SIZE = 1_024  # the bytes that are read to parse a page header
_INDEX_SIZE, _HEADERS_SIZE = 8, 2**16  # the maximum bytes of a dictionary index, and of all headers


@dataclass(frozen=True, slots=True)
class ColumnChunk:
    """The metadata of a column chunk, which holds the values of one column in one row group.

    Args:
        path: the path of the column in the schema, such as "list.item".
        physical_type: the number of the physical type.
        value_count: the number of values, including nulls and the items of lists.
        uncompressed_size: the uncompressed size of the pages in bytes.
        encodings: the numbers of the encodings.
        dictionary_size: the size of the dictionary in bytes, 0 if there is none. No single value in
            the dictionary is larger than this size.
    """

    path: str
    physical_type: int
    value_count: int
    uncompressed_size: int
    encodings: Sequence[int]
    dictionary_size: int

    @property
    def min_memory_bytes(self) -> int:
        """The minimum number of bytes that the values take in memory."""
        return max(self.value_count * _WIDTHS.get(self.physical_type, 8), self.uncompressed_size)

    @property
    def is_dictionary_encoded(self) -> bool:
        """True if all values are dictionary-encoded, so that the pages contain only indices.

        If a dictionary would become too large, writers store the remaining values without it.
        """
        data_size = self.uncompressed_size - self.dictionary_size
        return data_size <= _INDEX_SIZE * self.value_count + _HEADERS_SIZE


def read_column_chunks(path: Path) -> list[ColumnChunk]:
    """Return the column chunks of all row groups.

    Raises:
        ValueError: if the footer is damaged.
    """
    try:
        with path.open("rb") as file:
            return _column_chunks(read_struct(_read_footer(file)), file)
    except TypeError as error:
        raise ValueError("a list where another type is expected") from error


def _column_chunks(fields: ThriftStruct, file: IO[bytes]) -> list[ColumnChunk]:
    schema, groups = _struct_list(fields, _SCHEMA), _struct_list(fields, _GROUPS)
    leaf_count = sum(1 for element in schema if not element.get(_CHILDREN))
    chunks = []
    for group in groups:
        columns = _struct_list(group, _COLUMNS)
        if len(columns) != leaf_count:
            raise ValueError("a row group whose columns differ from the schema")
        chunks += [_column_chunk(column, file) for column in columns]
    return chunks


def _read_footer(file: IO[bytes]) -> bytes:
    start = file.read(len(PARQUET_MAGIC))
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 8))
    end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if start != PARQUET_MAGIC or end[4:] != PARQUET_MAGIC or length > size - 12:
        raise ValueError("no magic number at the start or the end")
    if length > MAX_FOOTER_BYTES:
        raise ValueError(f"a footer of {length:,} bytes")
    file.seek(size - 8 - length)
    return file.read(length)


def _column_chunk(column: ThriftStruct, file: IO[bytes]) -> ColumnChunk:
    meta = column.get(_META)
    if not isinstance(meta, dict):
        raise ValueError("a column without metadata, as in an encrypted file")  # noqa: TRY004
    physical_type, value_count, size = (_integer(meta, field) for field in (_TYPE, _VALUES, _SIZE))
    names = [bytes(name).decode() for name in meta.get(_PATH, [])]
    encodings = [int(encoding) for encoding in meta.get(_ENCODINGS, [])]
    dictionary_size = 0
    if physical_type == BYTE_ARRAY and _DICTIONARY_ENCODINGS.intersection(encodings):
        dictionary_size = _dictionary_size(meta, file, size)
    path = ".".join(names)
    return ColumnChunk(path, physical_type, value_count, size, encodings, dictionary_size)


def _dictionary_size(meta: ThriftStruct, file: IO[bytes], default: int) -> int:
    """Return the uncompressed size of the dictionary page of a column chunk, or else `default`."""
    file.seek(meta.get(_DICTIONARY_OFFSET) or _integer(meta, _DATA_OFFSET))
    header = read_struct(file.read(_PAGE_HEADER_SIZE))
    size = _integer(header, _PAGE_SIZE)
    return max(1, size if header.get(_PAGE_TYPE) == DICTIONARY_PAGE else default)


def _struct_list(fields: ThriftStruct, number: int) -> list[Any]:
    value = fields.get(number, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(f"invalid field {number} of the footer")
    return value


def _integer(fields: ThriftStruct, number: int) -> int:
    value = fields.get(number)
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"invalid field {number} of a column")
    return value
