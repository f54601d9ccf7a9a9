"""Reads the shards of a table one after the other, and checks that they have the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.formatting.counts import count_noun
from engine.data.readers.registry import (
    ARROW_EXTENSIONS,
    CSV_EXTENSIONS,
    detect_file_dialect,
    file_chunks,
    file_column_names,
    file_extension,
    read_file,
)
from engine.data.readers.shards import Shard
from engine.data.table.column_types import Column, column_bytes, concat_columns, is_date, is_text
from engine.data.table.read_result import ReadResult
from engine.recipe.csv_dialect import Dialect

PROBED_SHARDS = 32  # the number of files that one child process probes


def read_shards(shards: Sequence[Shard], limit: int, dialect: Dialect | None) -> ReadResult:
    """Return all columns of all shards. `limit` is their maximum size in bytes.

    Raises:
        DiagnosticError: if a shard can't be read, or has other columns than the first.
        OSError: if a shard can't be copied to this machine.
    """
    first: ReadResult | None = None
    filled: list[ReadResult] = []  # the columns of a file without rows may have no types
    notes, check = joined_shards_infos(shards), ColumnCheck()
    for index, shard in enumerate(shards):
        if index % PROBED_SHARDS == 1:  # so the first rows of the table are there at once
            probe_shards(shards[index : index + PROBED_SHARDS])
        used = _dialect_of_all(first.dialect, dialect) if first else dialect
        with shard.local_file() as file:
            result = read_file(file, limit, used)
        first = first or result
        check.names(shard, list(result.columns))
        if any(map(len, result.columns.values())):
            check.types(shard, result.columns)
            filled.append(result)
        limit -= sum(map(column_bytes, result.columns.values()))
        notes += [note for note in result.notes if note not in notes]
    assert first is not None, "a table of shards has a shard"
    parts = filled or [first]
    columns = {name: concat_columns([x.columns[name] for x in parts]) for name in first.columns}
    return ReadResult(columns, notes, first.dialect)


def shard_chunks(
    shards: Sequence[Shard], columns: Sequence[str] | None, rows: int, dialect: Dialect | None
) -> Iterator[tuple[int, dict[str, Column]]]:
    """Yield chunks of at most `rows` rows, each with the index of its shard.

    Args:
        columns: the names of the columns to read, None for all.
        dialect: dialect settings of CSV files; the first shard decides what they leave open.

    Raises:
        DiagnosticError: as `read_shards`, when the iteration reaches the shard.
        OSError: if a shard can't be copied to this machine.
    """
    found: Dialect | None = None
    check = ColumnCheck()
    for index, shard in enumerate(shards):
        if index % PROBED_SHARDS == 1:  # so the first rows of the table are there at once
            probe_shards(shards[index : index + PROBED_SHARDS])
        with shard.local_file() as file:
            found = found or detect_file_dialect(file, dialect)
            check.names(shard, file_column_names(file, found))
            for part in file_chunks(file, columns, rows, _dialect_of_all(found, dialect)):
                check.types(shard, part)
                yield index, part


def detect_shard_dialect(shards: Sequence[Shard], given: Dialect | None) -> Dialect | None:
    """Return the dialect of the first shard if it is a CSV file, else None."""
    if file_extension(Path(shards[0].name)) not in CSV_EXTENSIONS:
        return None  # without copying the shard from a store
    with shards[0].local_file() as file:
        return detect_file_dialect(file, given)


def _dialect_of_all(found: Dialect | None, given: Dialect | None) -> Dialect | None:
    """Return the dialect to read all shards with; their encodings may differ."""
    return found and found.model_copy(update={"encoding": given.encoding if given else None})


def probe_shards(shards: Sequence[Shard]) -> None:
    """Probe local Parquet and Arrow files in one child process, before they are read.

    Why: to start a process for each file would take longer than reading it.
    """
    files = (Path(shard.key) for shard in shards if shard.store is None)
    if found := [file for file in files if file_extension(file) in ARROW_EXTENSIONS]:
        from engine.data.readers.binary.probe import probe_ahead

        probe_ahead(found)


class ColumnCheck:
    """Compares the columns of shards with those of the first shard."""

    def __init__(self) -> None:
        self._names: tuple[Shard, Sequence[str]] | None = None
        self._types: dict[str, tuple[Shard, str]] = {}

    def names(self, shard: Shard, names: Sequence[str]) -> None:
        """Check the names of the columns of a shard.

        Raises:
            DiagnosticError: shards-differ.
        """
        first, expected = self._names = self._names or (shard, names)
        missing = ", ".join(f'no column "{name}"' for name in expected if name not in names)
        others = ", ".join(f'a column "{name}"' for name in names if name not in expected)
        if missing or others:
            found = f"{missing}{', ' if missing and others else ''}{others}"
            raise _difference(shard, first, found, ", ".join(expected))

    def types(self, shard: Shard, columns: Mapping[str, Column]) -> None:
        """Check the types of some columns of a shard.

        Raises:
            DiagnosticError: shards-differ.
        """
        for name, column in columns.items():
            found = _column_type(column)
            first, expected = self._types.setdefault(name, (shard, found))
            if found != expected:
                raise _difference(shard, first, f"{found} in {name}", f"{expected} in {name}")


def _column_type(column: Column) -> str:
    if is_date(column):
        return "dates"
    if isinstance(column, np.ndarray):
        size = " x ".join(map(str, column.shape[1:]))
        return f"arrays of {size} numbers" if size else "numbers"
    return "text" if is_text(column) else f"lists of {column.type.value_type}"


def _difference(shard: Shard, first: Shard, found: str, expected: str) -> DiagnosticError:
    name, first_name = Path(shard.name).name, Path(first.name).name
    return DiagnosticError(
        Diagnostic(
            "shards-differ",
            f'"{name}" has other columns than "{first_name}"',
            place=shard.name,
            found=found[:200],
            expected=f"as in {first.name}: {expected}"[:300],
            fixes=(
                Fix("Write both files with the same columns."),
                Fix("Name only the files of one table, such as --data 'folder/part-*.parquet'."),
            ),
        )
    )


def joined_shards_infos(shards: Sequence[Shard]) -> list[Diagnostic]:
    """Return an info that several files were read as one table; [] for one file."""
    if len(shards) < 2:
        return []
    first, last = (Path(shard.name).name for shard in (shards[0], shards[-1]))
    return [
        Diagnostic(
            "shards-joined",
            f"{count_noun(len(shards), 'file')} were read as one table, from {first} to {last}",
            severity="info",
            found=count_noun(len(shards), "file"),
        )
    ]
