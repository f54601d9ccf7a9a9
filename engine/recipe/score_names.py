"""Scores by name: which to monitor, whether lower is better, and errors for unknown names.

The scores of an epoch are a flat mapping: "loss" is the total loss, "age/loss" the loss of one
output, "age/mae" one of its metrics.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from math import isfinite
from typing import Annotated, Literal

from pydantic import Field

import engine.objectives  # noqa: F401 - registers losses and metrics
from engine.core.diagnostic import Diagnostic, nearest_word
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS

ScoreMode = Annotated[
    Literal["auto", "min", "max"],
    Field(description="Whether lower or higher is better; auto decides by the name."),
]
_SMALLEST_CHANGE = "The smallest change that counts as an improvement."
MinDelta = Annotated[float, Field(ge=0, allow_inf_nan=False, description=_SMALLEST_CHANGE)]
Scores = Mapping[str, float]
# The metrics that have the unit of the target.
METRICS_IN_TARGET_UNITS = ("mae", "mean_absolute_error", "rmse", "root_mean_squared_error")


def monitored_scores(train: Scores, validation: Scores | None) -> Scores:
    """Return the scores to monitor: validation scores if there are any, else training scores."""
    return validation or train


def score_sign(name: str, mode: ScoreMode) -> int:
    """Return 1 if lower values of a score are better, -1 if higher values are better.

    If `mode` is "auto", the metric or loss in the score's name decides.
    """
    if mode != "auto":
        return 1 if mode == "min" else -1
    metric = re.sub(r"_\d+$", "", name.rsplit("/", 1)[-1])
    better = next((known[metric].better for known in (METRICS, LOSSES) if metric in known), "lower")
    return 1 if better == "lower" else -1


def is_improvement(
    score: float, best: float | None, name: str, mode: ScoreMode = "auto", min_delta: float = 0.0
) -> bool:
    """Return whether a finite score beats `best`, if there is one, by more than `min_delta`.

    If `mode` is "auto", the name of the score decides whether lower or higher is better.
    """
    sign = score_sign(name, mode)
    return isfinite(score) and (best is None or sign * score < sign * best - min_delta)


def unknown_score_diagnostics(
    names: Iterable[str], known: Collection[str], place: str
) -> list[Diagnostic]:
    """Return a diagnostic for each name not in `known`. All are located at `place`."""
    return [
        Diagnostic.error(
            "score-unknown",
            f'there is no score called "{name}"',
            f'Monitor "{nearest_word(name.removeprefix("val_"), known) or "loss"}".',
            place=place,
            found=name,
            expected="one of " + ", ".join(known),
        )
        for name in names
        if name not in known
    ]
