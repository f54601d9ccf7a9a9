"""Looks at the quotes of a CSV while it is read, since pyarrow takes them in any place."""

from __future__ import annotations

import numpy as np

QUOTE = ord('"')
PIECE = 2**18  # what stays in the processor's cache
_ENDS = b'\r\n"'


class Quotes:
    """Counts quotes, and checks that each opens a cell, closes one, or is one of a pair within.

    The first of two quotes opens: before it stands a delimiter, a line's end or, inside a cell, the
    other one of a pair. The second closes: after it stands one of these.

    Args:
        delimiter: the sign between cells.
    """

    def __init__(self, delimiter: str) -> None:
        self.sound = True
        self._beside = np.zeros(256, bool)
        self._beside[list(_ENDS + delimiter.encode())] = True
        self._open = False
        self._last = b"\n"  # held back, until it is known what follows

    def look(self, block: bytes) -> None:
        """Take the next bytes."""
        if QUOTE not in block and self._last[-1] != QUOTE:
            self._last = block[-1:] or self._last
            return
        for start in range(0, len(block), PIECE):
            self._take(block[start : start + PIECE])

    def end(self) -> None:
        """Take note that no bytes follow."""
        if self._last[-1] == QUOTE:
            self._check(np.frombuffer(self._last + b"\n", np.uint8))
        self.sound = self.sound and not self._open

    def _take(self, piece: bytes) -> None:
        signs = np.frombuffer(self._last + piece, np.uint8)
        self._check(signs)
        self._last = signs[-2:].tobytes()

    def _check(self, signs: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> None:
        """Check all signs but the first and the last, which only stand beside others."""
        at = np.flatnonzero(signs[1:-1] == QUOTE) + 1
        opening, closing = at[int(self._open) :: 2], at[int(not self._open) :: 2]
        fits = self._beside[signs[opening - 1]].all() and self._beside[signs[closing + 1]].all()
        self.sound = self.sound and bool(fits)
        self._open ^= len(at) % 2 == 1
