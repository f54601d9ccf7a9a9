"""Reader of Parquet and Arrow files, each of which a child process reads first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

import pyarrow as pa

from engine.data.readers.binary.arrow_columns import arrow_to_columns
from engine.data.readers.binary.arrow_schema import check_schema
from engine.data.readers.binary.probe import file_parts, file_schema, probe_file
from engine.data.table.rebatch import rebatch
from engine.data.table.table import Table

# Parts are probed up to this size before the first rows are read. So for most files the usual
# sequence, the first rows and then all rows, starts one child process.
PROBED_AHEAD_BYTES = 2**26


def arrow_file_chunks(
    path: Path,
    columns: Sequence[str] | None,
    rows: int,
    is_known: bool = False,
    limit: int | None = None,
) -> Iterator[Table]:
    """Yield chunks of at most `rows` rows of a file; read all columns if `columns` is None.

    If `is_known`, no child process reads the file first.

    Raises:
        DiagnosticError: if the file is damaged, has unsupported types, or exceeds `limit` bytes.
    """
    with closing(probe_file(path, limit)) as probe:  # no child process starts before
        ahead = [] if is_known else _probe_ahead(probe, limit)
        schema = file_schema(path)
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        check_schema(schema, path)
        parts = file_parts(path, schema.names)
        if not is_known:  # zip waits for the child process before it reads a part
            parts = (part for _, part in zip(chain(ahead, probe), parts, strict=False))
        for table in rebatch(chain.from_iterable(parts), rows, schema):
            yield arrow_to_columns(table, path)


def _probe_ahead(probe: Iterator[int], limit: int | None) -> list[int]:
    """Return the sizes of the first parts, up to `PROBED_AHEAD_BYTES`; with a limit, all."""
    next(probe)
    sizes = []
    for size in probe:
        sizes.append(size)
        if limit is None and sum(sizes) > PROBED_AHEAD_BYTES:
            break
    return sizes
