"""Detects the character encoding of text files, and converts them to UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain

import numpy as np

BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
CHARSET_SAMPLE_SIZE = 2**18  # the number of bytes from which an encoding is detected
BYTE_ORDER_MARK = "\ufeff"
_SHARP_S = 0xDF  # the letter ß in cp1252
_NON_ASCII = re.compile(rb"[\x80-\xff]")


class Utf8Converter:
    """Converts the blocks of a text file to UTF-8 without a byte order mark.

    Files in UTF-8 are not validated here because pyarrow validates each cell.

    Args:
        given: the encoding; None detects it from a byte order mark, or else from the first block
            that contains non-ASCII bytes.
    """

    def __init__(self, given: str | None = None) -> None:
        self.encoding = given or "utf-8"
        self._is_known = given is not None

    def convert(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the blocks as UTF-8.

        Raises:
            UnicodeDecodeError: for bytes that are invalid in the encoding.
        """
        first = next(blocks, b"")
        if not self._is_known:
            self.encoding = _detect_from_start(first)
            self._is_known = first.startswith(codecs.BOM_UTF8)
        if self.encoding != "utf-8":
            yield from _transcode(first, blocks, self.encoding)
            return
        block: bytes | None = first.removeprefix(codecs.BOM_UTF8)
        while block is not None:
            if not self._is_known and not block.isascii():
                self.encoding, self._is_known = _detect_from_non_ascii(block), True
                # The previous blocks were ASCII, which has the same bytes in both encodings.
                if self.encoding != "utf-8":
                    yield from _transcode(block, blocks, self.encoding)
                    return
            yield block
            block = next(blocks, None)


def _transcode(first: bytes, blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Convert blocks to UTF-8 and yield them, starting with `first`."""
    texts = codecs.iterdecode(chain((first,), blocks), encoding)
    yield next(texts, "").removeprefix(BYTE_ORDER_MARK).encode()
    for text in texts:
        yield text.encode()


def _detect_from_start(head: bytes) -> str:
    """Return the encoding that a byte order mark or zero bytes indicate, else "utf-8"."""
    for mark, name in BOMS.items():
        if head.startswith(mark):
            return name
    return _detect_utf16(head[:CHARSET_SAMPLE_SIZE]) or "utf-8"


def _detect_utf16(head: bytes) -> str:
    """Return a UTF-16 encoding if about every other byte is 0, as in Western text, else ""."""
    if b"\0" not in head:
        return ""
    zeros = np.frombuffer(head[: len(head) // 2 * 2], np.uint8).reshape(-1, 2) == 0
    even, odd = zeros.mean(axis=0) if len(zeros) else (0.0, 0.0)
    if max(even, odd) < 0.4 or min(even, odd) > 0.05:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _detect_from_non_ascii(block: bytes) -> str:
    """Return the encoding of a block that contains non-ASCII bytes: "utf-8" or "cp1252".

    If any non-ASCII character can be decoded as UTF-8, the result is "utf-8", even if other bytes
    are damaged. Otherwise, it is "cp1252" if cp1252 defines all bytes and at most a quarter of the
    non-ASCII bytes directly follow another one, not counting ß as in "Größe". If not, the text has
    another alphabet. The result is then "utf-8", which makes decoding fail.
    """
    match = _NON_ASCII.search(block)
    head = block[match.start() :][:CHARSET_SAMPLE_SIZE] if match else b""
    if _is_utf8(head) or any(ord(char) > 127 for char in head.decode("utf-8", "ignore")):
        return "utf-8"
    values = np.frombuffer(head, np.uint8)
    indices = np.flatnonzero(values >= 128)
    adjacent = int(((np.diff(indices) == 1) & (values[indices[1:]] != _SHARP_S)).sum())
    try:
        head.decode("cp1252")
    except UnicodeDecodeError:
        return "utf-8"
    return "cp1252" if 4 * adjacent <= len(indices) else "utf-8"


def _is_utf8(head: bytes) -> bool:
    """Return whether the bytes are valid UTF-8; the last character may be truncated."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
