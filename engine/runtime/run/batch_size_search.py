"""Search for a batch size that fits into memory, after an out-of-memory error."""

from __future__ import annotations

import gc
from dataclasses import replace
from itertools import islice

import numpy as np
import torch

from engine.check.cost import Costs, available_memory, largest_batch_size
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.exceptions import diagnostic_from_exception
from engine.runtime.loss_weighting.total_loss import compute_losses
from engine.runtime.training.training import Training


def with_fitting_batch_size(diagnostic: Diagnostic, training: Training, costs: Costs) -> Diagnostic:
    """Return an out-of-memory diagnostic with a first fix that sets a fitting batch size.

    The gradients and the batch size of `training` are overwritten. This function must be called
    after the `except` block that caught the error, because the traceback keeps tensors alive.
    On a CPU, the batch size is also limited by `costs` (estimates) and by the available memory.
    """
    if training.is_sharded:  # the other ranks would have to take part
        return diagnostic
    size = min(training.train.batch_size, training.train.row_count) // 2
    if training.device_context.device.type == "cpu":
        # The system overcommits memory, so it may kill this process if a batch is too large.
        size = min(size, largest_batch_size(costs, available_memory()))
    while size >= 1 and not _fits(training, size):
        size //= 2
    if not size:  # not even one row fits
        return diagnostic
    edit = {"do": "set_recipe", "fields": {"batch_size": size}}
    fix = Fix(f"Set batch_size to {size}; this size was tested and fits.", edit)
    return replace(diagnostic, fixes=(fix, *diagnostic.fixes[1:]))


def _fits(training: Training, size: int) -> bool:
    """Return whether two batches of `size` rows, one after the other, fit into memory.

    Why: the second batch also needs memory for the gradients of the first batch and for the
        optimizer's state, which is created in the first step.
    """
    training.optimizer.zero_grad()
    gc.collect()
    if training.device_context.device.type == "cuda":
        torch.cuda.empty_cache()
    try:
        _ = training.optimizer.state  # created now, if no step was completed
        training.train.batch_size = size
        order = np.arange(training.train.row_count)
        for batch in islice(training.train.batches(order), 2):
            with training.device_context.autocast():
                batch_losses = compute_losses(training.network, batch)
            training.device_context.backward(batch_losses.total)
    except Exception as error:
        if diagnostic_from_exception(error).code != "out-of-memory":
            raise
        return False
    return True
