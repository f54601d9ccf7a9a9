"""The failure of a run whose loss or weights became non-finite (code diverged)."""

from __future__ import annotations

import math

from engine.core.diagnostic import Diagnostic, Fix
from engine.events import RunFailed
from engine.runtime.loss_weighting.total_loss import Scores
from engine.runtime.training.non_finite import Spoiled
from engine.runtime.training.progress import Progress


def diverged(
    progress: Progress, rate: float, scores: Scores, non_finite: Spoiled | None = None
) -> RunFailed:
    """Return the failure of a run with a non-finite loss; the weights were not updated.

    Args:
        progress: progress of the training.
        rate: learning rate.
        scores: losses of the batch.
        non_finite: first node with non-finite weights or outputs, None if there is none.
    """
    nodes = [name for name, loss in scores.losses.items() if not math.isfinite(loss.item())]
    message = "the loss is no longer finite, so the training was stopped before this step"
    found = f"loss {scores.total.item()}"
    if non_finite is not None:
        message = f"{non_finite.what} is no longer finite, so the training was stopped"
        found += f"; {non_finite.what} is infinite or NaN; this is the first layer affected"
        nodes = [non_finite.node]
    step = progress.step + 1
    return _failure(
        progress, _diverged(progress, rate, message, found, step, next(iter(nodes), None))
    )


def harmed(progress: Progress, rate: float, non_finite: Spoiled | None = None) -> RunFailed:
    """Return the failure of a run with non-finite weights, which no checkpoint should hold."""
    return _failure(progress, harm(progress, rate, non_finite))


def harm(progress: Progress, rate: float, non_finite: Spoiled | None = None) -> Diagnostic:
    """Return the diagnostic about non-finite weights."""
    message = "a weight is no longer finite, so the run was stopped before it was saved"
    found = f"{non_finite.what if non_finite else 'a weight'} is infinite or NaN"
    node = non_finite.node if non_finite else None
    return _diverged(progress, rate, message, found, progress.step, node)


def _failure(progress: Progress, diagnostic: Diagnostic) -> RunFailed:
    return RunFailed(code=diagnostic.code, diagnostic=diagnostic.to_dict(), **progress.end())


def _diverged(
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
            Fix("Standardise large inputs and targets (scale in the data mapping)."),
        ),
    )
