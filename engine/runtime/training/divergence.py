"""What a training says when its numbers have run away."""

from __future__ import annotations

import math

from engine.core.diagnostic import Diagnostic, Fix
from engine.events import RunFailed
from engine.runtime.model.total_loss import Scores
from engine.runtime.training.non_finite import Spoiled
from engine.runtime.training.progress import Progress


def diverged(
    progress: Progress, rate: float, scores: Scores, spoiled: Spoiled | None = None
) -> RunFailed:
    """Say which layer or output blew up; this batch has not moved the weights.

    Args:
        progress: where the training stands.
        rate: the learning rate.
        scores: of the batch.
        spoiled: the layer in which it began, None if all layers answer numbers.
    """
    broken = [name for name, loss in scores.losses.items() if not math.isfinite(loss.item())]
    message = "the loss is no longer a number, so the training was stopped before this step"
    found = f"loss {scores.total.item()}"
    if spoiled is not None:
        message = f"{spoiled.what} is no longer a number, so the training was stopped"
        found += (
            f"; {spoiled.what} is infinite or NaN, and it is the first layer of which that is so"
        )
        broken = [spoiled.node]
    step = progress.step + 1
    return _failed(progress, _away(progress, rate, message, found, step, next(iter(broken), None)))


def harmed(progress: Progress, rate: float, spoiled: Spoiled | None = None) -> RunFailed:
    """Say that the last steps of an epoch made weights that no checkpoint should hold."""
    return _failed(progress, harm(progress, rate, spoiled))


def harm(progress: Progress, rate: float, spoiled: Spoiled | None = None) -> Diagnostic:
    """Return what `harmed` says."""
    message = "the last steps spoiled the weights, so the run was stopped before they were saved"
    found = f"{spoiled.what if spoiled else 'a weight'} is infinite or NaN"
    return _away(progress, rate, message, found, progress.step, spoiled.node if spoiled else None)


def _failed(progress: Progress, found: Diagnostic) -> RunFailed:
    return RunFailed(code=found.code, diagnostic=found.to_dict(), **progress.end())


def _away(
    progress: Progress, rate: float, message: str, found: str, step: int, node: str | None
) -> Diagnostic:
    return Diagnostic(
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
