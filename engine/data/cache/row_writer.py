"""Encodes the rows of a table chunk by chunk, and writes them to a cache entry."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import DiagnosticError
from engine.data.cache.cache_key import file_stamp
from engine.data.cache.chunk_encoder import ChunkEncoder
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.cache.storage import ROWS_FILE, SPLIT_FILE, write_record
from engine.data.cache.table_head import TableHead
from engine.data.dataset.dataset import Dataset, column_usage_diagnostics
from engine.data.dataset.memmap_rows import FieldKey, MemmapRows, create_rows_file, record_dtype
from engine.data.encoders.categories import to_text
from engine.data.preprocessing.class_weights import class_counts, class_weights_from_counts
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.reshape import shape_error
from engine.data.preprocessing.sample_weights import zero_weights_error
from engine.data.preprocessing.target_masks import check_missing_targets, masked_rows_info
from engine.data.splits.split_rows import SplitRows
from engine.data.table.chunks import row_blocks, rows_matching
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
        while (wider := self._write_rows(folder / ROWS_FILE, types, progress)) is not None:
            types = wider
        codes = np.full(self.row_count, 3, np.uint8)  # code 3: the row is in no subset
        subsets = (self.split_rows.train, self.split_rows.validation, self.split_rows.test)
        for code, rows in enumerate(subsets):
            codes[rows] = code
        np.save(folder / SPLIT_FILE, codes)
        write_record(folder, self._record(folder, types))

    def _write_rows(
        self, path: Path, types: FieldTypes, progress: Callable[[float], None]
    ) -> FieldTypes | None:
        """Write all rows and return None. If a chunk does not fit `types`, return wider dtypes."""
        found = DiagnosticMerger(self.row_count)
        self.notes = DiagnosticMerger(self.row_count)
        self.image_stamps: dict[str, list[int]] = {}
        columns = self.encoder.used_columns(self.head.table)
        record = record_dtype(list(types.values()))
        rows_read = 0
        with create_rows_file(path, record, self.row_count) as file:
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
                    file.write(records.view(np.uint8).data)
                    self._record_images(chunk)
                rows_read = start + chunk.row_count
                progress(rows_read / self.row_count)
            file.flush()
            os.fsync(file.fileno())
        if rows_read != self.row_count:
            raise self.head.change_error()
        found.raise_errors()
        return None

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
        fields = {field: str(index) for index, field in enumerate(types)}
        dataset = Dataset.from_memmap(MemmapRows.open(folder / ROWS_FILE, fields), self.fitted)
        masks = dataset.masks.items()
        masked = {output: rows_matching(mask, np.logical_not) for output, mask in masks}
        self._check_all_rows(dataset, masked)
        for output, is_masked in masked.items():
            if is_masked.any():
                self.notes.add([masked_rows_info(output, ~is_masked)])
            else:
                del fields["masks", output]
        dataset = Dataset.from_memmap(MemmapRows.open(folder / ROWS_FILE, fields), self.fitted)
        fitted = self.fitted
        if self.encoder.refit:
            fitted = fitted.model_copy(update={"class_weights": self._class_weights(dataset)})
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
            "digest": dataset.digest(),
            "split": self.split_rows.description,
        }

    def _class_weights(self, dataset: Dataset) -> dict[str, tuple[float, ...]]:
        """Return the class weights of the outputs that weight rare classes more."""
        train = dataset.subset(self.split_rows.train)
        class_weights = {}
        for name, port in self.encoder.targets.items():
            if port.has_balanced_classes:
                counts, mask = np.zeros(port.classes or 0, np.int64), train.masks.get(name)
                for start, block in row_blocks(train.targets[name]):
                    present = None if mask is None else mask[start : start + len(block)]
                    counts += class_counts(port, block, present)
                class_weights[name] = class_weights_from_counts(counts)
        return class_weights

    def _check_all_rows(self, dataset: Dataset, masked: Mapping[str, NDArray[np.bool_]]) -> None:
        """Raise errors that depend on all rows: no target in training rows, weights that are all 0.

        `masked` is True for each row without a target, by output.
        """
        encoder, found = self.encoder, DiagnosticMerger(self.row_count)
        for output, weights in dataset.weights.items():
            if not rows_matching(weights, np.asarray).any():
                column = encoder.mapping.weight_column(output)
                found.add([zero_weights_error(column or "", self.row_count)])
        train = dataset.subset(self.split_rows.train)
        for output, is_masked in masked.items():
            # With the encoders of a previous run, targets may be missing in all rows.
            in_training = np.full(int(encoder.refit), train.target_count(output) > 0)
            columns = ", ".join(encoder.mapping.source("targets", output).column_names)
            with found.collect_errors():
                check_missing_targets(encoder.targets[output], columns, ~is_masked, in_training)
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
