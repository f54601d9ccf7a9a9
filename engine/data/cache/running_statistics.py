"""Statistics of all rows of a table, accumulated while its chunks are encoded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.cache.column_plan import ColumnPlan
from engine.data.cache.diagnostic_merge import DiagnosticMerger
from engine.data.dataset.memmap_rows import FieldKey
from engine.data.preprocessing.class_weights import class_counts, class_weights_from_counts
from engine.data.preprocessing.sample_weights import zero_weights_error
from engine.data.preprocessing.target_masks import check_missing_targets, masked_rows_info
from engine.data.splits.split_rows import SplitRows
from engine.data.table.row_numbers import any_per_row

Array = NDArray[Any]


class RunningStatistics:
    """Collects class counts, notes and errors from the encoded rows of a table, chunk by chunk."""

    def __init__(self, plan: ColumnPlan, split_rows: SplitRows, total: int) -> None:
        self.notes = DiagnosticMerger(total)
        self.image_stamps: dict[str, list[int]] = {}
        self._plan, self._total = plan, total
        self._is_training = np.zeros(total, bool)
        self._is_training[split_rows.train] = True
        targets = plan.targets
        masking = [name for name, port in targets.items() if port.missing == "mask"]
        # By output: which rows have a complete target; whether any training row has a target.
        self._is_complete = {name: np.ones(total, bool) for name in masking}
        self._has_targets = dict.fromkeys(masking, False)
        self._class_counts = {
            name: np.zeros(port.classes or 0, np.int64)
            for name, port in targets.items()
            if port.has_balanced_classes and plan.refit
        }
        self._has_weight: dict[str, bool] = {}

    def add(self, arrays: dict[FieldKey, Array], start: int) -> None:
        """Update the statistics with the encoded arrays of a chunk; its first row is `start`."""
        count = len(next(iter(arrays.values())))
        rows = slice(start, start + count)
        is_training = self._is_training[rows]
        for name, is_complete in self._is_complete.items():
            mask = arrays["masks", name]
            is_complete[rows] = ~any_per_row(~mask)
            # With the encoders of a previous run, targets may be missing in all rows.
            self._has_targets[name] |= not self._plan.refit or bool(mask[is_training].any())
        for name, counts in self._class_counts.items():
            present = arrays.get(("masks", name))
            mask_rows = None if present is None else present[is_training]
            port = self._plan.targets[name]
            counts += class_counts(port, arrays["targets", name][is_training], mask_rows)
        for (side, output), weights in arrays.items():
            if side == "weights":
                column = self._plan.mapping.weight_column(output)
                assert column is not None, "the weights come from a column"
                self._has_weight.setdefault(column, False)
                self._has_weight[column] |= bool(weights.any())

    @property
    def complete_targets(self) -> list[str]:
        """The outputs that allow missing targets, but have complete targets in all rows."""
        return [name for name, is_complete in self._is_complete.items() if is_complete.all()]

    def class_weights(self) -> dict[str, tuple[float, ...]]:
        """Return a weight per class, by output name, for outputs that weight rare classes more."""
        return {
            name: class_weights_from_counts(counts) for name, counts in self._class_counts.items()
        }

    def all_notes(self) -> list[Diagnostic]:
        """Return the merged notes of all chunks, and an info per output with missing targets."""
        mask_notes = [
            masked_rows_info(name, is_complete)
            for name, is_complete in self._is_complete.items()
            if name not in self.complete_targets
        ]
        return [*self.notes.merged(), *mask_notes]

    def errors(self) -> list[Diagnostic]:
        """Return errors for outputs without training targets, and for all-zero sample weights."""
        errors = [
            zero_weights_error(name, self._total)
            for name, has_weight in self._has_weight.items()
            if not has_weight
        ]
        for name, is_complete in self._is_complete.items():
            if not self._has_targets[name] and not is_complete.all():
                port = self._plan.targets[name]
                columns = ", ".join(self._plan.mapping.source("targets", name).column_names)
                none_present = np.zeros(1, bool)
                try:
                    check_missing_targets(port, columns, is_complete, none_present)
                except DiagnosticError as error:
                    errors += error.diagnostics
        return errors
