"""What a reader answers about a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.table.column_types import Column
from engine.recipe.csv_dialect import Dialect


@dataclass(frozen=True, slots=True)
class Read:
    """The columns of a file, and how they were read.

    Args:
        columns: by name, in the file's order.
        notes: what was detected or converted; never an error.
        dialect: how the text was written, None for other files.
    """

    columns: dict[str, Column]
    notes: list[Diagnostic] = field(default_factory=list)
    dialect: Dialect | None = None


def no_rows(path: Path, what: str, found: str = "0 rows") -> Diagnostic:
    """Return the finding for a file in which there is no row.

    Args:
        path: the file.
        what: is wrong with it, behind its name.
        found: in it.
    """
    return Diagnostic(
        "no-rows",
        f'"{path.name}" {what}',
        place=str(path),
        found=found,
        expected="one row per example",
        fixes=(Fix("Choose another file, or save this one again where it was made."),),
    )


def refuse_rows(lengths: Mapping[str, int], path: Path) -> None:
    """Look at how many rows each column has.

    Raises:
        Refused: naming the first two that differ.
    """
    first, *others = lengths
    for other in others:
        if lengths[first] != lengths[other]:
            raise Refused(
                Diagnostic(
                    "rows-differ",
                    f'"{first}" and "{other}" have different numbers of rows',
                    place=str(path),
                    found=f"{first}: {lengths[first]:,}, {other}: {lengths[other]:,}",
                    expected="one row per example in every array",
                    fixes=(Fix(f'Save "{first}" and "{other}" from the same examples.'),),
                )
            )
