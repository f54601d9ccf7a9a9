"""Schemas of the data preview: the encoded rows of each port, as JSON."""

from __future__ import annotations

from pydantic import Field

from engine.data.profile.statistics import FrozenModel
from engine.recipe.data_mapping import PortSide

UNKNOWN_WORD, PADDING_WORD = "unknown", "padding"


class PreviewRow(FrozenModel):
    """One data row of an Input or Output: its table cells and their encoded values."""

    cells: tuple[str, ...] = Field((), description="The cells of the table, shortened.")
    values: tuple[float | None, ...] = Field(
        (), description="The first encoded values; null for NaN."
    )
    words: tuple[str, ...] = Field(
        (), description="The label or word of each value; empty for none."
    )
    masked: bool = Field(False, description="True if the row has no target and is masked.")
    fault: str = Field("", description="Why the row can't be encoded; empty if it can.")
    picture: str = Field("", description="The values as a base64 PNG, if they are pixels.")


class PortPreview(FrozenModel):
    """The preview of one port: its encoder and its first rows."""

    port: str = Field(description="The Input or Output node.")
    side: PortSide = Field(description="inputs or targets.")
    columns: tuple[str, ...] = Field(description="The columns that feed it.")
    kind: str = Field("", description="The kind of its encoder; empty for none.")
    does: str = Field("", description="A description of the encoder.")
    dtype: str = Field("", description="The dtype of the values; empty for none.")
    shape: tuple[int, ...] = Field((), description="The shape of one row.")
    names: tuple[str, ...] = Field((), description="The names of the values of a row, if any.")
    rows: tuple[PreviewRow, ...] = Field((), description="The first rows.")


class DataPreview(FrozenModel):
    """A preview of the data: the first rows of each Input and Output, and the sizes of subsets."""

    ports: tuple[PortPreview, ...] = Field((), description="Inputs first, in graph order.")
    sides: dict[str, int] = Field({}, description="The number of rows of each subset.")
    split: str = Field("", description="A description of the split.")
