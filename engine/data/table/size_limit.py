"""A limit on the bytes that reading a file may allocate."""

from __future__ import annotations

from pathlib import Path

from engine.data.table.dtypes import file_too_large_error


class MemoryBudget:
    """A counter of allocated bytes; more than `limit` bytes raise an error (None: no limit)."""

    def __init__(self, path: Path, limit: int | None) -> None:
        self._path, self._limit, self._consumed = path, limit, 0

    def consume(self, size: int) -> None:
        """Add `size` bytes to the counter.

        Raises:
            DiagnosticError: if the total exceeds the limit.
        """
        self._consumed += size
        if self._limit is not None and self._consumed > self._limit:
            raise file_too_large_error(self._path, self._consumed, self._limit)
