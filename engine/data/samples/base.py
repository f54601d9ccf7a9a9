"""What a sample is, and what writing one answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Best = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of a sample, to train on and held out.

    Args:
        train, test: columns by name.
        best: by output and metric, the best that any network can reach on the held-out rows; an
            output whose truth is not known is left out.
        dropped: rows of the source that lacked a value.
    """

    train: Arrays
    test: Arrays
    best: Best = field(default_factory=dict)
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What was written where.

    Args:
        name, folder, seed: as asked for.
        files: in the folder, the rows to train on first.
        rows, test_rows: number of rows in each.
        dropped, best: see `Sample`.
    """

    name: str
    folder: Path
    seed: int
    files: tuple[str, ...]
    rows: int
    test_rows: int
    dropped: int = 0
    best: Best = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON, which is also the folder's sample.json."""
        return {
            "name": self.name,
            "seed": self.seed,
            "files": list(self.files),
            "rows": self.rows,
            "test_rows": self.test_rows,
            "dropped": self.dropped,
            "best": {output: dict(scores) for output, scores in self.best.items()},
        }

    def lines(self) -> list[str]:
        """Return all of it as text."""
        train, test = self.files[0], self.files[1]
        text = [
            f"Wrote {self.folder / train} ({self.rows:,} rows)",
            f"  and {self.folder / test} ({self.test_rows:,} rows held out)",
        ]
        if self.dropped:
            text.append(f"Left out {self.dropped:,} rows that lacked a value.")
        if self.best:
            text.append("Best that can be reached on the held-out rows:")
        width = max(map(len, self.best), default=0)
        for output, scores in self.best.items():
            reached = ", ".join(f"{metric} {score:.4g}" for metric, score in scores.items())
            text.append(f"  {output:<{width}}  {reached}")
        return text
