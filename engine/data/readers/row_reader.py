"""Some rows of a table, read without the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.readers.table import Table, chunks
from engine.data.table.column_types import Column, is_list, is_text, joined, take
from engine.data.table.lazy_arrow import pa
from engine.recipe.csv_dialect import Dialect


def excerpt(path: Path, rows: Sequence[int], dialect: Dialect | None = None) -> Table:
    """Read some rows, in the order given; what lies behind the last of them is not read.

    Args:
        path: the file or the folder.
        rows: their numbers, counted from 0; at least one.
        dialect: what is known of how a CSV is written.

    Raises:
        Refused: row-beyond, or for whatever a table is refused for.
    """
    wanted = np.asarray(rows, np.int64)
    found: list[Table] = []
    places: list[NDArray[np.int64]] = []
    first = 0
    for part in chunks(path, dialect=dialect):
        inside = np.flatnonzero((wanted >= first) & (wanted < first + part.rows))
        if len(inside):
            found.append(_taken(part, wanted[inside] - first))
            places.append(inside)
        first += part.rows
        if first > wanted.max():
            break
    if sum(map(len, places)) < len(wanted):
        raise Refused(_beyond(path, int(wanted.max()), first))
    whole = {name: _one([part.columns[name] for part in found]) for name in found[0].columns}
    return _taken(
        Table(found[0].path, whole, (), found[0].dialect), np.argsort(np.concatenate(places))
    )


def _taken(table: Table, rows: NDArray[np.int64]) -> Table:
    columns = {name: take(column, rows) for name, column in table.columns.items()}
    return Table(table.path, columns, (), table.dialect)


def _one(parts: Sequence[Column]) -> Column:
    """Return the parts of a column as one."""
    if len(parts) == 1:
        return parts[0]
    if is_text(parts[0]):
        return joined(parts)
    return pa.concat_arrays(parts) if is_list(parts[0]) else np.concatenate(parts)


def _beyond(path: Path, row: int, rows: int) -> Diagnostic:
    return Diagnostic(
        "row-beyond",
        f'"{path.name}" has no row {row:,}',
        place=str(path),
        found=f"{rows:,} rows",
        expected=f"a number from 0 to {max(0, rows - 1):,}",
        fixes=(Fix("Name a row that is there; rows count from 0."),),
    )
