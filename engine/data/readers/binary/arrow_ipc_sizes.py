"""How much memory an Arrow message unpacks to, read off the message itself.

Source: Message.fbs and Schema.fbs of https://github.com/apache/arrow, in the encoding of
https://flatbuffers.dev/internals. pyarrow has no way to ask before it unpacks.
"""

from __future__ import annotations

import struct
from typing import Any

DICTIONARY, BATCH = 2, 3  # the kinds of message that have a body
_PREFIX = struct.Struct("<q")
_BUFFER = struct.Struct("<qq")


def unpacked_size(metadata: bytes, body: Any) -> int:
    """Return how many bytes a message's buffers take once they are unpacked.

    Args:
        metadata: a flatbuffer that pyarrow has verified.
        body: of the message, a buffer of pyarrow or None.

    Raises:
        ValueError: if the two do not agree.
    """
    try:
        message = _Table(metadata, _Table.root(metadata))
        kind, header = message.byte(1), message.table(2)
        if header is not None and kind == DICTIONARY:
            header = header.table(1)
        if header is None or kind not in (DICTIONARY, BATCH):
            return 0
        if header.table(3) is None:  # not packed
            return body.size if body is not None else 0
        return sum(_of_buffer(body, *place) for place in header.buffers(2))
    except (struct.error, IndexError) as error:
        raise ValueError("a message whose parts do not agree") from error


def _of_buffer(body: Any, offset: int, length: int) -> int:
    """Return the size that stands before a packed buffer; -1 says that it is not packed."""
    if not length:
        return 0
    (size,) = _PREFIX.unpack(body[offset : offset + 8].to_pybytes())
    return length - 8 if size == -1 else abs(int(size))


class _Table:
    """One table of a flatbuffer: where it stands, and where its fields are."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        self._fields = at - self._int("<i", at)

    @staticmethod
    def root(data: bytes) -> int:
        return int(struct.unpack_from("<I", data, 0)[0])

    def byte(self, field: int) -> int:
        place = self._place(field)
        return self._data[place] if place else 0

    def table(self, field: int) -> _Table | None:
        place = self._place(field)
        return _Table(self._data, place + self._int("<I", place)) if place else None

    def buffers(self, field: int) -> list[tuple[int, int]]:
        """Return a vector of (offset, length)."""
        place = self._place(field)
        if not place:
            return []
        start = place + self._int("<I", place)
        count = self._int("<I", start)
        pairs = self._data[start + 4 : start + 4 + count * _BUFFER.size]
        return [(int(offset), int(length)) for offset, length in _BUFFER.iter_unpack(pairs)]

    def _place(self, field: int) -> int:
        """Return where a field's value stands, 0 if it is left out."""
        entry = 4 + 2 * field
        if entry >= self._int("<H", self._fields):
            return 0
        offset = self._int("<H", self._fields + entry)
        return self._at + offset if offset else 0

    def _int(self, form: str, at: int) -> int:
        return int(struct.unpack_from(form, self._data, at)[0])
