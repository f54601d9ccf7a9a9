"""Adds the line numbers of a CSV file to diagnostics about rows.

Why: editors show lines. Rows are counted from 0, while lines include the header, blank lines and
line ends within quotes. The file is read again, but only if a diagnostic names rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from engine.core.diagnostic import Diagnostic, Refused
from engine.data.readers.table_file import located
from engine.data.readers.text.csv_errors import lines_of
from engine.data.table.row_numbers import named_rows
from engine.data.table.table import Table


def with_lines(diagnostics: Sequence[Diagnostic], table: Table) -> list[Diagnostic]:
    """Return diagnostics about a table; if it is a CSV file, the line follows each row number."""
    rows = {row for diagnostic in diagnostics for row in named_rows(diagnostic.place or "")}
    if table.dialect is None or not rows:
        return list(diagnostics)
    with suppress(Refused, OSError):  # the file has changed meanwhile
        lines = lines_of(located(table.path)[0], table.dialect, rows)
        return [_add_lines(diagnostic, lines) for diagnostic in diagnostics]
    return list(diagnostics)


def _add_lines(diagnostic: Diagnostic, lines: dict[int, int]) -> Diagnostic:
    place = diagnostic.place or ""
    numbers = [lines[row] for row in named_rows(place) if row in lines]
    if not numbers:
        return diagnostic
    shown = f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))} of the file"
    return replace(diagnostic, place=f"{place}, {shown}")
