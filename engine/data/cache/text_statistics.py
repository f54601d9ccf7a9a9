"""Statistics of text columns over all chunks: whether cells are numbers, and the decimal sign.

Why: all chunks must be read in the same way, even chunks without a decimal sign or any value.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

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

PATTERNS = (POINT_PATTERN, COMMA_PATTERN, GROUPED_PATTERN)
# A cell such as "3" is a number in several notations. The eight rows are all combinations.
IS_POINT, IS_COMMA, IS_GROUPED = (np.arange(8) & [[1], [2], [4]]) > 0


class TextColumnStatistics:
    """Counts how many cells of a text column are numbers, and in which notations.

    `decimal` is the decimal sign of the table, None to detect it per column. Words for missing
    values are ignored.
    """

    def __init__(self, decimal: DecimalSign | None = None) -> None:
        self.decimal = decimal
        self._counts = np.zeros(8, np.int64)

    def add(self, cells: TextArray) -> None:
        """Add the next cells."""
        if try_cast_numbers(cells, self.decimal) is not None:  # fast, for cells such as 3 and 1.5
            points = int(to_bool_array(pc.match_substring(cells, ".")).sum())
            self._counts[1] += points
            self._counts[1 + 2] += len(cells) - points
            return
        # Match each distinct text once and weight it by its count.
        texts, counts = value_counts(cells)
        is_present = ~missing_number_mask(texts)
        masks = [to_bool_array(pc.match_substring_regex(texts, pattern)) for pattern in PATTERNS]
        notations = np.array([1, 2, 4]) @ masks
        np.add.at(self._counts, notations[is_present], counts[is_present])

    def _has(self, notations: NDArray[np.bool_]) -> bool:
        return bool(self._counts[notations].any())

    @property
    def has_values(self) -> bool:
        """Whether any cell is not missing."""
        return bool(self._counts.any())

    @property
    def is_mostly_numbers(self) -> bool:
        """Whether most cells are numbers. If so, the column is read as numbers."""
        return bool(2 * self._counts[1:].sum() > self._counts.sum())

    @property
    def has_points(self) -> bool:
        """Whether any cell is a number only with "." as the decimal sign, such as "1.5"."""
        return self._has(IS_POINT & ~IS_COMMA)

    @property
    def has_ungrouped_commas(self) -> bool:
        """Whether any cell, such as "1,5", is neither a number with "." nor grouped as "1,234"."""
        return self.decimal is None and self._has(~IS_POINT & ~IS_GROUPED)

    @property
    def has_decimal_commas(self) -> bool:
        """Whether the cells show that the decimal sign is a comma."""
        return self.has_ungrouped_commas and not self._has(~IS_COMMA)

    @property
    def decimal_sign(self) -> DecimalSign | None:
        """The decimal sign for reading all chunks. If None, it is detected in each chunk."""
        if self.has_decimal_commas:
            return ","
        # The cells mix both signs. Detection per chunk would accept chunks with commas only.
        return "." if self.has_ungrouped_commas else self.decimal


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
        if not statistics.is_mostly_numbers and (self.is_own_fit or statistics.has_values):
            raise DiagnosticError(text_column_error(port, name, column))
        csv = self.table.dialect is not None
        values, _ = parse_numbers(column, name, statistics.decimal_sign, csv, statistics.has_points)
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
