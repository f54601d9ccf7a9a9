"""Fixes after an out-of-memory error: settings with which a batch was computed in this memory."""

from __future__ import annotations

import gc
from dataclasses import replace
from itertools import islice

import numpy as np
import torch

from engine.check.cost import Costs, available_memory, checkpointing_fix, largest_batch_size
from engine.core.diagnostic import Diagnostic, set_recipe_fix
from engine.core.exceptions import diagnostic_from_exception
from engine.graph.view import segments
from engine.runtime.loss_weighting.total_loss import compute_losses
from engine.runtime.model.network import set_segments
from engine.runtime.training.training import Training


def with_tested_fixes(diagnostic: Diagnostic, training: Training, costs: Costs) -> Diagnostic:
    """Return an out-of-memory diagnostic whose first fixes were tested and fit.

    The gradients and the batch size of `training` are overwritten. This function must be called
    after the `except` block that caught the error, because the traceback keeps tensors alive.
    On a CPU, `costs` (estimates) and the available memory limit what is tested.
    """
    if training.group.size > 1:  # the other ranks would have to take part
        return diagnostic
    fixes, size = [], min(training.train.batch_size, training.train.row_count)
    checkpointed = replace(costs, is_checkpointed=True)
    if not costs.is_checkpointed and size <= _limit(training, checkpointed):
        set_segments(training.network, segments(costs.project))
        if _fits(training, size):
            fixes.append(checkpointing_fix("which was tested and fits"))
        set_segments(training.network, ())
    size = min(size // 2, _limit(training, costs))
    while size >= 1 and not _fits(training, size):
        size //= 2
    if size:
        text = f"Set batch_size to {size}; this size was tested and fits."
        fixes.append(set_recipe_fix(text, batch_size=size))
    return replace(diagnostic, fixes=(*fixes, *diagnostic.fixes[bool(fixes) :]))


def _limit(training: Training, costs: Costs) -> int:
    """Return the largest batch size to test.

    Why: a CPU's system overcommits memory, so it may kill this process if a batch is too large.
    """
    on_cpu = training.device_context.device.type == "cpu"
    return largest_batch_size(costs, available_memory()) if on_cpu else training.train.row_count


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
