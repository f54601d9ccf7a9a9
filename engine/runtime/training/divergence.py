"""Diagnostics (code "diverged") for a loss or weights that became non-finite; failure events."""

from __future__ import annotations

import math

from engine.core.diagnostic import Diagnostic
from engine.events import RunFailed
from engine.runtime.loss_weighting.total_loss import BatchLosses
from engine.runtime.training.non_finite import NonFiniteNode
from engine.runtime.training.progress import TrainingProgress


def run_failed(progress: TrainingProgress, diagnostic: Diagnostic) -> RunFailed:
    """Return the event of a run that failed with this error."""
    return RunFailed(code=diagnostic.code, diagnostic=diagnostic.to_dict(), **progress.end_fields())


def non_finite_loss(
    progress: TrainingProgress,
    rate: float,
    batch_losses: BatchLosses,
    non_finite: NonFiniteNode | None,
) -> Diagnostic:
    """Return the error for a non-finite loss, which was not used to update the weights.

    Args:
        rate: current learning rate.
        batch_losses: losses of the batch.
        non_finite: first node with non-finite weights or outputs; None if there is none.
    """
    nodes = [name for name, loss in batch_losses.losses.items() if not math.isfinite(loss.item())]
    message = "the loss is no longer finite, so the training was stopped before this step"
    found = f"loss {batch_losses.total.item()}"
    if non_finite is not None:
        message = f"{non_finite.part} is no longer finite, so the training was stopped"
        found += f"; {non_finite.part} is infinite or NaN; this is the first layer affected"
        nodes = [non_finite.node]
    return _diverged(progress, rate, message, found, progress.step + 1, next(iter(nodes), None))


def non_finite_weights(
    progress: TrainingProgress, rate: float, non_finite: NonFiniteNode | None
) -> Diagnostic:
    """Return the error for non-finite weights; arguments as in `non_finite_loss`."""
    message = "a weight is no longer finite, so the run was stopped before it was saved"
    found = f"{non_finite.part if non_finite else 'a weight'} is infinite or NaN"
    node = non_finite.node if non_finite else None
    return _diverged(progress, rate, message, found, progress.step, node)


def _diverged(
    progress: TrainingProgress, rate: float, message: str, found: str, step: int, node: str | None
) -> Diagnostic:
    return Diagnostic.error(
        "diverged",
        message,
        f"Use a smaller learning rate than {rate:g}.",
        "Clip the gradients: set global_clipnorm of the optimizer to 1.",
        "Standardize large inputs and targets (scale in the data block).",
        node=node,
        place=f"step {step}, epoch {progress.epoch}",
        found=found,
        expected="finite numbers",
    )
