"""Totals over all rows of a table, collected while its chunks are encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset.memmap_rows import FieldKey
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.class_weights import class_counts
from engine.data.table.row_numbers import any_per_row

Array = NDArray[Any]
Flags = NDArray[np.bool_]


class RowTotals:
    """Accumulates what is known of the targets and sample weights only after all rows were read.

    Args:
        targets: the target specs by output.
        is_training: for each row of the table, whether it is a training row.

    `has_target` and `is_complete` hold, by output with a mask, whether any and whether all target
    values of a row are present. `has_weight` holds, by output, whether any sample weight is not 0.
    `class_counts` holds the training rows of each class, by output with balanced class weights.
    """

    def __init__(self, targets: Mapping[str, TargetSpec], is_training: Flags) -> None:
        self.is_training, self._targets = is_training, targets
        self.has_target: dict[str, Flags] = {}
        self.is_complete: dict[str, Flags] = {}
        self.has_weight: dict[str, bool] = {}
        self.class_counts: dict[str, NDArray[np.int64]] = {
            name: np.zeros(port.classes or 0, np.int64)
            for name, port in targets.items()
            if port.has_balanced_classes
        }
        self._first_values: dict[str, Array] = {}
        self._varied: set[str] = set()

    def add(self, start: int, arrays: Mapping[FieldKey, Array]) -> list[int]:
        """Add the encoded arrays of a chunk that begins at row `start`.

        Returns:
            Rows of the chunk from which one sees whether a target varies in the training rows: the
            first training row with a target, and the first with another one.
        """
        shown: list[int] = []
        for (group, port), values in arrays.items():
            if group == "weights":
                self.has_weight[port] = self.has_weight.get(port, False) or bool(values.any())
            elif group == "targets":
                shown += self._add_target(start, port, values, arrays.get(("masks", port)))
        return shown

    def _add_target(self, start: int, port: str, values: Array, mask: Array | None) -> list[int]:
        rows = slice(start, start + len(values))
        is_used = self.is_training[rows]
        if mask is not None:
            for flags, found in (
                (self.has_target, any_per_row(mask)),
                (self.is_complete, ~any_per_row(~mask)),
            ):
                flags.setdefault(port, np.zeros(len(self.is_training), bool))[rows] = found
            is_used = is_used & self.has_target[port][rows]
        used = np.flatnonzero(is_used)
        if port in self.class_counts:
            present = None if mask is None else mask[used]
            self.class_counts[port] += class_counts(self._targets[port], values[used], present)
        if port in self._varied or not len(used):
            return []
        is_first = port not in self._first_values
        first = self._first_values.setdefault(port, values[used[0]].copy())
        others = used[any_per_row(values[used] != first)]
        if len(others):
            self._varied.add(port)
        return [*used[: int(is_first)].tolist(), *others[:1].tolist()]
