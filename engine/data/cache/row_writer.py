"""Encodes the rows of a table chunk by chunk, and writes them to a cache entry."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.cache.cache_key import file_stamp
from engine.data.cache.chunk_encoder import ChunkEncoder
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.cache.row_totals import RowTotals
from engine.data.cache.storage import ROWS_FILE, SPLIT_FILE, write_record
from engine.data.cache.table_head import TableHead
from engine.data.dataset.dataset import Dataset, column_usage_diagnostics
from engine.data.dataset.memmap_rows import FieldKey, MemmapRows, create_rows_file, record_dtype
from engine.data.encoders.categories import to_text
from engine.data.preprocessing.class_weights import class_weights_from_counts
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.reshape import shape_error
from engine.data.preprocessing.sample_weights import zero_weights_error
from engine.data.preprocessing.target_masks import check_missing_targets, masked_rows_info
from engine.data.splits.split_rows import TRAIN, SplitRows
from engine.data.table.table import Table

FieldArrays = Mapping[FieldKey, NDArray[Any]]
FieldTypes = dict[FieldKey, np.dtype[Any]]
# Called with the first row of a chunk, its records, and what `RowTotals.add` returned for it.
RecordStore = Callable[[int, NDArray[Any], Sequence[int]], Any]


@dataclass
class RowWriter:
    """Encodes all rows of a table and writes them to a cache entry."""

    head: TableHead
    encoder: ChunkEncoder
    split_rows: SplitRows
    row_count: int
    fitted: FittedEncoders

    def write(self, folder: Path, progress: Callable[[float], None]) -> None:
        """Write all rows, then the split, and last the record, into a folder.

        The first rows define the dtypes of the file. If a later chunk needs wider dtypes, such as
        int64 for large ids, all rows are written again with the wider dtypes.

        Raises:
            DiagnosticError: with the errors in all rows, or if the number of rows changed.
            OSError: if a file can't be written.
        """
        ignored = DiagnosticMerger(self.row_count)  # reported again with those of all rows
        first_rows = self.encoder.encode(self.head.table, 0, self.fitted, ignored, ignored)
        types = {field: _row_type(array) for field, array in first_rows.items()}
        codes = np.full(self.row_count, 3, np.uint8)  # code 3: the row is in no subset
        subsets = (self.split_rows.train, self.split_rows.validation, self.split_rows.test)
        for code, rows in enumerate(subsets):
            codes[rows] = code
        while (wider := self._encode_rows(folder, types, codes == TRAIN, progress)) is not None:
            types = wider
        np.save(folder / SPLIT_FILE, codes)
        write_record(folder, self._record(folder, types))

    def _encode_rows(
        self,
        folder: Path,
        types: FieldTypes,
        is_training: NDArray[np.bool_],
        progress: Callable[[float], None],
    ) -> FieldTypes | None:
        """Encode and store all rows. If a chunk does not fit `types`, return wider dtypes."""
        found = DiagnosticMerger(self.row_count)
        self.notes = DiagnosticMerger(self.row_count)
        self.totals = RowTotals(self.encoder.targets, is_training)
        self.image_stamps: dict[str, list[int]] = {}
        columns = self.encoder.used_columns(self.head.table)
        record = record_dtype(list(types.values()))
        rows_read = 0
        with self._open_store(folder, record) as store:
            for start, chunk in self.head.chunks(columns, record.itemsize):
                arrays = self.encoder.encode(chunk, start, self.fitted, found, self.notes)
                with found.collect_errors(start):
                    wider = _wider_types(types, arrays)
                    if not found and wider != types:
                        return wider
                if not found:
                    found.add(self._chunk_errors(arrays), start)
                if not found:
                    records = np.zeros(chunk.row_count, record)
                    for name, field in zip(records.dtype.names or (), types, strict=True):
                        records[name] = arrays[field]
                    store(start, records, self.totals.add(start, arrays))
                    self._record_images(chunk)
                rows_read = start + chunk.row_count
                progress(rows_read / self.row_count)
        if rows_read != self.row_count:
            raise self.head.change_error()
        found.raise_errors()
        return None

    @contextmanager
    def _open_store(self, folder: Path, record: np.dtype[Any]) -> Iterator[RecordStore]:
        """Return a context with a function that stores the records of a chunk."""
        with create_rows_file(folder / ROWS_FILE, record, self.row_count) as file:
            yield lambda start, records, shown: file.write(records.view(np.uint8).data)
            file.flush()
            os.fsync(file.fileno())

    def _chunk_errors(self, arrays: FieldArrays) -> Iterable[Diagnostic]:
        """Return the errors of encoded rows; () here, since the written rows are checked later."""
        return ()

    def _record_images(self, chunk: Table) -> None:
        """Store the size and modification time of each image of a chunk.

        If a size or a time changes later, the cache entry of the table is built again.
        """
        folder = chunk.path if chunk.path.is_dir() else chunk.path.parent
        for name in self.encoder.image_columns(self.fitted):
            for image in to_text(chunk.columns[name]).unique().to_pylist():
                path = (folder / image).absolute()
                self.image_stamps[str(path)] = file_stamp(path)

    def _record(self, folder: Path, types: FieldTypes) -> dict[str, Any]:
        """Return the record of the entry.

        Raises:
            DiagnosticError: with errors that depend on all rows.
        """
        self._check_totals()
        fields = {field: str(index) for index, field in enumerate(types)}
        for output, is_complete in self.totals.is_complete.items():
            if not is_complete.all():
                self.notes.add([masked_rows_info(output, is_complete)])
            else:
                del fields["masks", output]
        fitted = self.fitted
        if self.encoder.refit:
            counts = self.totals.class_counts.items()
            weights = {name: class_weights_from_counts(classes) for name, classes in counts}
            fitted = fitted.model_copy(update={"class_weights": weights})
        table, encoder = self.head.table, self.encoder
        notes = [
            *table.notes,
            *column_usage_diagnostics(
                table, encoder.mapping, encoder.inputs, encoder.targets.values(), with_targets=True
            ),
            *self.notes.merged(),
            *self._streaming_notes(),
        ]
        return {
            "name": table.path.name,
            "rows": self.row_count,
            "fields": [[name, *field] for field, name in fields.items()],
            "fitted": fitted.params(),
            "notes": [note.to_dict() for note in notes],
            "images": self.image_stamps,
            "split": self.split_rows.description,
            **self._stored_rows(folder, fields),
        }

    def _stored_rows(self, folder: Path, fields: Mapping[FieldKey, str]) -> dict[str, Any]:
        """Return the fields of the record on the stored rows."""
        rows = MemmapRows.open(folder / ROWS_FILE, fields)
        return {"digest": Dataset.from_memmap(rows, self.fitted).digest()}

    def _streaming_notes(self) -> list[Diagnostic]:
        """Return the infos on where the rows are read from in each epoch."""
        return []

    def _check_totals(self) -> None:
        """Raise errors that depend on all rows: no training target, weights that are all 0."""
        encoder, totals, found = self.encoder, self.totals, DiagnosticMerger(self.row_count)
        for output, has_weight in totals.has_weight.items():
            if not has_weight:
                column = encoder.mapping.weight_column(output)
                found.add([zero_weights_error(column or "", self.row_count)])
        for output, has_target in totals.has_target.items():
            # With the encoders of a previous run, targets may be missing in all rows.
            in_training = np.full(int(encoder.refit), has_target[totals.is_training].any())
            columns = ", ".join(encoder.mapping.source("targets", output).column_names)
            port, is_complete = encoder.targets[output], totals.is_complete[output]
            with found.collect_errors():
                check_missing_targets(port, columns, is_complete, in_training)
        found.raise_errors()


def _row_type(array: NDArray[Any]) -> np.dtype[Any]:
    return np.dtype((array.dtype, array.shape[1:]))


def _wider_types(types: FieldTypes, arrays: FieldArrays) -> FieldTypes:
    """Return `types`, widened to also hold `arrays` if necessary.

    Raises:
        DiagnosticError: if the rows differ in shape.
    """
    wider = dict(types)
    for field, array in arrays.items():
        kind = types.get(field, _row_type(array))
        if kind.shape != array.shape[1:]:
            raise DiagnosticError(shape_error(field[1], array, kind.shape, ()))
        wider[field] = np.dtype((np.promote_types(kind.base, array.dtype), kind.shape))
    return wider
