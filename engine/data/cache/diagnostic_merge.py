"""Findings about chunks of a table, brought together as findings about all of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.core.diagnostic import Diagnostic
from engine.data.table.number_parser import missing_word_candidates
from engine.data.table.row_numbers import ROWS_SHOWN, parse_row_numbers
from engine.recipe.csv_dialect import or_missing, taken_words

_NUMBERS = re.compile(r"rows? [0-9, ]+?(?:, \.\.\.)? \(counting from 0\)")
_COUNT = re.compile(r"\b([0-9][0-9,]*) of ([0-9][0-9,]*) rows\b")
_IN_ROW = re.compile(r"\bin row ([0-9]+)\b")
_UP_TO = re.compile(r"\bup to ([0-9][0-9,]*)")
_SHAPE = "array-shape"
Key = tuple[str, str | None, str | None, str]


@dataclass
class _Merged:
    first: Diagnostic
    rows: list[int]
    count: int
    most: int
    words: list[str]  # that may be taken as missing


class Findings:
    """Counts rows over chunks, and numbers them as the table does.

    Args:
        rows: of the whole table.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._found: dict[Key, _Merged] = {}

    def add(self, found: Sequence[Diagnostic], start: int) -> None:
        """Take in what was found in a chunk whose first row is `start`."""
        for each in found:
            place = each.place or ""
            rows = [row + start for row in parse_row_numbers(place)]
            counted = _COUNT.search(each.message)
            count = int(counted[1].replace(",", "")) if counted else 0
            key = (each.code, each.node, each.param, _NUMBERS.sub("", place))
            if key in self._found:
                merged = self._found[key]
                merged.rows += rows
                merged.count += count
                merged.most = max(merged.most, _most(each))
                merged.words += _words(each)
            else:
                moved = _IN_ROW.sub(lambda row: f"in row {int(row[1]) + start}", each.found)
                first = replace(each, found=moved)
                self._found[key] = _Merged(first, rows, count, _most(each), _words(each))

    def all(self) -> list[Diagnostic]:
        """Return the findings about the whole table.

        Rows that can't be encoded may let the others look as if they had another shape.
        """
        nodes = {node for code, node, *_ in self._found if code != _SHAPE}
        return [
            self._whole(merged)
            for (code, node, *_), merged in self._found.items()
            if code != _SHAPE or node not in nodes
        ]

    def _whole(self, merged: _Merged) -> Diagnostic:
        first = merged.first
        counted = f"{merged.count:,} of {self._rows:,} rows"
        message = _COUNT.sub(counted, first.message, count=1)
        shown = ", ".join(map(str, merged.rows[:ROWS_SHOWN]))
        more = ", ..." if max(merged.count, len(merged.rows)) > ROWS_SHOWN else ""
        numbers = f"row{'s' if len(merged.rows) > 1 else ''} {shown}{more} (counting from 0)"
        place = _NUMBERS.sub(numbers, first.place) if first.place and merged.rows else first.place
        found = _UP_TO.sub(f"up to {merged.most:,}", first.found)
        fixes = [fix for fix in first.fixes if not taken_words(fix)]
        if words := missing_word_candidates([*dict.fromkeys(merged.words)]):
            fixes = list(or_missing(fixes, words))
        return replace(first, message=message, place=place, found=found, fixes=tuple(fixes))


def _words(found: Diagnostic) -> list[str]:
    return [word for fix in found.fixes for word in taken_words(fix)]


def _most(found: Diagnostic) -> int:
    """Return the number in "up to 7 words", 0 if there is none."""
    told = _UP_TO.search(found.found)
    return int(told[1].replace(",", "")) if told else 0
