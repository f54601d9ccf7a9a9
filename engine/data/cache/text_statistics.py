"""What all cells of a text column tell, gathered chunk by chunk: are they numbers, and how written?

Why: one chunk may hold no decimal sign, or nothing at all, and must be read as the others are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.ports.port_columns import PortColumns, text_column_error
from engine.data.table.column_types import Column, TextArray, to_bool_array
from engine.data.table.lazy_arrow import pc
from engine.data.table.number_parser import (
    COMMA_PATTERN,
    GROUPED_PATTERN,
    POINT_PATTERN,
    decimal_comma_diagnostic,
    missing_number_mask,
    parse_numbers,
    try_cast_numbers,
)
from engine.recipe.csv_dialect import Decimal


@dataclass
class Written:
    """Counts of the cells of one column.

    Args:
        decimal: the decimal sign of the whole table, None if each column tells its own.
    """

    decimal: Decimal | None = None
    plain: bool = True
    there: int = 0
    fitting: int = 0
    no_point: bool = False
    no_comma: bool = False
    points: bool = False
    ungrouped: bool = False
    _seen: int = field(default=0)

    def add(self, cells: TextArray) -> None:
        """Take the next cells in."""
        self._seen += len(cells)
        if try_cast_numbers(cells, self.decimal) is not None:
            self.there += len(cells)
            self.fitting += len(cells)
            # A point that settles it has to be remembered, should commas follow.
            self.points = self.points or bool(np.any(to_bool_array(pc.match_substring(cells, "."))))
            self.no_comma |= self.points
            return
        self.plain = False
        encoded = cells.dictionary_encode()
        times = np.bincount(
            encoded.indices.to_numpy(zero_copy_only=False), minlength=len(encoded.dictionary)
        )
        texts = encoded.dictionary
        there = ~missing_number_mask(texts)
        point, comma, grouped = (
            to_bool_array(pc.match_substring_regex(texts, pattern))
            for pattern in (POINT_PATTERN, COMMA_PATTERN, GROUPED_PATTERN)
        )
        self.there += int(times[there].sum())
        self.fitting += int(times[there & (point | comma | grouped)].sum())
        self.no_point |= bool((there & ~point).any())
        self.no_comma |= bool((there & ~comma).any())
        self.points |= bool((point & ~comma).any())
        self.ungrouped |= bool((there & ~point & ~grouped).any())

    @property
    def mostly(self) -> bool:
        """Whether the column is to be read as numbers."""
        return (self.plain and self._seen > 0) or 2 * self.fitting > self.there

    @property
    def commas(self) -> bool:
        """Whether the column's own cells show that commas are its decimal signs."""
        return self.decimal is None and self.no_point and self.ungrouped and not self.no_comma

    @property
    def sign(self) -> Decimal | None:
        """The decimal sign to read each chunk by."""
        if self.commas:
            return ","
        # Cells of both kinds: none may pass because its chunk has only one of them.
        mixed = self.decimal is None and self.no_point and self.ungrouped
        return "." if mixed else self.decimal


@dataclass(frozen=True, slots=True)
class ChunkReading(PortColumns):
    """Some rows of a table, read as the whole of it would be.

    Args:
        written: of each text column.
        fresh: True if encoders are those of this table, whether they are fitted yet or not.
    """

    written: dict[str, Written] = field(default_factory=dict)
    fresh: bool = True

    def mostly_numbers(self, name: str, column: Column) -> bool:
        """Return whether a text column is to be read as numbers."""
        return self.written[name].mostly

    def parsed_numbers(self, port: str, name: str, column: Column) -> np.ndarray:
        """Return a text column's numbers, NaN where one is missing; worked out once.

        Raises:
            DiagnosticError: naming the cells that hold none.
        """
        known = self._plain.get(name)
        if known is not None:
            return known
        told = self.written[name]
        if not told.mostly and (self.fresh or told.there):
            raise DiagnosticError(text_column_error(port, name, column))
        csv = self.table.dialect is not None
        values, _ = parse_numbers(column, name, told.sign, csv, told.points)
        self._plain[name] = values
        return values

    def told(self) -> list[Diagnostic]:
        """Return how the columns were read, as far as it was not said."""
        own = [name for name in self.source.names if name in self.written]
        return [decimal_comma_diagnostic(name) for name in own if self.written[name].commas]
