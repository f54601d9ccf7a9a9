"""What the ports of a graph would receive of a table, as plain JSON for window and command."""

from __future__ import annotations

from pydantic import Field

from engine.data.profile.statistics import Facts
from engine.recipe.data_mapping import Side

UNKNOWN, PADDING = "unknown", "padding"


class Row(Facts):
    """One row of a port: its cells beside the numbers made of them."""

    cells: tuple[str, ...] = Field((), description="As they stand in the table, shortened.")
    values: tuple[float | None, ...] = Field((), description="The first numbers; null for NaN.")
    words: tuple[str, ...] = Field((), description="What each number stands for; empty for none.")
    masked: bool = Field(False, description="It has no target, so it counts for nothing.")
    fault: str = Field("", description="Why the port gets nothing of it; empty where it does.")
    picture: str = Field("", description="The numbers as a PNG in base64, where they are pixels.")


class PortView(Facts):
    """One port, and the first rows that it would receive."""

    port: str = Field(description="The Input or Output.")
    side: Side = Field(description="inputs or targets.")
    columns: tuple[str, ...] = Field(description="Those that feed it.")
    kind: str = Field("", description="Of its encoder; empty where cells stay as they are.")
    does: str = Field("", description="What the encoder makes of cells, in words.")
    dtype: str = Field("", description="Of the numbers; empty where none come.")
    shape: tuple[int, ...] = Field((), description="Of one row.")
    names: tuple[str, ...] = Field((), description="Of the numbers of a row, where they have any.")
    rows: tuple[Row, ...] = Field((), description="The first rows.")


class Received(Facts):
    """What a graph would receive of its data."""

    ports: tuple[PortView, ...] = Field((), description="Inputs first, in drawing order.")
    sides: dict[str, int] = Field({}, description="Rows to train, validate and test on.")
    split: str = Field("", description="How rows come to their sides, in words.")
