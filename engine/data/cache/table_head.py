"""The beginning of a table, from which it is told how the rest is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.data.encoding_choice.default_from_rows import SAMPLE_SIZE
from engine.data.readers.csv_line_numbers import add_line_numbers
from engine.data.readers.registry import detect_file_dialect
from engine.data.readers.table_file import read_table_chunks, resolve_data_path
from engine.data.readers.text.csv_dialect import dialect_notes
from engine.data.table.column_types import column_bytes, is_number, is_text
from engine.data.table.row_numbers import parse_row_numbers
from engine.data.table.table import Table
from engine.recipe.csv_dialect import Dialect

_FEW = 64  # rows that show which columns there are
CHUNK = 2**24  # bytes of a chunk, encoded or not
MOST_ROWS = 2**16


@dataclass(frozen=True, slots=True)
class Head:
    """What the first rows tell.

    Args:
        table: some of them, with all columns.
        texts: the first ten thousand rows of those that are text.
        dialect: to read the whole table by; None unless it is a CSV.
    """

    table: Table
    texts: Table
    dialect: Dialect | None

    @property
    def sample(self) -> Table:
        """As many of the first rows as decide how a column is encoded."""
        columns = {**self.table.columns, **self.texts.columns}
        return replace(self.table, columns=columns)

    @property
    def width(self) -> int:
        """Bytes of a row that is not encoded yet."""
        return self._bytes({name: column.nbytes for name, column in self.table.columns.items()})

    @property
    def written_width(self) -> int:
        """Bytes that a row takes in a file that is not packed."""
        overhead = 7  # an offset of 8 bytes for each text, and one sign after it in a file
        return self._bytes(
            {
                name: column_bytes(column) - (0 if is_number(column) else overhead * len(column))
                for name, column in self.table.columns.items()
            }
        )

    def _bytes(self, sizes: dict[str, int]) -> int:
        return max(sum(sizes.values()) // max(self.table.row_count, 1), 1)

    def chunks(self, columns: Sequence[str], width: int | None = None) -> Iterator[Table]:
        """Yield some columns of the whole table.

        Args:
            columns: at least one.
            width: bytes of a row that decide how many come at a time; None takes those read.
        """
        path = self.table.path
        rows = min(max(CHUNK // (width or self.width), 1), MOST_ROWS)
        for part in read_table_chunks(path, columns, rows, self.dialect):
            yield replace(part, path=path, dialect=self.table.dialect)


def head_of(path: Path, given: Dialect | None) -> Head | None:
    """Look at the beginning of a table; None if it has no rows.

    Raises:
        DiagnosticError: if it can't be read.
    """
    place, arrays = resolve_data_path(path)
    own = place if place.is_dir() else path
    found: Dialect | None = None
    notes: tuple[Diagnostic, ...] = ()
    by: Dialect | None = None
    if not arrays and not place.is_dir():
        found = detect_file_dialect(place, given)
    if found is not None:
        asked = given or Dialect()
        notes = tuple(dialect_notes(found, asked, place))
        # Which encoding it is may turn out later than in the first lines.
        by = found.model_copy(update={"encoding": asked.encoding})
    first = next(read_table_chunks(path, None, _FEW, by), None)
    if first is None:
        return None
    table = Table(own, first.columns, notes, found)
    names = [name for name, column in table.columns.items() if is_text(column)]
    texts = next(read_table_chunks(path, names, SAMPLE_SIZE, by)) if names else Table(own, {})
    return Head(table, texts, by)


def beside_lines(
    found: Sequence[Diagnostic], path: Path, given: Dialect | None
) -> list[Diagnostic]:
    """Return findings about a table, the lines of a CSV beside the rows that they name."""
    if not any(parse_row_numbers(each.place or "") for each in found):
        return list(found)
    head = head_of(path, given)
    return add_line_numbers(found, head.table) if head else list(found)
