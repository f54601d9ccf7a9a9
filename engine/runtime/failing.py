"""What a training says when its numbers have run away."""

from __future__ import annotations

import math

from engine.core.diagnostic import Diagnostic, Fix
from engine.events import RunFailed
from engine.runtime.objective import Scores
from engine.runtime.progress import Progress


def diverged(progress: Progress, rate: float, scores: Scores) -> RunFailed:
    """Say which output blew up; this batch has not moved the weights.

    Args:
        progress: where the training stands.
        rate: the learning rate.
        scores: of the batch.
    """
    broken = [name for name, loss in scores.losses.items() if not math.isfinite(loss.item())]
    message = "the loss is no longer a number, so the training was stopped before this step"
    found = f"loss {scores.total.item()}"
    return _failed(progress, rate, message, found, progress.step + 1, next(iter(broken), None))


def harmed(progress: Progress, rate: float) -> RunFailed:
    """Say that the last steps of an epoch made weights that no checkpoint should hold."""
    message = "the last steps spoiled the weights, so the run was stopped before they were saved"
    return _failed(progress, rate, message, "weights that are infinite or NaN", progress.step)


def _failed(
    progress: Progress, rate: float, message: str, found: str, step: int, node: str | None = None
) -> RunFailed:
    diagnostic = Diagnostic(
        "diverged",
        message,
        node=node,
        place=f"step {step}, epoch {progress.epoch}",
        found=found,
        expected="finite numbers",
        fixes=(
            Fix(f"Use a smaller learning rate than {rate:g}."),
            Fix("Clip the gradients: set global_clipnorm of the optimizer to 1."),
            Fix("Standardise large inputs and targets (scale in the data block)."),
        ),
    )
    return RunFailed(code=diagnostic.code, diagnostic=diagnostic.to_dict(), **progress.end())
