"""Statistics of text columns over all chunks: the content, and the decimal sign of numbers.

Why: all chunks must be read in the same way, even chunks without a decimal sign or any value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.ports.port_columns import PortColumns, text_column_error
from engine.data.profile.content import ContentCounter, column_content
from engine.data.profile.statistics import NUMBER_TEXTS, ColumnContent
from engine.data.table.column_types import Column, TextArray, is_text, to_bool_array
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
from engine.recipe.csv_dialect import DecimalSign


@dataclass
class TextColumnStatistics:
    """Accumulates the statistics of a text column. Words for missing values are ignored.

    Args:
        decimal: the decimal sign of the table, None to detect it per column.
        has_values: whether any cell is not missing.
        no_point: True if any cell is not a number with "." as the decimal sign.
        no_comma: True if any cell is not a number with "," as the decimal sign, such as "1.5".
        has_point: True if any cell is a number only with "." as the decimal sign, such as "1.5".
        has_ungrouped: True if any cell, such as "1,5", is neither a number with "." as the decimal
            sign ("1.5") nor a whole number with "," between thousands ("1,234").
    """

    decimal: DecimalSign | None = None
    has_values: bool = False
    no_point: bool = False
    no_comma: bool = False
    has_point: bool = False
    has_ungrouped: bool = False
    _counter: ContentCounter = field(default_factory=ContentCounter)

    def add(self, cells: TextArray) -> None:
        """Add the next cells."""
        self._counter.add(cells)
        if try_cast_numbers(cells, self.decimal) is not None:
            self.has_values = True
            # A decimal point in this chunk excludes decimal commas in later chunks.
            self.has_point = self.has_point or bool(
                np.any(to_bool_array(pc.match_substring(cells, ".")))
            )
            self.no_comma |= self.has_point
            return
        texts = cells.unique()
        is_present = ~missing_number_mask(texts)
        has_point, has_comma, is_grouped = (
            to_bool_array(pc.match_substring_regex(texts, pattern))
            for pattern in (POINT_PATTERN, COMMA_PATTERN, GROUPED_PATTERN)
        )
        self.has_values |= bool(is_present.any())
        self.no_point |= bool((is_present & ~has_point).any())
        self.no_comma |= bool((is_present & ~has_comma).any())
        self.has_point |= bool((has_point & ~has_comma).any())
        self.has_ungrouped |= bool((is_present & ~has_point & ~is_grouped).any())

    @cached_property
    def content(self) -> ColumnContent:
        """The content of the column, known after all cells were added."""
        return self._counter.content

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

    def content(self, name: str, column: Column) -> ColumnContent:
        """Return the content of a column in all chunks; `column` has its cells in this chunk."""
        return self.text_statistics[name].content if is_text(column) else column_content(column)

    def parsed_numbers(self, port: str, name: str, column: Column) -> np.ndarray:
        """Return a text column's numbers, NaN for missing cells; the result is cached.

        Raises:
            DiagnosticError: if cells are not numbers.
        """
        cached = self._plain.get(name)
        if cached is not None:
            return cached
        statistics = self.text_statistics[name]
        is_number_text = statistics.content in NUMBER_TEXTS
        if not is_number_text and (self.is_own_fit or statistics.has_values):
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
