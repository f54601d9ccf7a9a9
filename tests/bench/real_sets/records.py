"""Results of earlier benchmarks, one JSON line each: nothing is measured twice."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

Record = dict[str, Any]
KEY = ("set", "seed", "contender", "engine", "rows")  # "rows" is a checksum of training rows


def cache_folder() -> Path:
    """Return the folder that holds results between benchmarks."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "layerloom-bench"


class Records:
    """The records of a file; of several with equal keys, the last one counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.by_key = {self._key(record): record for record in map(json.loads, lines)}

    @staticmethod
    def _key(record: Record) -> tuple[Any, ...]:
        return tuple(record[name] for name in KEY)

    def __contains__(self, record: Record) -> bool:
        return self._key(record) in self.by_key

    def append(self, record: Record) -> None:
        """Write a record in one call: several benchmarks may write to the file."""
        self.by_key[self._key(record)] = record
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
