"""Scores by name: their values, their direction (lower or higher is better), unknown names.

The scores of an epoch are a flat mapping: "loss" is the total loss, "age/loss" the loss of one
output, "age/mae" one of its metrics.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from math import isfinite, nan
from typing import Literal

import engine.objectives  # noqa: F401 - fills the families
from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS

ScoreMode = Literal["auto", "min", "max"]
Scores = Mapping[str, float]
# The metrics that have the unit of the target.
METRICS_IN_TARGET_UNITS = ("mae", "mean_absolute_error", "rmse", "root_mean_squared_error")


def monitored_scores(train: Scores, validation: Scores | None) -> Scores:
    """Return the scores that rules monitor: of the validation rows, else of the training rows."""
    return validation or train


def score_sign(name: str, mode: ScoreMode) -> int:
    """Return 1 if lower is better, -1 if higher is better."""
    if mode != "auto":
        return 1 if mode == "min" else -1
    metric = re.sub(r"_\d+$", "", name.rsplit("/", 1)[-1])
    registries = (METRICS, LOSSES)
    direction = next(
        (registry[metric].better for registry in registries if metric in registry), "lower"
    )
    return 1 if direction == "lower" else -1


def score_value(name: str, scores: Scores) -> float:
    """Return the score of that name, NaN if there is none."""
    return scores.get(name, nan)


def is_improvement(
    score: float, best: float | None, name: str, mode: ScoreMode = "auto", min_delta: float = 0.0
) -> bool:
    """Return whether a score beats the best one by more than `min_delta`; False for NaN."""
    sign = score_sign(name, mode)
    return isfinite(score) and (best is None or sign * score < sign * best - min_delta)


def unknown_score_diagnostics(
    names: Iterable[str], known: Collection[str], place: str
) -> list[Diagnostic]:
    """Return a diagnostic for each unknown score name in a rule.

    Args:
        names: the scores that the rule monitors.
        known: the scores that the graph has.
        place: the path of the rule in the project, such as "recipe.stopping".
    """
    return [_unknown(name, known, place) for name in names if name not in known]


def _unknown(name: str, known: Collection[str], place: str) -> Diagnostic:
    nearest = nearest_word(name.removeprefix("val_"), known)
    return Diagnostic(
        "score-unknown",
        f'there is no score called "{name}"',
        place=place,
        found=name,
        expected="one of " + ", ".join(known),
        fixes=(Fix(f'Monitor "{nearest or "loss"}".'),),
    )
