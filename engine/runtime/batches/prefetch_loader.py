"""A data loader that copies each batch to a GPU while the batch before it is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from engine.data.dataset.shuffle import EpochOrder
from engine.runtime.batches.data_loader import Batch, DataLoader, RowOrder


class PrefetchLoader(DataLoader):
    """The batches of another loader, whose copies to a device are started one batch ahead.

    Why: a copy from pinned memory, on a CUDA stream of its own, runs beside computations.
    """

    def __init__(self, loader: DataLoader) -> None:
        # super().__init__ is not called, since the other loader has the rows.
        self.batch_size, self.row_count, self._loader = loader.batch_size, loader.row_count, loader
        self._device, loader._device = loader._device, torch.device("cpu")
        self._stream: torch.cuda.Stream | None = None
        if self._device.type == "cuda":
            self._stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]

    def epoch_order(self, seed: int, epoch: int, shuffle: bool = True) -> EpochOrder:
        """Return the order of the rows in an epoch."""
        return self._loader.epoch_order(seed, epoch, shuffle)

    def batches(self, order: RowOrder | None = None, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of an epoch; arguments as in `DataLoader.batches`."""
        self._loader.batch_size = self.batch_size
        copied: Batch | None = None
        for batch in self._loader.batches(order, skip):
            self._synchronize()
            previous, copied = copied, self._copy(batch)
            if previous is not None:
                yield previous
        self._synchronize()
        if copied is not None:
            yield copied

    def _synchronize(self) -> None:
        """Make computations wait for earlier copies, and copies for earlier computations.

        Why: a copy may reuse the memory of a batch that was computed.
        """
        if self._stream is not None:
            current = torch.cuda.current_stream(self._device)
            current.wait_stream(self._stream)
            self._stream.wait_stream(current)

    def _copy(self, batch: Batch) -> Batch:
        def copied(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
            if self._stream is not None:
                tensors = {name: x.pin_memory() for name, x in tensors.items()}
            return {name: x.to(self._device, non_blocking=True) for name, x in tensors.items()}

        with torch.cuda.stream(self._stream):
            inputs, targets = copied(batch.inputs), copied(batch.targets)
            weights, masks = copied(batch.weights), copied(batch.masks)
        return replace(batch, inputs=inputs, targets=targets, weights=weights, masks=masks)
