"""Validates quotes in CSV files because pyarrow accepts quotes in any position."""

from __future__ import annotations

import numpy as np

QUOTE_BYTE = ord('"')
PIECE_SIZE = 2**18  # the bytes that are checked at a time; they fit into the CPU cache
_BOUNDARIES = b'\r\n"'


class QuoteChecker:
    """Checks, block by block, that each quote opens or closes a cell, or is part of a pair ("").

    Quotes are alternately opening and closing quotes; a pair counts as a closing and an opening
    quote. Before each opening quote and after each closing quote, there must be a delimiter, a line
    end or a quote. `is_valid` is the result.
    """

    def __init__(self, delimiter: str) -> None:
        self.is_valid = True
        self._is_boundary = np.zeros(256, bool)
        self._is_boundary[list(_BOUNDARIES + delimiter.encode())] = True
        self._is_open = False
        self._tail = b"\n"  # the last bytes, whose next byte is not known yet

    def check_block(self, block: bytes) -> None:
        """Check the quotes in the next block; set `is_valid` to False if a quote is misplaced."""
        if QUOTE_BYTE not in block and self._tail[-1] != QUOTE_BYTE:
            self._tail = block[-1:] or self._tail
            return
        for start in range(0, len(block), PIECE_SIZE):
            data = np.frombuffer(self._tail + block[start : start + PIECE_SIZE], np.uint8)
            self._check(data)
            self._tail = data[-2:].tobytes()

    def finish(self) -> None:
        """Check the last bytes; set `is_valid` to False if a quote is misplaced or not closed."""
        if self._tail[-1] == QUOTE_BYTE:
            self._check(np.frombuffer(self._tail + b"\n", np.uint8))
        self.is_valid = self.is_valid and not self._is_open

    def _check(self, data: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> None:
        """Check the quotes in `data` and update `is_valid`. Its first and last byte are context."""
        quotes = np.flatnonzero(data[1:-1] == QUOTE_BYTE) + 1
        opening, closing = quotes[int(self._is_open) :: 2], quotes[int(not self._is_open) :: 2]
        is_valid = self._is_boundary[data[opening - 1]].all()
        is_valid = is_valid and self._is_boundary[data[closing + 1]].all()
        self.is_valid = self.is_valid and bool(is_valid)
        self._is_open ^= len(quotes) % 2 == 1
