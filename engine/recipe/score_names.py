"""Names of scores, which way they get better, and which of them a rule looks at.

The scores of an epoch are a flat mapping: "loss" is the total, "age/loss" one output's loss,
"age/mae" one of its metrics.
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

Mode = Literal["auto", "min", "max"]
Scores = Mapping[str, float]
# Those that count in the unit of what is predicted.
ERRORS = ("mae", "mean_absolute_error", "rmse", "root_mean_squared_error")


def watched(train: Scores, validation: Scores | None) -> Scores:
    """Return the scores that rules look at: the validation's, or without one the training's."""
    return validation or train


def sign_of(name: str, mode: Mode) -> int:
    """Return 1 if a smaller score is better, -1 if a larger one is."""
    if mode != "auto":
        return 1 if mode == "min" else -1
    metric = re.sub(r"_\d+$", "", name.rsplit("/", 1)[-1])
    families = (METRICS, LOSSES)
    better = next((family[metric].better for family in families if metric in family), "lower")
    return 1 if better == "lower" else -1


def score_of(name: str, scores: Scores) -> float:
    """Return a score, NaN if there is none of that name."""
    return scores.get(name, nan)


def improves(
    score: float, best: float | None, name: str, mode: Mode = "auto", min_delta: float = 0.0
) -> bool:
    """Return whether a score beats the best one by more than `min_delta`; NaN never does."""
    sign = sign_of(name, mode)
    return isfinite(score) and (best is None or sign * score < sign * best - min_delta)


def unknown_scores(names: Iterable[str], known: Collection[str], place: str) -> list[Diagnostic]:
    """Return a finding for each name in a rule that no score has.

    Args:
        names: what the rule watches.
        known: the names of the scores that this graph gives.
        place: where the rule stands: "recipe.stopping".
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
        fixes=(Fix(f'Watch "{nearest or "loss"}".'),),
    )
