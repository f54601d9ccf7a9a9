"""Rebatches Arrow record batches to a fixed number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa


def rebatch(
    batches: Iterable[pa.RecordBatch], rows: int, schema: pa.Schema | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of all batches as tables of `rows` rows; only the last may have fewer rows.

    If there are no rows at all, yield an empty table of the schema, if it is given.
    """
    pending: list[pa.RecordBatch] = []
    count, is_empty = 0, True
    for batch in batches:
        pending.append(batch)
        count += batch.num_rows
        if count < rows:
            continue
        is_empty = False
        table = pa.Table.from_batches(pending)
        end = count - count % rows
        for start in range(0, end, rows):
            yield table.slice(start, rows)
        pending = table.slice(end).to_batches()
        count -= end
    if count:
        yield pa.Table.from_batches(pending)
    elif is_empty and schema is not None:
        yield schema.empty_table()
