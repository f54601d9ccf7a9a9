"""What is known of a column once all rows were looked at; plain JSON, for window and CLI."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "number", "whole number", "boolean", "category", "text", "date", "list", "image path",
    "id sequence", "identifier", "constant",
]  # fmt: skip
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Facts(BaseModel):
    """Base of facts; `model_dump(mode="json")` is plain JSON without NaN or infinity."""

    # Built on first use, as schemas are: a training meets it only where rows are looked through.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Spread(Facts):
    """How numbers are spread."""

    least: float = Field(description="The smallest.")
    most: float = Field(description="The largest.")
    mean: float = Field(description="The mean.")
    deviation: float = Field(description="The standard deviation.")
    quantiles: tuple[float, ...] = Field(description="At 5, 25, 50, 75 and 95 %.")


class Histogram(Facts):
    """How many numbers lie between two edges; the last edge belongs to the last bin."""

    edges: tuple[float, ...] = Field(description="One more than there are bins, at most 25.")
    counts: tuple[int, ...] = Field(description="How many lie in each bin.")


class Label(Facts):
    """A text, and how many cells hold it."""

    text: str = Field(description="The text, shortened.")
    count: int = Field(description="How many cells.")


class ColumnFacts(Facts):
    """What a column holds."""

    name: str = Field(description="The column.")
    kind: Kind = Field(description="What its cells are, as far as they show it.")
    rows: int = Field(description="How many cells.")
    missing: int = Field(0, description="How many of them are empty.")
    distinct: int | None = Field(None, description="How many different values; not for lists.")
    shape: tuple[int, ...] = Field((), description="Of one row, for arrays with further axes.")
    infinite: int = Field(0, description="How many numbers are infinite.")
    spread: Spread | None = Field(
        None, description="Of numbers; of a text's words or a list's items, their count per row."
    )
    histogram: Histogram | None = Field(
        None, description="Of the same; of dates, as seconds since 1970."
    )
    earliest: str = Field("", description="The first date.")
    latest: str = Field("", description="The last date.")
    top: tuple[Label, ...] = Field((), description="The labels that occur most, at most 24.")
    separator: str = Field("", description="What stands between several labels in one cell.")
    examples: tuple[str, ...] = Field((), description="The first cells that differ, shortened.")
    commas: bool = Field(False, description="Whether its cells hold decimal commas.")
    fault: str = Field("", description="What keeps some cells from being what most of them are.")
    strange: tuple[str, ...] = Field((), description="The cells at fault, each once, if few.")
    mend: str = Field("", description="What to do about them in the file, where that is known.")
