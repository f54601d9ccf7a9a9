"""Checks all rows of a table that is streamed, and writes an entry that has only some of them.

The entry has what is known only after all rows were read: encoders, split, digest, which targets
are missing. Of the rows, it has those that are held out, and a sample of the training rows for the
checks that need arrays.

Why: if held-out rows were streamed, too, each epoch would read all shards twice.
"""

from __future__ import annotations

import hashlib
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.formatting.urls import path_text
from engine.data.cache.row_writer import FieldArrays, FieldTypes, RowWriter
from engine.data.cache.storage import STORED
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import FieldKey, fields_by_group
from engine.data.splits.split_rows import TEST, TRAIN, VALIDATION
from engine.data.table.row_numbers import any_per_row

SAMPLE_BYTES = 2**26  # the approximate size of the sample
_MIN_ROW_BYTES = 2**10  # smaller rows count as this large, so the sample has at most 65,536 rows


class StreamWriter(RowWriter):
    """Writes the entry of a table whose training rows are encoded whenever they are needed."""

    def _write_chunk(
        self, file: IO[bytes], start: int, records: NDArray[Any], arrays: FieldArrays
    ) -> None:
        inputs, targets, masks, weights = fields_by_group(arrays).values()
        chunk = Dataset(inputs, targets, self.fitted, (), masks, weights)
        found = check_against_graph(self.encoder.report, chunk, training=False)
        if errors := [diagnostic for diagnostic in found if diagnostic.is_error]:
            raise DiagnosticError(*errors)
        if start == 0:
            self._hasher = hashlib.sha256()
            self._is_stored = np.isin(self.codes, (VALIDATION, TEST))
            size = self.row_count * max(records.itemsize, _MIN_ROW_BYTES)
            self._is_stored[:: -(-size // SAMPLE_BYTES)] = True
        is_stored = self._is_stored[start : start + len(records)]
        is_training = self.codes[start : start + len(records)] == TRAIN
        for output, values in (*targets.items(), *weights.items()):
            mask = masks.get(output)
            is_used = is_training if mask is None else is_training & any_per_row(mask)
            is_stored[_telling_rows(values, np.flatnonzero(is_used))] = True
        self._hasher.update(records.view(np.uint8).data)
        super()._write_chunk(file, start, records[is_stored], arrays)

    def _record(self, types: FieldTypes) -> dict[str, Any]:
        info = Diagnostic.info(
            "data-streamed",
            "the rows are read from the data in each epoch, not from a cache. The order of rows "
            "depends on the number of processes, so resume this run with the same number",
            place=path_text(self.head.table.path),
            found=f"{self.row_count:,} rows",
        )
        self.notes.add([info] if self.encoder.refit else [])
        record = super()._record(types)
        self.codes[self._is_stored] |= STORED
        streamed = self.split_rows.train if self.encoder.refit else slice(None)
        flags, texts = self.has_target.items(), self.encoder.text_statistics.items()
        record["stream"] = {
            "shard_rows": self.head.shard_rows,
            "texts": {name: summary.params() for name, summary in texts},
            "labelled": {output: int(flag[streamed].sum()) for output, flag in flags},
        }
        return record

    def _digest(self, fields: dict[FieldKey, str]) -> str:
        return self._hasher.hexdigest()


def _telling_rows(values: NDArray[Any], rows: NDArray[np.int64]) -> list[int]:
    """Return two of some rows that show whether their values vary: the first, and another one."""
    others = rows[any_per_row(values[rows] != values[rows[:1]])] if len(rows) else rows
    return [*rows[:1].tolist(), *others[:1].tolist()]
