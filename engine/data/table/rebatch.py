"""Batches of rows, cut and joined so that each holds as many as were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.data.table.lazy_arrow import pa


def regrouped(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Yield tables of `rows` rows each, the last one maybe of fewer, never of none.

    Args:
        batches: of one schema.
        rows: at least 1.
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count < rows:
            continue
        table = pa.Table.from_batches(held)
        whole = count - count % rows
        for start in range(0, whole, rows):
            yield table.slice(start, rows)
        held = table.slice(whole).to_batches()
        count -= whole
    if count:
        yield pa.Table.from_batches(held)
