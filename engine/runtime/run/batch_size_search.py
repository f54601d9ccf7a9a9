"""How many rows fit, once a batch did not: found by trying ever smaller ones."""

from __future__ import annotations

import gc
from dataclasses import replace
from itertools import islice

import numpy as np
import torch

from engine.check.cost import Costs, available_memory, batch_that_fits
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.exceptions import fault_of
from engine.runtime.model.total_loss import score
from engine.runtime.training.loop import Training


def answered(found: Diagnostic, training: Training, costs: Costs) -> Diagnostic:
    """Return the finding that memory ran out, with a batch size that fits in front of its fixes.

    Why: to be called outside of the `except` that caught the error, which holds the tensors of the
        batch that was too large.

    Args:
        found: the finding.
        training: it is over; its gradients and its batch size are changed.
        costs: what its network costs.
    """
    size = fitting(training, costs)
    if size is None:
        return found
    edit = {"do": "set_recipe", "fields": {"batch_size": size}}
    best = Fix(f"Set batch_size to {size}; that many rows were tried, and fit.", edit)
    return replace(found, fixes=(best, *found.fixes[1:]))


def fitting(training: Training, costs: Costs) -> int | None:
    """Return the largest of the halved batch sizes that fits, None if not even one row does."""
    size = min(training.train.batch_size, training.train.rows) // 2
    if training.place.device.type == "cpu":
        # The system would grant memory that it does not have, and end the process that uses it.
        size = min(size, batch_that_fits(costs, available_memory()))
    while size >= 1 and not _fits(training, size):
        size //= 2
    return size or None


def _fits(training: Training, size: int) -> bool:
    """Try two steps on so many rows, all but the update.

    Why: the second batch is taken, in an order of its own as in every epoch, while the first one
        and the gradients are still there.
    """
    training.optimizer.zero_grad()
    if training.network.native is not None:
        training.network.native.rest()
    gc.collect()
    if training.place.device.type == "cuda":
        torch.cuda.empty_cache()
    try:
        training.train.batch_size = size
        order = np.arange(training.train.rows)
        for batch in islice(training.train.batches(order), 2):
            with training.place.autocast():
                scores = score(training.network, batch)
            training.place.backward(scores.total)
    except Exception as error:
        if fault_of(error).code != "out-of-memory":
            raise
        return False
    return True
