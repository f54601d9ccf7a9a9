"""Merges the diagnostics of the chunks of a table into diagnostics of the whole table.

Row numbers, counts and lengths are parsed from the texts of diagnostics, and replaced by the values
for the whole table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.table.number_parser import missing_word_candidates
from engine.data.table.row_numbers import ROWS_SHOWN, parse_row_numbers
from engine.recipe.csv_dialect import missing_words_of, with_missing_words_fix

_ROW_NUMBERS = re.compile(r"rows? [0-9, ]+?(?:, \.\.\.)? \(counting from 0\)")
_COUNT = re.compile(r"\b([0-9][0-9,]*) of [0-9][0-9,]* rows\b")
_ROW_NUMBER = re.compile(r"\bin row ([0-9]+)\b")
_UP_TO = re.compile(r"\bup to ([0-9][0-9,]*)")
_SHAPE = "array-shape"


class DiagnosticMerger:
    """Merges the diagnostics of the chunks of a table, which has `rows` rows."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        # Diagnostics that differ in rows only, each with the first row of its chunk.
        self._groups: dict[tuple[str | None, ...], list[tuple[int, Diagnostic]]] = {}

    def __bool__(self) -> bool:
        return bool(self._groups)

    def add(self, diagnostics: Iterable[Diagnostic], start: int = 0) -> None:
        """Add the diagnostics of a chunk that begins at row `start`."""
        for item in diagnostics:
            place = _ROW_NUMBERS.sub("", item.place or "")
            key = (item.code, item.node, item.param, place)
            self._groups.setdefault(key, []).append((start, item))

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
        if self:
            raise DiagnosticError(*self.merged())

    def merged(self) -> list[Diagnostic]:
        """Return the diagnostics of the whole table.

        The shape error of a port that has other diagnostics is left out, because these are often
        its cause.
        """
        nodes = {node for code, node, *_ in self._groups if code != _SHAPE}
        return [
            self._merge(group)
            for (code, node, *_), group in self._groups.items()
            if code != _SHAPE or node not in nodes
        ]

    def _merge(self, group: Sequence[tuple[int, Diagnostic]]) -> Diagnostic:
        start, first = group[0]
        counts = [_number(_COUNT, item.message) for _, item in group]
        message = _COUNT.sub(f"{sum(counts):,} of {self._rows:,} rows", first.message, count=1)
        place = first.place or ""
        rows = [row + at for at, item in group for row in parse_row_numbers(item.place or "")]
        if rows:
            shown = ", ".join(map(str, rows[:ROWS_SHOWN]))
            more = ", ..." if max(sum(counts), len(rows)) > ROWS_SHOWN else ""
            plural = "s" if len(rows) > 1 else ""
            place = _ROW_NUMBERS.sub(f"row{plural} {shown}{more} (counting from 0)", place)
        longest = max(_number(_UP_TO, item.found) for _, item in group)
        found = _UP_TO.sub(f"up to {longest:,}", first.found)
        found = _ROW_NUMBER.sub(lambda row: f"in row {int(row[1]) + start}", found)
        words = [word for _, item in group for fix in item.fixes for word in missing_words_of(fix)]
        fixes = [fix for fix in first.fixes if not missing_words_of(fix)]
        if few_words := missing_word_candidates([*dict.fromkeys(words)]):
            fixes = list(with_missing_words_fix(fixes, few_words))
        return replace(
            first, message=message, place=place or first.place, found=found, fixes=tuple(fixes)
        )


def _number(pattern: re.Pattern[str], text: str) -> int:
    """Return the number that a text states, such as 7 in "up to 7 words", or 0."""
    match = pattern.search(text)
    return int(match[1].replace(",", "")) if match else 0
