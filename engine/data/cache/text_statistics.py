"""Statistics of text columns over all chunks: whether cells are numbers, and the decimal sign.

Why: all chunks must be read in the same way, even chunks without a decimal sign or any value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.ports.port_columns import PortColumns, text_column_error
from engine.data.table.column_types import Column, TextArray, to_bool_array, value_counts
from engine.data.table.number_parser import (
    COMMA_PATTERN,
    GROUPED_PATTERN,
    POINT_PATTERN,
    decimal_comma_diagnostic,
    missing_number_mask,
    parse_numbers,
    try_cast_numbers,
)
from engine.recipe.csv_dialect import DecimalSign


@dataclass
class TextColumnStatistics:
    """Accumulates the statistics of a text column. Words for missing values are ignored.

    Args:
        decimal: the decimal sign of the table, None to detect it per column.
        all_plain: whether all cells are plain numbers, such as "3" or "1.5".
        present_count: the number of cells that are not missing.
        number_count: the number of cells that are numbers.
        no_point: True if any cell is not a number with "." as the decimal sign.
        no_comma: True if any cell is not a number with "," as the decimal sign, such as "1.5".
        has_point: True if any cell is a number only with "." as the decimal sign, such as "1.5".
        has_ungrouped: True if any cell, such as "1,5", is neither a number with "." as the decimal
            sign ("1.5") nor a whole number with "," between thousands ("1,234").
    """

    decimal: DecimalSign | None = None
    all_plain: bool = True
    present_count: int = 0
    number_count: int = 0
    no_point: bool = False
    no_comma: bool = False
    has_point: bool = False
    has_ungrouped: bool = False
    _cell_count: int = field(default=0)

    def add(self, cells: TextArray) -> None:
        """Add the next cells."""
        self._cell_count += len(cells)
        if try_cast_numbers(cells, self.decimal) is not None:
            self.present_count += len(cells)
            self.number_count += len(cells)
            # A decimal point in this chunk excludes decimal commas in later chunks.
            self.has_point = self.has_point or bool(
                np.any(to_bool_array(pc.match_substring(cells, ".")))
            )
            self.no_comma |= self.has_point
            return
        self.all_plain = False
        # Match each distinct text once and weight it by its count.
        texts, counts = value_counts(cells)
        is_present = ~missing_number_mask(texts)
        has_point, has_comma, is_grouped = (
            to_bool_array(pc.match_substring_regex(texts, pattern))
            for pattern in (POINT_PATTERN, COMMA_PATTERN, GROUPED_PATTERN)
        )
        self.present_count += int(counts[is_present].sum())
        self.number_count += int(counts[is_present & (has_point | has_comma | is_grouped)].sum())
        self.no_point |= bool((is_present & ~has_point).any())
        self.no_comma |= bool((is_present & ~has_comma).any())
        self.has_point |= bool((has_point & ~has_comma).any())
        self.has_ungrouped |= bool((is_present & ~has_point & ~is_grouped).any())

    @property
    def is_mostly_numbers(self) -> bool:
        """Whether most cells are numbers. If so, the column is read as numbers."""
        is_plain = self.all_plain and self._cell_count > 0
        return is_plain or 2 * self.number_count > self.present_count

    @property
    def has_decimal_commas(self) -> bool:
        """Whether the cells show that the decimal sign is a comma."""
        return self.decimal is None and self.no_point and self.has_ungrouped and not self.no_comma

    @property
    def decimal_sign(self) -> DecimalSign | None:
        """The decimal sign for reading all chunks. If None, it is detected in each chunk."""
        if self.has_decimal_commas:
            return ","
        # The cells mix both signs. Detection per chunk would accept chunks with commas only.
        is_mixed = self.decimal is None and self.no_point and self.has_ungrouped
        return "." if is_mixed else self.decimal


@dataclass(frozen=True, slots=True)
class ChunkColumns(PortColumns):
    """The columns of one port in one chunk; statistics of all chunks determine how text is parsed.

    Args:
        text_statistics: the statistics of each text column.
        is_own_fit: False if the encoders were fitted in a previous run.
    """

    text_statistics: dict[str, TextColumnStatistics] = field(default_factory=dict)
    is_own_fit: bool = True

    def mostly_numbers(self, name: str, column: Column) -> bool:
        """Return whether most cells of a text column are numbers, counted over all chunks."""
        return self.text_statistics[name].is_mostly_numbers

    def parsed_numbers(self, port: str, name: str, column: Column) -> np.ndarray:
        """Return a text column's numbers, NaN for missing cells; the result is cached.

        Raises:
            DiagnosticError: if cells are not numbers.
        """
        cached = self._plain.get(name)
        if cached is not None:
            return cached
        statistics = self.text_statistics[name]
        if not statistics.is_mostly_numbers and (self.is_own_fit or statistics.present_count):
            raise DiagnosticError(text_column_error(port, name, column))
        csv = self.table.dialect is not None
        values, _ = parse_numbers(column, name, statistics.decimal_sign, csv, statistics.has_point)
        self._plain[name] = values
        return values

    def conversion_notes(self) -> list[Diagnostic]:
        """Return infos on columns with decimal commas."""
        names = [name for name in self.source.column_names if name in self.text_statistics]
        return [
            decimal_comma_diagnostic(name)
            for name in names
            if self.text_statistics[name].has_decimal_commas
        ]
