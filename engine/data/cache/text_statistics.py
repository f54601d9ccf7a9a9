"""Statistics of text columns over all chunks: the content, and the decimal sign of numbers.

Why: all chunks must be read in the same way, even chunks without a decimal sign or any value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow.compute as pc

from engine.core.diagnostic import Diagnostic
from engine.data.ports.port_columns import PortColumns, text_column_error
from engine.data.profile.content import ContentCounter, column_content
from engine.data.profile.statistics import NUMBER_TEXTS, ColumnContent
from engine.data.table.array import Array
from engine.data.table.column_types import Column, TextArray, is_text, matches_pattern
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


@dataclass(frozen=True, slots=True)
class TextSummary:
    """What the statistics of a text column say about reading it.

    Args:
        content: the content of the column.
        decimal_sign: the decimal sign for reading all chunks. If None, it is detected in each.
        has_values: whether any cell is not missing.
        has_points: whether any cell is a number only with ".", such as "1.5".
        has_decimal_commas: whether the cells show that the decimal sign is a comma.
    """

    content: ColumnContent
    decimal_sign: DecimalSign | None
    has_values: bool
    has_points: bool
    has_decimal_commas: bool


class TextColumnStatistics:
    """Collects what the cells of a text column are, and the notations of numbers among them.

    `decimal` is the decimal sign of the table, None to detect it per column. Words for missing
    values are ignored.
    """

    def __init__(self, decimal: DecimalSign | None = None) -> None:
        self.decimal = decimal
        self.has_values = False  # whether any cell is not missing
        self.has_points = False  # whether any cell is a number only with ".", such as "1.5"
        # Whether any cell, such as "1,5", is neither a number with "." nor grouped as "1,234".
        self._has_ungrouped = False
        self._only_commas = True  # whether all cells are numbers if "," is the decimal sign
        self._counter = ContentCounter()

    def add(self, cells: TextArray) -> None:
        """Add the next cells."""
        self._counter.add(cells)
        if try_cast_numbers(cells, self.decimal) is not None:  # fast, for cells such as 3 and 1.5
            has_points = bool(pc.any(pc.match_substring(cells, ".")).as_py())
            self.has_values = True
            self.has_points |= has_points
            self._only_commas &= not has_points
            return
        texts = cells.unique()
        texts = texts.filter(~missing_number_mask(texts))
        is_point = matches_pattern(texts, POINT_PATTERN)
        is_comma = matches_pattern(texts, COMMA_PATTERN)
        is_grouped = matches_pattern(texts, GROUPED_PATTERN)
        self.has_values |= len(texts) > 0
        self.has_points |= bool((is_point & ~is_comma).any())
        self._has_ungrouped |= not (is_point | is_grouped).all()
        self._only_commas &= bool(is_comma.all())

    def summary(self) -> TextSummary:
        """Return what all cells that were added say about reading the column."""
        has_commas = self.decimal is None and self._has_ungrouped and self._only_commas
        sign = self.decimal
        if has_commas:
            sign = ","
        elif sign is None and self._has_ungrouped:
            sign = "."  # mixed signs; detection per chunk would accept chunks with commas only
        return TextSummary(
            self._counter.content, sign, self.has_values, self.has_points, has_commas
        )


@dataclass(frozen=True, slots=True)
class ChunkColumns(PortColumns):
    """The columns of one port in one chunk; statistics of all chunks determine how text is parsed.

    Args:
        text_statistics: what the statistics of each text column say.
        is_own_fit: False if the encoders were fitted in a previous run.
    """

    text_statistics: Mapping[str, TextSummary] = field(default_factory=dict)
    is_own_fit: bool = True

    def content(self, name: str, column: Column) -> ColumnContent:
        """Return the content of a column in all chunks; `column` has its cells in this chunk."""
        return self.text_statistics[name].content if is_text(column) else column_content(column)

    def _parse_numbers(self, port: str, name: str, column: Column) -> Array:
        statistics = self.text_statistics[name]
        is_number_text = statistics.content in NUMBER_TEXTS
        if not is_number_text and (self.is_own_fit or statistics.has_values):
            raise text_column_error(port, name, column)
        csv = self.table.dialect is not None
        values, _ = parse_numbers(column, name, statistics.decimal_sign, csv, statistics.has_points)
        return values

    def conversion_notes(self) -> list[Diagnostic]:
        """Return infos on columns with decimal commas."""
        names = [name for name in self.source.column_names if name in self.text_statistics]
        return [
            decimal_comma_diagnostic(name)
            for name in names
            if self.text_statistics[name].has_decimal_commas
        ]
