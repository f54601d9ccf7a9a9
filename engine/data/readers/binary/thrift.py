"""Parser of Thrift's compact protocol that is safe for malformed input.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
Why: some damaged Parquet footers crash pyarrow 26 and the process, so this parser validates
footers first.
"""

from __future__ import annotations

import struct
from typing import Any

MAX_THRIFT_DEPTH = 16  # the maximum depth of nested structs and lists
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = (4, 5, 6)  # integers of 16, 32 and 64 bits

ThriftStruct = dict[int, Any]


def read_struct(data: bytes) -> ThriftStruct:
    """Return a mapping from field numbers to the values of a struct; nested structs are dicts.

    Raises:
        ValueError: if the bytes are malformed.
    """
    try:
        return _Reader(data).struct(0)
    except (IndexError, struct.error, MemoryError) as error:
        raise ValueError("the bytes end too soon") from error


class _Reader:
    """A cursor over bytes; each method reads one value and moves the cursor behind the value."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def struct(self, depth: int) -> ThriftStruct:
        if depth > MAX_THRIFT_DEPTH:
            raise ValueError("structs nested too deeply")
        fields: ThriftStruct = {}
        number = 0
        # A field header has the type and the increase of the field number; 0: the number follows.
        while header := self._byte():
            number = number + (header >> 4) if header >> 4 else self._signed()
            type_id = header & 15
            is_bool = type_id in (_TRUE, _FALSE)
            fields[number] = type_id == _TRUE if is_bool else self._value(type_id, depth)
        return fields

    def _value(self, type_id: int, depth: int) -> Any:
        if type_id in _INTEGERS:
            return self._signed()
        if type_id == _BINARY:
            return self._read(self._unsigned())
        if type_id == _STRUCT:
            return self.struct(depth + 1)
        if type_id in (_LIST, _SET):
            return self._list(depth + 1)
        if type_id in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if type_id == _DOUBLE:
            return struct.unpack("<d", self._read(8))[0]
        if type_id == _MAP:
            return self._map(depth + 1)
        raise ValueError(f"a value of type {type_id}")

    def _list(self, depth: int) -> list[Any]:
        if depth > MAX_THRIFT_DEPTH:
            raise ValueError("lists nested too deeply")
        header = self._byte()
        size = self._check_size(header >> 4 if header >> 4 < 15 else self._unsigned())
        return [self._value(header & 15, depth) for _ in range(size)]

    def _map(self, depth: int) -> list[tuple[Any, Any]]:
        size = self._check_size(self._unsigned())
        type_ids = self._byte() if size else 0
        return [
            (self._value(type_ids >> 4, depth), self._value(type_ids & 15, depth))
            for _ in range(size)
        ]

    def _check_size(self, size: int) -> int:
        """Return `size`, a number of items; raise an error if fewer than `size` bytes are left."""
        if size > len(self._data) - self._position:
            raise ValueError("more items than bytes")
        return size

    def _byte(self) -> int:
        self._position += 1
        return self._data[self._position - 1]

    def _read(self, size: int) -> bytes:
        data = self._data[self._position : self._position + size]
        if len(data) != size:
            raise ValueError("the bytes end too soon")
        self._position += size
        return data

    def _unsigned(self) -> int:
        """Read an unsigned integer of variable length (ULEB128)."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("a number of more than 64 bits")

    def _signed(self) -> int:
        """Read a signed integer of variable length (zigzag encoding)."""
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
