"""Computes the decompressed size of Arrow IPC messages from their metadata.

Why: pyarrow only knows the size after decompressing a message.

Source: Message.fbs and Schema.fbs of https://github.com/apache/arrow, encoded as described in
https://flatbuffers.dev/internals.
"""

from __future__ import annotations

import struct
from typing import Any

DICTIONARY_BATCH, RECORD_BATCH = 2, 3  # message types that have a body
_PREFIX = struct.Struct("<q")
_BUFFER = struct.Struct("<qq")


def uncompressed_size(metadata: bytes, body: Any) -> int:
    """Return the total decompressed size of all buffers of an Arrow IPC message, in bytes.

    `metadata` is a flatbuffer that pyarrow has verified; `body` is a pyarrow buffer or None.

    Raises:
        ValueError: if `metadata` and `body` don't match.
    """
    try:
        message = _FlatbufferTable(metadata, _FlatbufferTable.root(metadata))
        message_type, header = message.byte(1), message.table(2)
        if header is not None and message_type == DICTIONARY_BATCH:
            header = header.table(1)
        if header is None or message_type not in (DICTIONARY_BATCH, RECORD_BATCH):
            return 0
        if header.table(3) is None:  # field 3 is BodyCompression
            return body.size if body is not None else 0
        return sum(_buffer_size(body, *location) for location in header.buffers(2))
    except (struct.error, IndexError) as error:
        raise ValueError("an inconsistent message") from error


def _buffer_size(body: Any, offset: int, length: int) -> int:
    """Return the decompressed size of the buffer of `length` bytes at `offset` in a message body.

    The first 8 bytes of the buffer state this size, or -1 if the buffer is not compressed.
    """
    if not length:
        return 0
    (size,) = _PREFIX.unpack(body[offset : offset + 8].to_pybytes())
    return length - 8 if size == -1 else abs(int(size))


class _FlatbufferTable:
    """A flatbuffer "table", an object with fields; methods take a field's index in the schema."""

    def __init__(self, data: bytes, offset: int) -> None:
        self._data, self._offset = data, offset
        self._vtable = offset - self._int("<i", offset)

    @staticmethod
    def root(data: bytes) -> int:
        return int(struct.unpack_from("<I", data, 0)[0])

    def byte(self, field: int) -> int:
        offset = self._field_offset(field)
        return self._data[offset] if offset else 0

    def table(self, field: int) -> _FlatbufferTable | None:
        offset = self._field_offset(field)
        if not offset:
            return None
        return _FlatbufferTable(self._data, offset + self._int("<I", offset))

    def buffers(self, field: int) -> list[tuple[int, int]]:
        """Return the (offset, length) pairs of a field that is a vector of buffer locations."""
        offset = self._field_offset(field)
        if not offset:
            return []
        start = offset + self._int("<I", offset)
        count = self._int("<I", start)
        pairs = self._data[start + 4 : start + 4 + count * _BUFFER.size]
        return [(int(begin), int(length)) for begin, length in _BUFFER.iter_unpack(pairs)]

    def _field_offset(self, field: int) -> int:
        """Return the offset of a field's value in the flatbuffer, 0 if the field is absent."""
        entry = 4 + 2 * field
        if entry >= self._int("<H", self._vtable):
            return 0
        offset = self._int("<H", self._vtable + entry)
        return self._offset + offset if offset else 0

    def _int(self, fmt: str, offset: int) -> int:
        return int(struct.unpack_from(fmt, self._data, offset)[0])
