"""The rows of a table that a diagnostic is about, and the words for them in its texts."""

from __future__ import annotations

from dataclasses import dataclass

ROWS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class AffectedRows:
    """Rows of a table.

    Args:
        numbers: the numbers of the first five rows, counting from 0.
        count: the number of rows.
        total: the number of rows of the table.
        max_length: the length of the longest row, if the diagnostic is about lengths.
    """

    numbers: tuple[int, ...]
    count: int
    total: int
    max_length: int = 0

    @property
    def count_text(self) -> str:
        """Text such as "3 of 1,000 rows"."""
        return f"{self.count:,} of {self.total:,} rows"

    @property
    def first_text(self) -> str:
        """Text such as "in row 17", which names the first row."""
        return f"in row {self.numbers[0] if self.numbers else ''}"

    @property
    def length_text(self) -> str:
        """Text such as "up to 1,200", which gives the length of the longest row."""
        return f"up to {self.max_length:,}"

    def __str__(self) -> str:
        """Return text such as "rows 17, 204, 9981 (counting from 0)"."""
        shown = ", ".join(map(str, self.numbers))
        more = ", ..." if self.count > len(self.numbers) else ""
        return f"row{'s' if self.count > 1 else ''} {shown}{more} (counting from 0)"
