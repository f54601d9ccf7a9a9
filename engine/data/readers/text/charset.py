"""How the bytes of a text become signs: told by a mark at the start, or by what the bytes are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

import numpy as np

BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SAMPLE = 2**18
MARK = "\ufeff"
_SHARP_S = 0xDF  # of cp1252
_HIGH = re.compile(rb"[\x80-\xff]")


class Decoder:
    """Turns the blocks of a text into blocks of UTF-8, without a mark at the start.

    UTF-8 itself is handed through unchecked: pyarrow checks it cell by cell.

    Args:
        given: the encoding; None looks for a mark, and else at the first bytes that are no ASCII,
            wherever they are.
    """

    def __init__(self, given: str | None = None) -> None:
        self.encoding = given or "utf-8"
        self._given = given is not None

    def utf8(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the blocks.

        Raises:
            UnicodeDecodeError: for bytes that the encoding does not have.
        """
        first = next(parts, b"")
        if not self._given:
            self.encoding = _at_start(first)
            self._given = first.startswith(codecs.BOM_UTF8)
        if self.encoding != "utf-8":
            yield from _recoded(first, parts, self.encoding)
            return
        part: bytes | None = first.removeprefix(codecs.BOM_UTF8)
        while part is not None:
            if not self._given and not part.isascii():
                self.encoding, self._given = _of_signs(part), True
                if self.encoding != "utf-8":  # all before was ASCII, which is the same in both
                    yield from _recoded(part, parts, self.encoding)
                    return
            yield part
            part = next(parts, None)


def _recoded(first: bytes, parts: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    yield decoder.decode(first).removeprefix(MARK).encode()
    for part in parts:
        yield decoder.decode(part).encode()
    yield decoder.decode(b"", final=True).encode()


def decoded(parts: Iterator[bytes], encoding: str) -> Iterator[str]:
    """Yield a text's blocks as Python's text.

    Raises:
        UnicodeDecodeError: for bytes that the encoding does not have, and for half a sign at the
            end.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    for part in parts:
        yield decoder.decode(part)
    yield decoder.decode(b"", final=True)


def _at_start(head: bytes) -> str:
    """Return the encoding that a mark or zero bytes tell, else UTF-8."""
    for mark, name in BOMS.items():
        if head.startswith(mark):
            return name
    return _wide(head[:SAMPLE]) or "utf-8"


def _wide(head: bytes) -> str:
    """Return which UTF-16 it is where every other byte is zero, as in most of its text."""
    if b"\0" not in head:
        return ""
    zeros = np.frombuffer(head[: len(head) // 2 * 2], np.uint8).reshape(-1, 2) == 0
    first, second = zeros.mean(axis=0) if len(zeros) else (0.0, 0.0)
    if max(first, second) < 0.4 or min(first, second) > 0.05:
        return ""
    return "utf-16-le" if second > first else "utf-16-be"


def _of_signs(block: bytes) -> str:
    """Return the encoding of a block with bytes beyond ASCII: UTF-8, or western with one each.

    Why: a sign of several bytes means UTF-8, though it may be damaged, and accents that stand
    side by side mean another alphabet, at which nobody should guess. Only the ß stands beside
    accents, as in "Größe".
    """
    high = _HIGH.search(block)
    head = block[high.start() :][:SAMPLE] if high else b""
    if _fits_utf8(head) or any(ord(sign) > 127 for sign in head.decode("utf-8", "ignore")):
        return "utf-8"
    signs = np.frombuffer(head, np.uint8)
    places = np.flatnonzero(signs >= 128)
    beside = int(((np.diff(places) == 1) & (signs[places[1:]] != _SHARP_S)).sum())
    try:
        head.decode("cp1252")
    except UnicodeDecodeError:
        return "utf-8"
    return "cp1252" if 4 * beside <= len(places) else "utf-8"


def _fits_utf8(head: bytes) -> bool:
    """Return whether the bytes are UTF-8, the last sign maybe cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
