"""The result of a reader, and checks that all readers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.diagnostic import Diagnostic, Fix, diagnostic_error
from engine.data.table.column_types import Column

if TYPE_CHECKING:
    from engine.recipe.csv_dialect import Dialect

MAX_COLUMNS = 10_000  # statistics and checks take about half a millisecond per column


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The columns of a file, and information on how they were read.

    Args:
        columns: the columns by name, in the order of the file.
        notes: infos on detected settings and conversions.
        dialect: the dialect of a CSV file, None for other files.
    """

    columns: dict[str, Column]
    notes: list[Diagnostic] = field(default_factory=list)
    dialect: Dialect | None = None


def no_rows_diagnostic(path: Path, message: str, found: str = "0 rows") -> Diagnostic:
    """Return the error for a file without rows; `message` is the predicate, such as "is empty"."""
    return Diagnostic(
        "no-rows",
        f'"{path.name}" {message}',
        place=str(path),
        found=found,
        expected="one row per example",
        fixes=(Fix("Choose another file, or export this one again."),),
    )


def check_column_count(count: int, path: Path) -> None:
    """Check that a table has at most `MAX_COLUMNS` columns.

    Raises:
        DiagnosticError: data-too-large.
    """
    if count > MAX_COLUMNS:
        raise diagnostic_error(
            "data-too-large",
            f'"{path.name}" has too many columns',
            "Save the numbers as one array: numpy.savez(FILE, x=numbers, y=targets).",
            "Leave out columns that the network does not need.",
            place=str(path),
            found=f"{count:,} columns",
            expected=f"at most {MAX_COLUMNS:,} columns; an array is one column",
        )


def check_equal_lengths(lengths: Mapping[str, int], path: Path) -> None:
    """Check that all columns have the same number of rows; `lengths` are their row counts.

    Raises:
        DiagnosticError: with the first two columns whose lengths differ.
    """
    first, *others = lengths
    for other in others:
        if lengths[first] != lengths[other]:
            raise diagnostic_error(
                "rows-differ",
                f'"{first}" and "{other}" have different numbers of rows',
                f'Save "{first}" and "{other}" from the same examples.',
                place=str(path),
                found=f"{first}: {lengths[first]:,}, {other}: {lengths[other]:,}",
                expected="one row per example in every array",
            )
