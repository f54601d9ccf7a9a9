"""Schemas of column statistics. The programs that show the statistics read them as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ColumnKind = Literal[
    "number", "whole number", "boolean", "category", "text", "date", "list", "image path",
    "id sequence", "identifier", "constant",
]  # fmt: skip
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
    examples: tuple[str, ...] = Field((), description="The first distinct cells, shortened.")
    commas: bool = Field(False, description="Whether numbers have a decimal comma.")
    fault: str = Field("", description="Why some cells can't be read like the others.")
    strange: tuple[str, ...] = Field((), description="The distinct unreadable cells, if few.")
    mend: str = Field("", description="How to correct these cells in the file, where known.")
