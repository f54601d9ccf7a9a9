"""What a reader answers about a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.core.diagnostic import Diagnostic
from engine.data.kinds import Column
from engine.recipe.dialect import Dialect


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
