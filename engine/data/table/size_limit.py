"""How many bytes a file may still become."""

from __future__ import annotations

from pathlib import Path

from engine.core.diagnostic import Refused
from engine.data.table.dtypes import too_large


class Budget:
    """How many bytes may still be read.

    Args:
        path: the file, for the finding.
        limit: bytes in all.
    """

    def __init__(self, path: Path, limit: int | None) -> None:
        self._path = path
        self._limit = limit
        self._spent = 0

    def take(self, size: int) -> None:
        """Count bytes.

        Raises:
            Refused: once they are too many.
        """
        self._spent += size
        if self._limit is not None and self._spent > self._limit:
            raise Refused(too_large(self._path, self._spent, self._limit))
