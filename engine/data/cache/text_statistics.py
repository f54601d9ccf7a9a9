"""Statistics of text columns over all chunks: the content, and the form of numbers.

Why: all chunks must be read in the same way, even chunks without a decimal sign or any value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import Field

from engine.core.schema import Schema
from engine.data.ports.port_columns import PortColumns
from engine.data.profile.content import ContentCounter, column_content
from engine.data.profile.statistics import ColumnContent
from engine.data.table.column_types import Column, TextArray, is_text
from engine.data.table.number_form import (
    DetectedForm,
    FormProblem,
    NumberForm,
    NumberFormCounter,
)
from engine.data.table.number_parser import add_number_cells


class TextSummary(Schema):
    """What the statistics of a text column say about reading it."""

    content: ColumnContent = Field(description="The content of the column.")
    form: NumberForm = Field(description="The format of its numbers.")
    problem: FormProblem = Field(description="Why they can't be read in this format.")


class TextColumnStatistics:
    """Collects what the cells of a text column are, and the form of the numbers among them.

    `forms` counts the forms of numbers, and has counted no cell yet.
    """

    def __init__(self, forms: NumberFormCounter) -> None:
        self._forms, self._counter = forms, ContentCounter()

    def add(self, cells: TextArray) -> None:
        """Add the next cells."""
        self._counter.add(cells)
        add_number_cells(cells, self._forms)

    def summary(self) -> TextSummary:
        """Return what all cells that were added say about reading the column."""
        form, problem = self._forms.detect()
        return TextSummary(content=self._counter.content, form=form, problem=problem)


@dataclass(frozen=True, slots=True)
class ChunkColumns(PortColumns):
    """The columns of one port in one chunk; statistics of all chunks determine how text is parsed.

    Args:
        text_statistics: what the statistics of each text column say.
    """

    text_statistics: Mapping[str, TextSummary] = field(default_factory=dict)

    def content(self, name: str, column: Column) -> ColumnContent:
        """Return the content of a column in all chunks; `column` has its cells in this chunk."""
        return self.text_statistics[name].content if is_text(column) else column_content(column)

    def number_form(self, name: str, column: Column) -> DetectedForm:
        """Return the form of the numbers of a text column in all chunks."""
        summary = self.text_statistics[name]
        return DetectedForm(summary.form, summary.problem)
