"""Encodes the rows of a table chunk by chunk, and writes them to a cache entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.cache.cache_key import file_stamp
from engine.data.cache.chunk_encoder import ChunkEncoder
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.cache.storage import ROWS_FILE, SPLIT_FILE, write_record
from engine.data.cache.table_head import TableHead
from engine.data.dataset.dataset import Dataset, column_usage_diagnostics
from engine.data.dataset.memmap_rows import (
    FieldKey,
    MemmapRows,
    create_rows_file,
    fields_by_group,
    record_dtype,
)
from engine.data.encoders.categories import to_text
from engine.data.preprocessing.class_weights import class_counts, class_weights_from_counts
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.reshape import shape_error
from engine.data.preprocessing.sample_weights import zero_weights_error
from engine.data.preprocessing.target_masks import check_missing_targets, masked_rows_info
from engine.data.readers.shards import changed_error
from engine.data.splits.split_rows import TRAIN, SplitRows
from engine.data.table.row_numbers import any_per_row
from engine.data.table.table import Table

FieldArrays = Mapping[FieldKey, NDArray[Any]]
FieldTypes = dict[FieldKey, np.dtype[Any]]


@dataclass
class RowWriter:
    """Encodes all rows of a table and writes them to a cache entry."""

    head: TableHead
    encoder: ChunkEncoder
    split_rows: SplitRows
    row_count: int
    fitted: FittedEncoders
    folder: Path

    def write(self, progress: Callable[[float], None]) -> None:
        """Write all rows, then the split, and last the record, into the folder.

        The first rows define the dtypes of the file. If a later chunk needs wider dtypes, such as
        int64 for large ids, all rows are written again with the wider dtypes.

        Raises:
            DiagnosticError: with the errors in all rows, or if the number of rows changed.
            OSError: if a file can't be written.
        """
        ignored = DiagnosticMerger(self.row_count)  # reported again with those of all rows
        first_rows = self.encoder.encode(self.head.table, 0, self.fitted, ignored, ignored)
        types = {field: _row_type(array) for field, array in first_rows.items()}
        self.codes = self.split_rows.codes(self.row_count)
        while (wider := self._encode_rows(types, progress)) is not None:
            types = wider
        record = self._record(types)
        np.save(self.folder / SPLIT_FILE, self.codes)
        write_record(self.folder, record)

    def _encode_rows(
        self, types: FieldTypes, progress: Callable[[float], None]
    ) -> FieldTypes | None:
        """Encode and write all rows. If a chunk does not fit `types`, return wider dtypes."""
        found = DiagnosticMerger(self.row_count)
        self.notes = DiagnosticMerger(self.row_count)
        self.image_stamps: dict[str, list[int]] = {}
        # By output: whether any sample weight is not 0; for each row, whether any and whether all
        # target values are present; the number of training rows of each class.
        self.has_weight: dict[str, bool] = {}
        self.has_target: dict[str, NDArray[np.bool_]] = {}
        self.is_complete: dict[str, NDArray[np.bool_]] = {}
        self.class_counts: dict[str, NDArray[np.int64]] = {}
        columns = self.encoder.used_columns(self.head.table)
        record = record_dtype(list(types.values()))
        rows_read = 0
        with create_rows_file(self.folder / ROWS_FILE, record) as file:
            for start, chunk in self.head.chunks(columns, record.itemsize):
                arrays = self.encoder.encode(chunk, start, self.fitted, found, self.notes)
                with found.collect_errors(start):
                    wider = _wider_types(types, arrays)
                    if not found and wider != types:
                        return wider
                if not found:
                    records = np.zeros(chunk.row_count, record)
                    for name, field in zip(records.dtype.names or (), types, strict=True):
                        records[name] = arrays[field]
                    self._count_targets(start, arrays)
                    self._record_images(chunk)
                    with found.collect_errors(start):
                        self._write_chunk(file, start, records, arrays)
                rows_read = start + chunk.row_count
                progress(rows_read / self.row_count)
        if rows_read != self.row_count:
            raise changed_error(self.head.table.path)
        found.raise_errors()
        return None

    def _write_chunk(
        self, file: IO[bytes], start: int, records: NDArray[Any], arrays: FieldArrays
    ) -> None:
        """Write the records of a chunk that begins at row `start`; `arrays` are its fields."""
        file.write(records.view(np.uint8).data)

    def _count_targets(self, start: int, arrays: FieldArrays) -> None:
        """Collect what is known of targets and weights only after all rows were read."""
        _, targets, masks, weights = fields_by_group(arrays).values()
        for output, values in weights.items():
            self.has_weight[output] = self.has_weight.get(output, False) or bool(values.any())
        for output, mask in masks.items():
            for flags, found in (
                (self.has_target, any_per_row(mask)),
                (self.is_complete, ~any_per_row(~mask)),
            ):
                flags.setdefault(output, np.zeros(self.row_count, bool))
                flags[output][start : start + len(mask)] = found
        for output, port in self.encoder.targets.items():
            if port.has_balanced_classes:
                values = targets[output]
                used = self.codes[start : start + len(values)] == TRAIN
                present = masks[output][used] if output in masks else None
                counts = class_counts(port, values[used], present)
                self.class_counts[output] = self.class_counts.get(output, 0) + counts

    def _record_images(self, chunk: Table) -> None:
        """Store the size and modification time of each image of a chunk.

        If a size or a time changes later, the cache entry of the table is built again.
        """
        folder = chunk.folder
        for name in self.encoder.image_columns(self.fitted):
            for image in to_text(chunk.columns[name]).unique().to_pylist():
                path = (folder / image).absolute()
                self.image_stamps[str(path)] = file_stamp(path)

    def _record(self, types: FieldTypes) -> dict[str, Any]:
        """Return the record of the entry.

        Raises:
            DiagnosticError: with errors that depend on all rows.
        """
        self._check_totals()
        fields = {field: str(index) for index, field in enumerate(types)}
        for output, is_complete in self.is_complete.items():
            if not is_complete.all():
                self.notes.add([masked_rows_info(output, is_complete)])
            else:
                del fields["masks", output]
        fitted = self.fitted
        if self.encoder.refit:
            counts = self.class_counts.items()
            weights = {name: class_weights_from_counts(classes) for name, classes in counts}
            fitted = fitted.model_copy(update={"class_weights": weights})
        table, encoder = self.head.table, self.encoder
        notes = [
            *table.notes,
            *column_usage_diagnostics(
                table, encoder.mapping, encoder.inputs, encoder.targets.values(), with_targets=True
            ),
            *self.notes.merged(),
        ]
        return {
            "name": table.path.name,
            "rows": self.row_count,
            "fields": [[name, *field] for field, name in fields.items()],
            "fitted": fitted.params(),
            "notes": [note.to_dict() for note in notes],
            "images": self.image_stamps,
            "digest": self._digest(fields),
            "split": self.split_rows.description,
        }

    def _digest(self, fields: dict[FieldKey, str]) -> str:
        """Return the SHA-256 of the encoded rows, see `Dataset.digest`."""
        rows = MemmapRows.open(self.folder / ROWS_FILE, fields)
        return Dataset.from_memmap(rows, self.fitted).digest()

    def _check_totals(self) -> None:
        """Raise errors that depend on all rows: no training target, weights that are all 0."""
        encoder, found = self.encoder, DiagnosticMerger(self.row_count)
        for output, has_weight in self.has_weight.items():
            if not has_weight:
                column = encoder.mapping.weight_column(output)
                found.add([zero_weights_error(column or "", self.row_count)])
        for output, has_target in self.has_target.items():
            # With the encoders of a previous run, targets may be missing in all rows.
            in_training = np.full(int(encoder.refit), has_target[self.codes == TRAIN].any())
            columns = ", ".join(encoder.mapping.source("targets", output).column_names)
            port, is_complete = encoder.targets[output], self.is_complete[output]
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
            raise shape_error(field[1], array, kind.shape)
        wider[field] = np.dtype((np.promote_types(kind.base, array.dtype), kind.shape))
    return wider
