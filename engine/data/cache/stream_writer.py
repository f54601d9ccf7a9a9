"""Checks all rows of a table that is streamed, and writes an entry that has only a sample of them.

The entry has what is known only after all rows were read: encoders, split, digest, which targets
are missing. It takes a few bytes per row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic
from engine.core.formatting.urls import path_text
from engine.data.cache.row_writer import FieldArrays, RecordStore, RowWriter
from engine.data.cache.storage import ROWS_FILE, SAMPLE_FILE, TARGETS_FILE
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import FieldKey, fields_by_group

SAMPLE_BYTES = 2**26  # the approximate size of the sample
_MIN_ROW_BYTES = 2**10  # smaller rows count as this large, so the sample has at most 65,536 rows


class StreamWriter(RowWriter):
    """Writes the entry of a table whose rows are encoded whenever they are needed."""

    @contextmanager
    def _open_store(self, folder: Path, record: np.dtype[Any]) -> Iterator[RecordStore]:
        """Return a context with a function that hashes records and stores some of them.

        Stored are rows in equal distances, and the rows that show that targets vary.
        """
        size = self.row_count * max(record.itemsize, _MIN_ROW_BYTES)
        distance = -(-size // SAMPLE_BYTES)
        self._hasher = hashlib.sha256()
        numbers: list[NDArray[np.int64]] = []
        sample: list[NDArray[Any]] = []

        def store(start: int, records: NDArray[Any], shown: Sequence[int]) -> None:
            self._hasher.update(records.view(np.uint8).data)
            rows = np.union1d(np.arange(-start % distance, len(records), distance), shown)
            rows = rows.astype(np.int64)
            numbers.append(rows + start)
            sample.append(records[rows])

        yield store
        if sample:
            np.save(folder / ROWS_FILE, np.concatenate(sample))
            np.save(folder / SAMPLE_FILE, np.concatenate(numbers))

    def _chunk_errors(self, arrays: FieldArrays) -> Iterable[Diagnostic]:
        inputs, targets, masks, weights = fields_by_group(arrays).values()
        chunk = Dataset(inputs, targets, self.fitted, (), masks, weights)
        found = check_against_graph(self.encoder.report, chunk, training=False)
        return [diagnostic for diagnostic in found if diagnostic.is_error]

    def _stored_rows(self, folder: Path, fields: Mapping[FieldKey, str]) -> dict[str, Any]:
        has_target = self.totals.has_target
        np.save(folder / TARGETS_FILE, np.stack([*has_target.values()] or [np.zeros(0, bool)]))
        texts = self.encoder.text_statistics.items()
        return {
            "digest": self._hasher.hexdigest(),
            "stream": {
                "shard_rows": self.head.shard_rows,
                "texts": {name: asdict(summary) for name, summary in texts},
                "masked": list(has_target),
            },
        }

    def _streaming_notes(self) -> list[Diagnostic]:
        if not self.encoder.refit:
            return []
        return [
            Diagnostic(
                "data-streamed",
                "the rows are read from the data in each epoch, not from a cache. The order of "
                "rows depends on the number of processes, so resume this run with the same number",
                severity="info",
                place=path_text(self.head.table.path),
                found=f"{self.row_count:,} rows",
            )
        ]
