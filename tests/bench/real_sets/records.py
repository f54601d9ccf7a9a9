"""Results of earlier benchmarks: nothing is measured twice.

Those of peers are part of the repository (`peers.csv`); ours are kept in the cache folder, since
each commit of the engine has its own.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

Record = dict[str, Any]
KEY = ("set", "seed", "contender", "engine", "rows")  # "rows" is a checksum of training rows
PEERS_FILE = Path(__file__).with_name("peers.csv")
MEASURED = ("score", "loss", "wall", "cpu")
SHARED = ("set", "of", "seed", "rows", "contender")
COLUMNS = (*SHARED, "target", *MEASURED)
DIGITS = 6


def cache_folder() -> Path:
    """Return the folder that holds results between benchmarks."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "layerloom-bench"


class Records:
    """The records of a file, and those of peers; of several with equal keys, the last one counts.

    Args:
        path: JSON lines; new records are appended.
        peers: the table that `write_peers` writes.
    """

    def __init__(self, path: Path, peers: Path = PEERS_FILE) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        known = [*read_peers(peers), *map(json.loads, lines)]
        self.by_key = {self._key(record): record for record in known}

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

    def write_peers(self, path: Path = PEERS_FILE) -> None:
        """Write the results of peers as a table with a row for each target."""
        found = [r for r in self.by_key.values() if r["engine"] is None and "error" not in r]
        rows = [
            {**record, "target": target, **scores}
            for record in sorted(found, key=lambda r: (r["set"], r["seed"], r["contender"]))
            for target, scores in record["scores"].items()
        ]
        for row in rows:
            row |= {name: f"{row[name]:.{DIGITS}g}" for name in MEASURED}
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


def read_peers(path: Path) -> Iterator[Record]:
    """Yield the records of a table of peers, in which each target has a row of its own."""
    with path.open(encoding="utf-8", newline="") as file:
        for shared, rows in groupby(csv.DictReader(file), itemgetter(*SHARED)):
            known = list(rows)
            yield {
                **dict(zip(SHARED, shared, strict=True)),
                "of": int(known[0]["of"]), "seed": int(known[0]["seed"]), "engine": None,
                "scores": {
                    row["target"]: {name: float(row[name]) for name in ("score", "loss")}
                    for row in known
                },
                "wall": float(known[0]["wall"]), "cpu": float(known[0]["cpu"]),
            }  # fmt: skip
