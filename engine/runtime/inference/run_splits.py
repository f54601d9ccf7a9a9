"""The rows that a run trained on, validated on, or kept for a test, found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.dataset.dataset import Dataset
from engine.data.prepare import sides_digest
from engine.data.splits.random import Rows
from engine.data.splits.table_split import divide
from engine.recipe.split import ColumnSplit, Part
from engine.runtime.inference.trained_model import Trained

_VERBS: Mapping[Part, str] = {
    "train": "train on", "validation": "validate on", "test": "test on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows to be scored.

    Args:
        data: the table that they come from.
        rows: themselves.
        part: the side of the run that they are, None for all rows of a table.
        numbers: of each row, its number in the table; None where that is its place.
    """

    data: Path
    rows: Dataset
    part: Part | None = None
    numbers: Rows | None = None


def choose(trained: Trained, data: Path | None, part: Part | None) -> Chosen:
    """Return the rows of a table, or of one side of a run as it was when it was trained.

    Args:
        trained: the run.
        data: a table; None takes the run's own.
        part: the side; None takes all rows.

    Raises:
        DiagnosticError: if the run has no such rows, or `data` is not the table that it was trained on.
    """
    paths = _paths(trained)
    if part is None:
        assert data is not None, "either a table or a side is named"
        return Chosen(data, trained.read(data, complete=True))
    apart = paths.get(part) if part != "train" else None
    if apart is not None:
        if data is not None:
            raise Refused(_has_own_file(part, apart))
        return Chosen(apart, trained.read(apart, complete=True), part)
    table = data or paths["data"]
    return _side(trained, table, part)


def _paths(trained: Trained) -> dict[str, Path]:
    told = trained.run.run.get("paths", {})
    return {side: Path(path) for side, path in told.items() if path}


def _side(trained: Trained, data: Path, part: Part) -> Chosen:
    """Return one side of the table that was trained on."""
    mapping, recipe = trained.report.mapping, trained.report.recipe
    assert mapping is not None, "the run's own graph has no errors"
    assert recipe is not None, "the run's own graph has no errors"
    paths = _paths(trained)
    apart = ("validation" in paths, "test" in paths)
    # As the training read it, so that it is not cached twice.
    entry = trained.cached(data, apart)
    if entry is None:
        table = trained.open_table(data)
        whole = trained.read_table(table, complete=True)
        sides, digest = divide(table, mapping.split, recipe, apart), whole.digest()
    else:
        whole, sides, digest = entry.dataset, entry.sides, entry.digest
    told: Any = trained.run.run.get("sides", {}).get("digest")
    by_content = isinstance(mapping.split, ColumnSplit)
    unlike = entry is not None and whole.fitted != trained.fitted
    if unlike or (told != sides_digest(sides, digest) and not by_content):
        raise Refused(_other_table(data, part))
    rows = getattr(sides, part)
    if not len(rows):
        raise Refused(_no_rows(part))
    return Chosen(data, whole.side(rows), part, rows)


def _has_own_file(part: Part, file: Path) -> Diagnostic:
    return Diagnostic(
        "split-unfit",
        f"the rows to {_VERBS[part]} came from a file of their own",
        place=f"--split {part}",
        found=f"--data and --split {part}",
        expected=f"the rows of {file.name}",
        fixes=(
            Fix(f"Leave --data out; {file.name} is scored then."),
            Fix("Leave --split out to score all rows of the data."),
        ),
    )


def _other_table(data: Path, part: Part) -> Diagnostic:
    return Diagnostic(
        "run-differs",
        f'"{data.name}" is not the table that the run was trained on, so its rows can\'t be told '
        "apart as they were then",
        place=f"--split {part}",
        found="other rows, or rows in another order",
        expected="the table of the training",
        fixes=(
            Fix("Leave --split out to score all rows of the data."),
            Fix("Name the table of the training, or leave --data out."),
        ),
    )


def _no_rows(part: Part) -> Diagnostic:
    share = '"split": {"kind": "random", "params": {"test": 0.1}}'
    return Diagnostic(
        "split-empty",
        f"the run has no rows to {_VERBS[part]}",
        place=f"--split {part}",
        found="0 rows",
        expected="rows that were held back when it was trained",
        fixes=(
            Fix(f"Hold rows back and train again: {share} in the data block."),
            Fix("Score rows of another file: --data D."),
        ),
    )
