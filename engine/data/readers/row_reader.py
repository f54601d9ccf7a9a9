"""Reads selected rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import diagnostic_error
from engine.core.formatting.urls import path_text
from engine.data.readers.table_file import read_table_chunks
from engine.data.table.column_types import concat_columns
from engine.data.table.table import Table
from engine.recipe.csv_dialect import Dialect


def read_table_rows(path: Path, rows: Sequence[int], dialect: Dialect | None = None) -> Table:
    """Return selected rows in the given order; reading stops after the last of these rows.

    Args:
        path: the file, folder, pattern or URL.
        rows: the row numbers, counted from 0; at least one.
        dialect: dialect settings of a CSV file; settings that are None are detected.

    Raises:
        DiagnosticError: if a row does not exist, or if the table can't be read.
    """
    wanted = np.asarray(rows, np.int64)
    found: list[Table] = []
    positions: list[NDArray[np.int64]] = []  # the indices of the found rows in `rows`
    start = 0
    for chunk in read_table_chunks(path, dialect=dialect):
        in_chunk = np.flatnonzero((wanted >= start) & (wanted < start + chunk.row_count))
        if len(in_chunk):
            found.append(chunk.take(wanted[in_chunk] - start))
            positions.append(in_chunk)
        start += chunk.row_count
        if start > wanted.max():
            break
    if sum(map(len, positions)) < len(wanted):
        raise diagnostic_error(
            "row-beyond",
            f'"{path.name}" has no row {wanted.max():,}',
            "Choose an existing row; rows are counted from 0.",
            place=path_text(path),
            found=f"{start:,} rows",
            expected=f"a number from 0 to {max(0, start - 1):,}",
        )
    names = found[0].columns
    columns = {name: concat_columns([part.columns[name] for part in found]) for name in names}
    return replace(found[0], columns=columns).take(np.argsort(np.concatenate(positions)))
