"""Reads Thrift's compact protocol into plain Python, trusting nothing that it says.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
Why: pyarrow ends the whole process over some damaged Parquet footers (Arrow 26), so they are looked
at before it sees them.
"""

from __future__ import annotations

import struct
from typing import Any

DEPTH = 16
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_WHOLE = (4, 5, 6)  # of 16, 32 and 64 bits

Struct = dict[int, Any]


def read_struct(data: bytes) -> Struct:
    """Return a struct's fields by their numbers; structs within it likewise, lists as lists.

    Raises:
        ValueError: if the bytes are no such thing.
    """
    try:
        return _Reader(data).struct(0)
    except (IndexError, struct.error, MemoryError) as error:
        raise ValueError("the bytes end too soon") from error


class _Reader:
    """A place in some bytes, moved on by what is read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self, depth: int) -> Struct:
        if depth > DEPTH:
            raise ValueError("structs within structs, too deep")
        fields: Struct = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._signed()
            kind = head & 15
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in _WHOLE:
            return self._signed()
        if kind == _BINARY:
            return self._take(self._unsigned())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth + 1)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind == _DOUBLE:
            return struct.unpack("<d", self._take(8))[0]
        if kind == _MAP:
            return self._map(depth + 1)
        raise ValueError(f"a value of kind {kind}")

    def _list(self, depth: int) -> list[Any]:
        if depth > DEPTH:
            raise ValueError("lists within lists, too deep")
        head = self._byte()
        size = self._sized(head >> 4 if head >> 4 < 15 else self._unsigned())
        return [self._value(head & 15, depth) for _ in range(size)]

    def _map(self, depth: int) -> list[tuple[Any, Any]]:
        size = self._sized(self._unsigned())
        kinds = self._byte() if size else 0
        return [
            (self._value(kinds >> 4, depth), self._value(kinds & 15, depth)) for _ in range(size)
        ]

    def _sized(self, size: int) -> int:
        """Return a number of items, each of which takes a byte at least."""
        if size > len(self._data) - self._at:
            raise ValueError("more items than bytes")
        return size

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise ValueError("the bytes end too soon")
        self._at += size
        return part

    def _unsigned(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("a number of more than 64 bits")

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
