"""Says in which lines of a CSV the rows at fault stand, since that is what an editor shows.

Why: rows count examples from 0, while a file's lines count its header, blank lines and line ends
within quotes as well. The file is gone through again, but only where there is something to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from engine.core.diagnostic import Diagnostic, Refused
from engine.data.readers.table import Table, located
from engine.data.readers.text.csv_errors import lines_of
from engine.data.table.row_numbers import named_rows


def with_lines(found: Sequence[Diagnostic], table: Table) -> list[Diagnostic]:
    """Return findings about a table, the lines beside the rows if it comes from a CSV."""
    rows = {row for each in found for row in named_rows(each.place or "")}
    if table.dialect is None or not rows:
        return list(found)
    with suppress(Refused, OSError):  # the file is no longer what it was
        lines = lines_of(located(table.path)[0], table.dialect, rows)
        return [_with(each, lines) for each in found]
    return list(found)


def _with(found: Diagnostic, lines: dict[int, int]) -> Diagnostic:
    place = found.place or ""
    known = [lines[row] for row in named_rows(place) if row in lines]
    if not known:
        return found
    told = f"line{'s' if len(known) > 1 else ''} {', '.join(map(str, known))} of the file"
    return replace(found, place=f"{place}, {told}")
