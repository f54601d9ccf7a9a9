"""What all rows of a table tell together, gathered while they are encoded chunk by chunk."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.cache.column_plan import Plan
from engine.data.cache.diagnostic_merge import Findings
from engine.data.dataset.memmap_rows import FieldKey
from engine.data.preprocessing.class_weights import class_counts, class_weights_from_counts
from engine.data.preprocessing.sample_weights import zero_weights_error
from engine.data.preprocessing.target_masks import check_missing_targets, masked_rows_info
from engine.data.splits.random import SplitRows
from engine.data.table.row_numbers import any_per_row

Array = NDArray[Any]


class Seen:
    """Masks, classes and weights.

    Args:
        plan: where columns go.
        sides: which rows are on which side.
        total: the number of rows.
    """

    def __init__(self, plan: Plan, sides: SplitRows, total: int) -> None:
        self.notes = Findings(total)
        self.pictures: dict[str, list[int]] = {}
        self._plan, self._total = plan, total
        self._learned = np.zeros(total, bool)
        self._learned[sides.train] = True
        targets = plan.targets
        masking = [name for name, port in targets.items() if port.missing == "mask"]
        # Of each row: whether all of its target is there, and some.
        self._whole = {name: np.ones(total, bool) for name in masking}
        self._some = dict.fromkeys(masking, False)
        self._counts = {
            name: np.zeros(port.classes or 0, np.int64)
            for name, port in targets.items()
            if port.has_balanced_classes and plan.refit
        }
        self._weighing: dict[str, bool] = {}

    def add(self, arrays: dict[FieldKey, Array], start: int) -> None:
        """Take in the rows of a chunk."""
        count = len(next(iter(arrays.values())))
        own = slice(start, start + count)
        learned = self._learned[own]
        for name, whole in self._whole.items():
            mask = arrays["masks", name]
            whole[own] = ~any_per_row(~mask)
            # Without training rows of its own, a table is encoded as an earlier one was.
            self._some[name] |= not self._plan.refit or bool(mask[learned].any())
        for name, counts in self._counts.items():
            known = arrays.get(("masks", name))
            rows = None if known is None else known[learned]
            port = self._plan.targets[name]
            counts += class_counts(port, arrays["targets", name][learned], rows)
        for (side, output), weights in arrays.items():
            if side == "weights":
                column = self._plan.mapping.weight(output)
                assert column is not None, "it was read from there"
                self._weighing[column] = self._weighing.get(column, False) or bool(weights.any())

    @property
    def unmasked(self) -> list[str]:
        """The outputs whose targets are all there after all."""
        return [name for name, whole in self._whole.items() if whole.all()]

    def class_weights(self) -> dict[str, tuple[float, ...]]:
        """Return the weights of classes that are balanced."""
        return {name: class_weights_from_counts(counts) for name, counts in self._counts.items()}

    def told(self) -> list[Diagnostic]:
        """Return all notes."""
        gaps = [
            masked_rows_info(name, whole)
            for name, whole in self._whole.items()
            if name not in self.unmasked
        ]
        return [*self.notes.all(), *gaps]

    def faults(self) -> list[Diagnostic]:
        """Return what is wrong with all rows together, if nothing is with any."""
        found = [
            zero_weights_error(name, self._total)
            for name, any_ in self._weighing.items()
            if not any_
        ]
        for name, whole in self._whole.items():
            if not self._some[name] and not whole.all():
                source = self._plan.mapping.source("targets", name)
                try:
                    nothing = np.zeros(1, bool)
                    port = self._plan.targets[name]
                    check_missing_targets(port, ", ".join(source.names), whole, nothing)
                except DiagnosticError as refused:
                    found += refused.diagnostics
        return found
