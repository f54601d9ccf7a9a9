"""Encodes the rows of a table chunk by chunk, and writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.cache.cache_key import stamp_of
from engine.data.cache.column_plan import Plan
from engine.data.cache.diagnostic_merge import Findings
from engine.data.cache.entry import Writer, plain_notes
from engine.data.cache.running_statistics import Seen
from engine.data.cache.storage import ROWS
from engine.data.cache.table_head import Head
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.memmap_rows import FieldKey, MemmapRows, RecordLayout
from engine.data.encoders import Beside, Image
from engine.data.encoders.categories import texts
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preprocessing.reshape import shape_error
from engine.data.splits.random import SplitRows
from engine.data.table.table import Table

Arrays = dict[FieldKey, NDArray[Any]]
Kinds = dict[FieldKey, np.dtype[Any]]


@dataclass(frozen=True)
class RowBuilder:
    """Writes all rows of a table.

    Args:
        head: of the table.
        plan: where columns go.
        sides: which rows are on which side.
        total: the number of rows.
        fitted: the encoders.
    """

    head: Head
    plan: Plan
    sides: SplitRows
    total: int
    fitted: FittedEncoders

    def write(
        self, folder: Path, notes: Sequence[Diagnostic], progress: Callable[[float], None]
    ) -> None:
        """Write all rows, and what is known of them.

        Raises:
            DiagnosticError: with what is wrong with any of them.
            OSError: if the disk does not take them.
        """
        kinds = self._first()
        while True:
            seen = Seen(self.plan, self.sides, self.total)
            writer = Writer(folder, RecordLayout(kinds))
            writer.open()
            try:
                wider = self._rows(writer, kinds, seen, progress)
                if wider is None:
                    self._end(writer, seen, notes)
                    return
            finally:
                writer.close()
            # Numbers of another kind turned up, such as ids that are too large for 32 bits.
            kinds = wider

    def _first(self) -> Kinds:
        """Return the kind of each array, as the first rows show it."""
        try:
            arrays = self._encoded(self.head.table, Findings(self.total), 0)
        except DiagnosticError:  # what is wrong with them is told with all rows
            return {}
        return {field: _kind(array) for field, array in arrays.items()}

    def _rows(
        self, writer: Writer, kinds: Kinds, seen: Seen, progress: Callable[[float], None]
    ) -> Kinds | None:
        """Write the rows; answers other kinds, if those given do not take all of them."""
        found = Findings(self.total)
        start = 0
        for part in self.head.chunks(self.plan.columns(self.head.table), self._width(kinds)):
            try:
                arrays = self._encoded(part, seen.notes, start)
            except DiagnosticError as refused:
                found.add(refused.diagnostics, start)
            else:
                wider = _wider(kinds, arrays)
                if wider and not found.all():
                    return wider
                seen.add(arrays, start)
                if not found.all():
                    writer.add(arrays)
            self._look_at_pictures(part, seen)
            start += part.row_count
            progress(start / self.total)
        if faults := [*found.all(), *seen.faults()]:
            raise DiagnosticError(*faults)
        return None

    def _width(self, kinds: Kinds) -> int:
        return max(self.head.width, sum(kind.itemsize for kind in kinds.values()), 1)

    def _encoded(self, part: Table, notes: Findings, start: int) -> Arrays:
        """Return the arrays of a chunk.

        Raises:
            DiagnosticError: with what is wrong with its rows.
        """
        found: list[Diagnostic] = []
        arrays: Arrays = {}
        try:
            for side, port, filled in self.plan.fill(part, self.fitted):
                arrays[side, port] = filled.values
                if filled.target_mask is not None:
                    arrays["masks", port] = filled.target_mask
                told = [note for note in filled.notes if note.code != "target-masked"]
                notes.add(told, start)
        except DiagnosticError as refused:
            found += refused.diagnostics
        try:
            weights, told = self.plan.weights(part)
        except DiagnosticError as refused:
            found += refused.diagnostics
        else:
            arrays |= {("weights", port): array for port, array in weights.items()}
            notes.add(told, start)
        if found:
            raise DiagnosticError(*found)
        return arrays

    def _look_at_pictures(self, part: Table, seen: Seen) -> None:
        """Remember which pictures the cells name, so that others of the same name are noticed."""
        folder = part.path if part.path.is_dir() else part.path.parent
        for name in _of_pictures(self.plan, self.fitted):
            for path in texts(part.columns[name]).unique().to_pylist():
                if path not in seen.pictures:
                    seen.pictures[path] = stamp_of(folder / path)

    def _end(self, writer: Writer, seen: Seen, notes: Sequence[Diagnostic]) -> None:
        fitted = self.fitted
        if self.plan.refit:
            fitted = fitted.model_copy(update={"class_weights": seen.class_weights()})
        stored = MemmapRows.open(writer.folder / ROWS, writer.layout)
        whole = stored.drop_fields(*(("masks", port) for port in seen.unmasked))
        told = {
            "name": self.head.table.path.name,
            "fitted": fitted.params(),
            "notes": plain_notes((*notes, *seen.told())),
            "unmasked": seen.unmasked,
            "pictures": seen.pictures,
            "digest": Dataset.from_memmap(whole, fitted).digest(),
        }
        writer.end(told, self.sides)


def _kind(array: NDArray[Any]) -> np.dtype[Any]:
    return np.dtype((array.dtype, array.shape[1:]))


def _wider(kinds: Kinds, arrays: Arrays) -> Kinds | None:
    """Return kinds that take these arrays as well, None if those given do.

    Raises:
        DiagnosticError: if rows differ in shape.
    """
    found = dict(kinds)
    for field, array in arrays.items():
        known = kinds.get(field)
        if known is None:
            found[field] = _kind(array)
        elif known.shape != array.shape[1:]:
            raise DiagnosticError(shape_error(field[1], array, known.shape, ()))
        elif known.base != array.dtype:
            found[field] = np.dtype((np.promote_types(known.base, array.dtype), known.shape))
    return None if found == kinds else found


def _of_pictures(plan: Plan, fitted: FittedEncoders) -> Iterator[str]:
    for side, port in plan.ports:
        encoder = fitted.encoders(side).get(port)
        parts = encoder.parts if isinstance(encoder, Beside) else (encoder,)
        names = plan.mapping.source(side, port).names
        yield from (
            name for name, part in zip(names, parts, strict=False) if isinstance(part, Image)
        )
