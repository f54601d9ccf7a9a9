"""Reads the shards of a table one after the other, and checks that they have the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.core.formatting.counts import count_noun
from engine.data.readers.registry import ARROW_EXTENSIONS, file_chunks
from engine.data.readers.shards import Shard
from engine.data.table.column_types import Column, is_date, is_text
from engine.data.table.missing_values import blank_missing
from engine.data.table.table import Table
from engine.recipe.csv_dialect import Dialect


def shard_chunks(
    shards: Sequence[Shard],
    columns: Sequence[str] | None,
    rows: int,
    given: Dialect | None,
    is_known: bool = False,
    limit: int | None = None,
) -> Iterator[tuple[int, Table]]:
    """Yield chunks of at most `rows` rows, each with the index of its shard.

    Args:
        columns: the names of the columns to read, None for all.
        given: the dialect set by the user; the dialect of the first shard is that of all.
        is_known: whether all shards were read before, so that no child process reads them first.
        limit: the maximum size of all columns in bytes.

    Raises:
        DiagnosticError: if a shard can't be read, has other columns than the first, or was changed
            since it was read before.
        OSError: if a shard can't be copied to this machine.
    """
    dialect = given
    first: tuple[Shard, list[str]] | None = None  # and its columns
    # When shards are read for the first time, all their columns are compared.
    read = columns if is_known or len(shards) == 1 else None
    for index, shard in enumerate(shards if is_known else _probed(shards)):
        if is_known:
            shard.require_unchanged()
        with shard.local_file() as file:
            stored = read and [name for name in read if name not in dict(shard.partition)]
            for chunk in file_chunks(
                file, stored or None, rows, dialect, is_known, limit, shard.sheet
            ):
                part = shard.with_partition(chunk.columns)
                if chunk.row_count:  # the columns of a file without rows may have no types
                    types = [f"{name} ({_column_type(column)})" for name, column in part.items()]
                    first = first or (shard, types)
                    _check_columns(shard, types, *first)
                used = blank_missing({name: part[name] for name in columns or part}, given)
                yield index, replace(chunk, columns=used)
                if limit is not None:
                    limit -= sum(column.nbytes for column in used.values())
        dialect = dialect if index else shared_dialect(chunk.dialect, given)


def _probed(shards: Sequence[Shard]) -> Iterator[Shard]:
    """Yield all shards; a child process reads local Parquet and Arrow files ahead of this process.

    Why: to start a process for each file would take longer than reading it. Only the first file has
    its own, so that its first rows are there at once.
    """

    def is_probed(shard: Shard) -> bool:
        return shard.store is None and shard.extension in ARROW_EXTENSIONS

    files = [Path(shard.key) for shard in shards[1:] if is_probed(shard)]
    if not files:  # without importing pyarrow
        yield from shards
        return
    from engine.data.readers.binary.probe import probe_ahead

    with closing(probe_ahead(files)) as probe:
        for index, shard in enumerate(shards):
            if index and is_probed(shard):
                next(probe)
            yield shard


def shared_dialect(first: Dialect | None, given: Dialect | None) -> Dialect | None:
    """Return the dialect of the first shard as that of all shards, whose encodings may differ.

    Of other files than CSV it is `given`, whose words for missing values are used.
    Even in one file, later lines may show that the encoding of the first lines is another one.
    """
    if first is None:
        return given
    return first.model_copy(update={"encoding": given.encoding if given else None})


def _check_columns(shard: Shard, found: list[str], first: Shard, expected: list[str]) -> None:
    """Compare the names and types of the columns of two shards."""
    if sorted(found) != sorted(expected):
        extra = ", ".join(text for text in found if text not in expected)
        missing = ", ".join(text for text in expected if text not in found)
        raise diagnostic_error(
            "shards-differ",
            f'"{Path(shard.name).name}" has other columns than "{Path(first.name).name}"',
            "Write both files with the same columns.",
            "Name only the files of one table, such as --data 'folder/part-*.parquet'.",
            place=shard.name,
            found=(extra or "fewer columns")[:200],
            expected=f"{(missing or 'fewer columns')[:200]}, as in {first.name}",
        )


def _column_type(column: Column) -> str:
    if isinstance(column, np.ndarray):
        size = " x ".join(map(str, column.shape[1:]))
        return "dates" if is_date(column) else f"arrays of {size} numbers" if size else "numbers"
    return "text" if is_text(column) else f"lists of {column.type.value_type}"


def shards_infos(shards: Sequence[Shard]) -> list[Diagnostic]:
    """Return the info that several files were read as one table."""
    if len(shards) < 2:
        return []
    first, last = (Path(shard.name).name for shard in (shards[0], shards[-1]))
    return [
        Diagnostic.info(
            "shards-joined",
            f"{count_noun(len(shards), 'file')} were read as one table, from {first} to {last}",
            found=count_noun(len(shards), "file"),
        ),
    ]
