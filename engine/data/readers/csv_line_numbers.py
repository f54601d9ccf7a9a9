"""Adds the line numbers of a CSV file to diagnostics about rows.

Why: editors show line numbers. Unlike row numbers, line numbers also count the header, blank lines
and newlines within quotes. The file is read again only if a diagnostic names rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.readers.registry import CSV_EXTENSIONS
from engine.data.readers.shards import find_shards
from engine.data.readers.text.csv_errors import line_numbers_of_rows
from engine.data.readers.text.csv_header import open_csv
from engine.recipe.csv_dialect import Dialect


def add_line_numbers(
    diagnostics: Sequence[Diagnostic], path: Path, given: Dialect | None
) -> list[Diagnostic]:
    """Return the diagnostics of a table, with line numbers after row numbers if it is a CSV file.

    Diagnostics without row numbers, or about a table in another format, are returned unchanged.
    `given` is the dialect set by the user, or the detected one.
    """
    rows = {row for item in diagnostics if item.rows for row in item.rows.numbers}
    lines = csv_line_numbers(rows, path, given)
    return [_add_lines(diagnostic, lines) for diagnostic in diagnostics]


def csv_line_numbers(rows: Collection[int], path: Path, given: Dialect | None) -> dict[int, int]:
    """Return the line numbers of rows of a table by row number, {} if it is no CSV file."""
    with suppress(DiagnosticError, OSError, UnicodeError):  # if the file is damaged or changed
        shards = find_shards(path) if rows else []
        if len(shards) == 1 and shards[0].extension in CSV_EXTENSIONS:
            with shards[0].local_file() as file:
                dialect = open_csv(file, None, given or Dialect()).dialect
                return line_numbers_of_rows(file, dialect, rows)
    return {}


def _add_lines(diagnostic: Diagnostic, lines: dict[int, int]) -> Diagnostic:
    rows = diagnostic.rows.numbers if diagnostic.rows else ()
    numbers = [lines[row] for row in rows if row in lines]
    if not numbers:
        return diagnostic
    shown = f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))} of the file"
    return replace(diagnostic, place=f"{diagnostic.place}, {shown}")
