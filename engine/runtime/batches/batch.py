"""A batch of rows, and the prefetching of batches to a GPU."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class RankRows(NamedTuple):
    """The rows that one rank has of a global batch, which has `total` rows."""

    total: int
    rows: slice


@dataclass(frozen=True)
class Batch:
    """A batch of rows of all inputs and targets; with several ranks, one rank's part of it.

    Args:
        inputs, targets: tensors by name of the input or output; the first axis is the batch.
        row_count: number of rows.
        weights: sample weights by output name, of shape (batch,) or (batch, steps).
        masks: masks by output name, True where a target is present. An output without a mask has a
            target in every row.
        row_indices: indices of the rows in their split.
        rank_rows: which rows of the global batch these are; None if they are all of its rows.
        is_counted: False if the rows count in no loss and no metric. They only let a rank without
            rows of its own take part in the sums over all ranks.
    """

    inputs: dict[str, Tensor]
    targets: dict[str, Tensor]
    row_count: int
    weights: dict[str, Tensor] = field(default_factory=dict)
    masks: dict[str, Tensor] = field(default_factory=dict)
    row_indices: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    rank_rows: RankRows | None = None
    is_counted: bool = True

    def to(self, device: torch.device, pin_memory: bool = False) -> Batch:
        """Return the batch on a device; copies from pinned memory are asynchronous."""

        def copied(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
            if pin_memory:
                tensors = {name: x.pin_memory() for name, x in tensors.items()}
            return {name: x.to(device, non_blocking=pin_memory) for name, x in tensors.items()}

        inputs, targets = copied(self.inputs), copied(self.targets)
        weights, masks = copied(self.weights), copied(self.masks)
        return replace(self, inputs=inputs, targets=targets, weights=weights, masks=masks)


def prefetch(batches: Iterable[Batch], device: torch.device) -> Iterator[Batch]:
    """Yield batches on a device; the copy of the next batch starts before a batch is yielded.

    Why: a copy from pinned memory, on a CUDA stream of its own, runs beside computations.
    """
    module = torch.get_device_module(device)
    computing, copying = module.current_stream(device), module.Stream()
    copied: Batch | None = None
    for batch in chain(batches, (None,)):
        # Computations wait for earlier copies, and copies for earlier computations: a copy may
        # reuse the memory of a batch that was computed.
        computing.wait_stream(copying)
        copying.wait_stream(computing)
        previous = copied
        if batch is not None:
            with module.stream(copying):
                copied = batch.to(device, pin_memory=device.type == "cuda")
        if previous is not None:
            yield previous
