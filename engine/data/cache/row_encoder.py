"""Encodes the rows of a table chunk by chunk, and writes them to a cache entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.cache.cache_key import file_stamp
from engine.data.cache.column_plan import ColumnPlan
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.cache.entry import CacheWriter
from engine.data.cache.running_statistics import RunningStatistics
from engine.data.cache.storage import ROWS_FILE
from engine.data.cache.table_head import TableHead
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import FieldKey, MemmapRows, RecordLayout
from engine.data.encoders import ConcatEncoder, ImageEncoder
from engine.data.encoders.categories import to_text
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.reshape import shape_error
from engine.data.splits.split_rows import SplitRows
from engine.data.table.table import Table

FieldArrays = dict[FieldKey, NDArray[Any]]
FieldTypes = dict[FieldKey, np.dtype[Any]]


@dataclass(frozen=True)
class RowEncoder:
    """Encodes all rows of a table and writes them to a cache entry."""

    head: TableHead
    plan: ColumnPlan
    split_rows: SplitRows
    row_count: int
    fitted: FittedEncoders

    def write(
        self, folder: Path, notes: Sequence[Diagnostic], progress: Callable[[float], None]
    ) -> None:
        """Write all rows, then the split and the metadata, into a folder.

        `notes` (infos and warnings) become metadata. `progress` gets the fraction of rows written.

        The first rows define the dtypes of the file. If a later chunk needs wider dtypes, such as
        int64 for large ids, all rows are written again with the wider dtypes.

        Raises:
            DiagnosticError: with the errors in all rows.
            OSError: if a file can't be written.
        """
        types = self._initial_types()
        while True:
            statistics = RunningStatistics(self.plan, self.split_rows, self.row_count)
            writer = CacheWriter(folder, RecordLayout(types))
            writer.open()
            try:
                wider = self._write_rows(writer, types, statistics, progress)
                if wider is None:
                    self._finish(writer, statistics, notes)
                    return
            finally:
                writer.close()
            types = wider

    def _initial_types(self) -> FieldTypes:
        """Return the dtype of each array of the encoded first rows, {} if these rows have errors.

        Keys are pairs such as ("inputs", port). A dtype includes the shape of one row.
        """
        try:
            arrays = self._encode(self.head.table, DiagnosticMerger(self.row_count), 0)
        except DiagnosticError:  # reported with the errors of all rows
            return {}
        return {field: _row_type(array) for field, array in arrays.items()}

    def _write_rows(
        self,
        writer: CacheWriter,
        types: FieldTypes,
        statistics: RunningStatistics,
        progress: Callable[[float], None],
    ) -> FieldTypes | None:
        """Write all rows and return None. If a chunk does not fit `types`, return wider dtypes."""
        errors = DiagnosticMerger(self.row_count)
        start = 0
        columns = self.plan.used_columns(self.head.table)
        width = max(self.head.row_bytes, sum(kind.itemsize for kind in types.values()), 1)
        for chunk in self.head.chunks(columns, width):
            try:
                arrays = self._encode(chunk, statistics.notes, start)
            except DiagnosticError as error:
                errors.add(error.diagnostics, start)
            else:
                wider = _wider_types(types, arrays)
                if wider and not errors.merged():
                    return wider
                statistics.add(arrays, start)
                if not errors.merged():
                    writer.add(arrays)
            self._record_images(chunk, statistics)
            start += chunk.row_count
            progress(start / self.row_count)
        if all_errors := [*errors.merged(), *statistics.errors()]:
            raise DiagnosticError(*all_errors)
        return None

    def _encode(self, chunk: Table, notes: DiagnosticMerger, start: int) -> FieldArrays:
        """Return the encoded arrays of a chunk: inputs, targets, target masks and sample weights.

        Infos about the chunk, which begins at row `start`, are added to `notes`.

        Raises:
            DiagnosticError: with the errors in the rows of the chunk.
        """
        errors: list[Diagnostic] = []
        arrays: FieldArrays = {}
        try:
            for side, port, transformed in self.plan.transform(chunk, self.fitted):
                arrays[side, port] = transformed.values
                if transformed.target_mask is not None:
                    arrays["masks", port] = transformed.target_mask
                notes.add([n for n in transformed.notes if n.code != "target-masked"], start)
        except DiagnosticError as error:
            errors += error.diagnostics
        try:
            weights, weight_notes = self.plan.sample_weights(chunk)
        except DiagnosticError as error:
            errors += error.diagnostics
        else:
            arrays |= {("weights", port): array for port, array in weights.items()}
            notes.add(weight_notes, start)
        if errors:
            raise DiagnosticError(*errors)
        return arrays

    def _record_images(self, chunk: Table, statistics: RunningStatistics) -> None:
        """Store in `statistics` the size and modification time of each image file of a chunk.

        If a size or a time changes later, the cache entry of the table is built again.
        """
        folder = chunk.path if chunk.path.is_dir() else chunk.path.parent
        for name in _image_columns(self.plan, self.fitted):
            for path in to_text(chunk.columns[name]).unique().to_pylist():
                if path not in statistics.image_stamps:
                    statistics.image_stamps[path] = file_stamp(folder / path)

    def _finish(
        self, writer: CacheWriter, statistics: RunningStatistics, notes: Sequence[Diagnostic]
    ) -> None:
        fitted = self.fitted
        if self.plan.refit:
            fitted = fitted.model_copy(update={"class_weights": statistics.class_weights()})
        unmasked = statistics.complete_targets
        stored = MemmapRows.open(writer.folder / ROWS_FILE, writer.layout)
        stored = stored.drop_fields(*(("masks", port) for port in unmasked))
        metadata = {
            "name": self.head.table.path.name,
            "fitted": fitted.params(),
            "notes": [note.to_dict() for note in (*notes, *statistics.all_notes())],
            "unmasked": unmasked,
            "pictures": statistics.image_stamps,
            "digest": Dataset.from_memmap(stored, fitted).digest(),
        }
        writer.finish(metadata, self.split_rows)


def _row_type(array: NDArray[Any]) -> np.dtype[Any]:
    return np.dtype((array.dtype, array.shape[1:]))


def _wider_types(types: FieldTypes, arrays: FieldArrays) -> FieldTypes | None:
    """Return `types`, widened to also hold `arrays`, or None if no widening is needed.

    Raises:
        DiagnosticError: if the rows differ in shape.
    """
    wider = dict(types)
    for field, array in arrays.items():
        current = types.get(field)
        if current is None:
            wider[field] = _row_type(array)
        elif current.shape != array.shape[1:]:
            raise DiagnosticError(shape_error(field[1], array, current.shape, ()))
        elif current.base != array.dtype:
            wider[field] = np.dtype((np.promote_types(current.base, array.dtype), current.shape))
    return None if wider == types else wider


def _image_columns(plan: ColumnPlan, fitted: FittedEncoders) -> Iterator[str]:
    for side, port in plan.ports:
        encoder = fitted.encoders(side).get(port)
        parts = encoder.parts if isinstance(encoder, ConcatEncoder) else (encoder,)
        names = plan.mapping.source(side, port).column_names
        for name, part in zip(names, parts, strict=False):
            if isinstance(part, ImageEncoder):
                yield name
