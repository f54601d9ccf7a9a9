"""`Sample`: the rows of example data. `WrittenSample`: facts about a sample in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
BestScores = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Sample:
    """The training and test rows of a sample (example data).

    Args:
        train, test: the columns of the training rows and of the test rows, by column name.
        best: the best score that any network can reach on the test rows, by output and then by
            metric. Outputs whose best score is unknown are left out.
        dropped: the number of source rows that were left out because they have missing values.
    """

    train: Arrays
    test: Arrays
    best: BestScores = field(default_factory=dict)
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class WrittenSample:
    """A sample that was written to a folder.

    Args:
        name, folder, seed: the arguments of `write_sample`.
        files: the names of the training file and of the test file.
        rows, test_rows: the number of rows in the training file and in the test file.
        dropped, best: see `Sample`.
    """

    name: str
    folder: Path
    seed: int
    files: tuple[str, ...]
    rows: int
    test_rows: int
    dropped: int = 0
    best: BestScores = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of sample.json."""
        return {name: value for name, value in asdict(self).items() if name != "folder"}

    def lines(self) -> list[str]:
        """Return lines of text about the files, the rows and the best scores, for the console."""
        train, test = self.files[0], self.files[1]
        lines = [
            f"Wrote {self.folder / train} ({self.rows:,} rows)",
            f"  and {self.folder / test} ({self.test_rows:,} test rows)",
        ]
        if self.dropped:
            lines.append(f"Left out {self.dropped:,} rows with missing values.")
        if self.best:
            lines.append("Best possible scores on the test rows:")
        width = max(map(len, self.best), default=0)
        for output, scores in self.best.items():
            text = ", ".join(f"{metric} {score:.4g}" for metric, score in scores.items())
            lines.append(f"  {output:<{width}}  {text}")
        return lines
