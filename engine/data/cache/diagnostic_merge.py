"""Merges the diagnostics of the chunks of a table into diagnostics of the whole table.

Row numbers, counts and lengths are parsed from the texts of diagnostics, and replaced by the values
for the whole table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.table.number_parser import missing_word_candidates
from engine.data.table.row_numbers import ROWS_SHOWN, parse_row_numbers
from engine.recipe.csv_dialect import missing_words_of, with_missing_words_fix

_ROW_NUMBERS = re.compile(r"rows? [0-9, ]+?(?:, \.\.\.)? \(counting from 0\)")
_COUNT = re.compile(r"\b([0-9][0-9,]*) of ([0-9][0-9,]*) rows\b")
_ROW_NUMBER = re.compile(r"\bin row ([0-9]+)\b")
_UP_TO = re.compile(r"\bup to ([0-9][0-9,]*)")
_SHAPE = "array-shape"
DiagnosticKey = tuple[str, str | None, str | None, str]


@dataclass
class _Merged:
    """A diagnostic that occurs in one or more chunks, with the values of all these chunks.

    Args:
        first: the diagnostic of the first of these chunks.
        rows: the row numbers that the diagnostics state, as row numbers of the table.
        count: the sum of the row counts that the diagnostics state.
        longest: the largest length that the diagnostics state, such as 7 in "up to 7 words".
        words: cell texts that the fixes of the diagnostics suggest to read as missing values.
    """

    first: Diagnostic
    rows: list[int]
    count: int
    longest: int
    words: list[str]

    def with_next(self, other: _Merged) -> _Merged:
        """Return this diagnostic, merged with that of a later chunk."""
        longest = max(self.longest, other.longest)
        rows, words = self.rows + other.rows, self.words + other.words
        return _Merged(self.first, rows, self.count + other.count, longest, words)


class DiagnosticMerger:
    """Merges the diagnostics of the chunks of a table, which has `rows` rows."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._merged: dict[DiagnosticKey, _Merged] = {}

    def __bool__(self) -> bool:
        return bool(self._merged)

    @contextmanager
    def collect_errors(self, start: int = 0) -> Iterator[None]:
        """Return a context that adds the diagnostics of a DiagnosticError instead of raising it.

        `start` is the first row of the chunk that is processed inside the context.
        """
        try:
            yield
        except DiagnosticError as error:
            self.add(error.diagnostics, start)

    def raise_errors(self) -> None:
        """Raise a DiagnosticError with the merged diagnostics, if there are any."""
        if self._merged:
            raise DiagnosticError(*self.merged())

    def add(self, diagnostics: Iterable[Diagnostic], start: int = 0) -> None:
        """Add the diagnostics of a chunk that begins at row `start`."""
        for diagnostic in diagnostics:
            place = diagnostic.place or ""
            match = _COUNT.search(diagnostic.message)
            found = _ROW_NUMBER.sub(lambda row: f"in row {int(row[1]) + start}", diagnostic.found)
            new = _Merged(
                replace(diagnostic, found=found),
                [row + start for row in parse_row_numbers(place)],
                int(match[1].replace(",", "")) if match else 0,
                _longest(diagnostic),
                [word for fix in diagnostic.fixes for word in missing_words_of(fix)],
            )
            key = (diagnostic.code, diagnostic.node, diagnostic.param, _ROW_NUMBERS.sub("", place))
            self._merged[key] = self._merged[key].with_next(new) if key in self._merged else new

    def merged(self) -> list[Diagnostic]:
        """Return the diagnostics of the whole table.

        The shape error of a port that has other diagnostics is left out, because these are often
        its cause.
        """
        nodes = {node for code, node, *_ in self._merged if code != _SHAPE}
        return [
            self._merged_diagnostic(merged)
            for (code, node, *_), merged in self._merged.items()
            if code != _SHAPE or node not in nodes
        ]

    def _merged_diagnostic(self, merged: _Merged) -> Diagnostic:
        first, rows = merged.first, merged.rows
        row_count = f"{merged.count:,} of {self._rows:,} rows"
        message = _COUNT.sub(row_count, first.message, count=1)
        place = first.place
        if place and rows:
            shown = ", ".join(map(str, rows[:ROWS_SHOWN]))
            more = ", ..." if max(merged.count, len(rows)) > ROWS_SHOWN else ""
            plural = "s" if len(rows) > 1 else ""
            place = _ROW_NUMBERS.sub(f"row{plural} {shown}{more} (counting from 0)", place)
        found = _UP_TO.sub(f"up to {merged.longest:,}", first.found)
        fixes = [fix for fix in first.fixes if not missing_words_of(fix)]
        if words := missing_word_candidates([*dict.fromkeys(merged.words)]):
            fixes = list(with_missing_words_fix(fixes, words))
        return replace(first, message=message, place=place, found=found, fixes=tuple(fixes))


def _longest(diagnostic: Diagnostic) -> int:
    """Return the length that a diagnostic states, such as 7 in "up to 7 words", or 0."""
    match = _UP_TO.search(diagnostic.found)
    return int(match[1].replace(",", "")) if match else 0
