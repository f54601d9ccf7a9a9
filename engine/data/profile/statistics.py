"""Schemas of column statistics. The programs that show the statistics read them as JSON."""

from __future__ import annotations

from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf

from engine.core.diagnostic import Diagnostic

ColumnKind = Literal[
    "number", "whole number", "boolean", "category", "text", "date", "list", "image path",
    "id sequence", "identifier", "constant",
]  # fmt: skip
# What decides which encoding a column gets. "integers" are one per row, "numbers" all other numbers
# and arrays. The last five are what most cells of a text column are; "integer texts" are numbers
# that can be read as id lists as well, such as "3" or "1,5".
ColumnContent = Literal[
    "integers", "numbers", "dates", "number lists", "text lists",
    "integer texts", "number texts", "date texts", "id list texts", "texts",
]  # fmt: skip
NUMBER_TEXTS: tuple[ColumnContent, ...] = ("integer texts", "number texts")
MAX_INTEGER_CLASSES = 20  # more distinct integers than this are not class ids
_CUT_FACTOR = 1.5  # if the longest row exceeds the 95 % quantile by this factor, truncate rows
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class FrozenModel(BaseModel):
    """The base class of immutable schemas; numbers must be finite, because JSON requires this."""

    # Validators are built on first use, since most trainings never need them.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class NumericSummary(FrozenModel):
    """Summary statistics of numbers."""

    least: float = Field(description="The minimum.")
    most: float = Field(description="The maximum.")
    mean: float = Field(description="The mean.")
    deviation: float = Field(description="The standard deviation.")
    quantiles: tuple[float, ...] = Field(description="At 5, 25, 50, 75 and 95 %.")


class Histogram(FrozenModel):
    """A histogram of numbers; the last bin includes its upper edge, as in NumPy."""

    edges: tuple[float, ...] = Field(description="The bin edges, at most 25.")
    counts: tuple[int, ...] = Field(description="The number of values in each bin.")


class LabelCount(FrozenModel):
    """A label and the number of cells that hold it."""

    text: str = Field(description="The label, shortened.")
    count: int = Field(description="The number of cells.")


class ColumnStatistics(FrozenModel):
    """The statistics of a column."""

    name: str = Field(description="The name of the column.")
    kind: ColumnKind = Field(description="The kind of its cells, as detected.")
    content: ColumnContent = Field(
        description="What decides its default encoding: numbers, dates, lists or texts."
    )
    rows: int = Field(description="The number of cells.")
    missing: int = Field(0, description="The number of empty cells.")
    distinct: int | None = Field(None, description="The number of distinct values; null for lists.")
    shape: tuple[int, ...] = Field((), description="The shape of one row, for arrays.")
    infinite: int = Field(0, description="The number of infinite values.")
    spread: NumericSummary | None = Field(
        None, description="Of numbers; for text and lists, of the number of words or items per row."
    )
    histogram: Histogram | None = Field(
        None, description="Of the same values; for dates, of seconds since 1970."
    )
    earliest: str = Field("", description="The first date.")
    latest: str = Field("", description="The last date.")
    top: tuple[LabelCount, ...] = Field((), description="The most frequent labels, at most 24.")
    separator: str = Field("", description="The separator of several labels in one cell.")
    examples: tuple[str, ...] = Field((), description="The first distinct cells, truncated.")
    commas: bool = Field(False, description="Whether numbers have a decimal comma.")
    notation: str = Field("", description="How numbers in text differ from plain ones.")
    ambiguous_dates: bool = Field(
        False, description="Whether no date shows if the day or the month comes first."
    )
    fault: str = Field("", description="Why some cells can't be read like the others.")
    strange: tuple[str, ...] = Field((), description="The distinct unreadable cells, if few.")
    mend: str = Field("", description="How to correct these cells in the file, where known.")
    warnings: tuple[InstanceOf[Diagnostic], ...] = Field(
        (), exclude=True, description="Warnings about cells that are likely to be mistakes."
    )

    @property
    def is_numeric(self) -> bool:
        """Whether the column holds one number per row."""
        return self.spread is not None and self.kind in (
            "number",
            "whole number",
            "boolean",
            "identifier",
            "constant",
        )

    @property
    def holds_labels(self) -> bool:
        """Whether the cells are texts that stand for themselves: neither numbers nor dates."""
        is_text = self.content in ("id list texts", "texts")
        return self.spread is None and (is_text or self.kind != "constant")

    @property
    def may_be_classes(self) -> bool:
        """Whether the column may hold class ids: few consecutive whole numbers, such as 1 to 5."""
        return self.kind == "whole number" and self._is_short_range

    @property
    def holds_class_ids(self) -> bool:
        """Whether the column looks like class ids: 0, 1, 2 and so on, without gaps."""
        is_whole = self.kind in ("whole number", "boolean")
        starts_at_0 = self.spread is not None and self.spread.least == 0
        return is_whole and starts_at_0 and self._is_short_range

    @property
    def _is_short_range(self) -> bool:
        count = self.distinct or 0
        if self.spread is None or not 2 <= count <= MAX_INTEGER_CLASSES:
            return False
        return self.spread.most - self.spread.least == count - 1

    @property
    def sequence_length(self) -> int | None:
        """The length to pad or truncate the rows of a sequence column to; None if unknown.

        It is the longest row's length, or the 95 % quantile of lengths if a few rows are much
        longer.
        """
        if self.spread is None:
            return None
        usual_length: int = max(1, ceil(self.spread.quantiles[-1]))
        longest: int = max(1, ceil(self.spread.most))
        return longest if longest <= _CUT_FACTOR * usual_length else usual_length

    @property
    def has_time_of_day(self) -> bool:
        """Whether some dates of a date column have a time of day."""
        return any(":" in text for text in (*self.examples, self.earliest, self.latest))
