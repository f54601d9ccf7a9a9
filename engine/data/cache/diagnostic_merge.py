"""Merges the diagnostics of the chunks of a table into diagnostics of the whole table.

Row numbers, counts and lengths of chunks are replaced by those of the whole table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from engine.core.affected_rows import ROWS_SHOWN, AffectedRows
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.table.number_form import missing_word_candidates
from engine.recipe.csv_dialect import missing_words_fix, missing_words_of

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
            key = (item.code, item.node, item.param, item.without_rows().place)
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
        first = group[0][1]
        rows = [(start, item.rows) for start, item in group if item.rows]
        numbers = [number + start for start, part in rows for number in part.numbers]
        count = sum(part.count for _, part in rows)
        max_length = max((part.max_length for _, part in rows), default=0)
        total = AffectedRows(tuple(numbers[:ROWS_SHOWN]), count, self._rows, max_length)
        words = [word for _, item in group for fix in item.fixes for word in missing_words_of(fix)]
        fixes = [fix for fix in first.fixes if not missing_words_of(fix)]
        if few_words := missing_word_candidates([*dict.fromkeys(words)]):
            fixes.insert(0, missing_words_fix(few_words))
        return replace(first.with_rows(total), fixes=tuple(fixes))
