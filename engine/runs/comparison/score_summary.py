"""Summaries of the scores of a run (best value, its epoch, last value), and their units."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from engine.events import OutputInfo
from engine.recipe.score_names import METRICS_IN_TARGET_UNITS, score_sign
from engine.runs.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """The best and the last value of a score over the epochs of a run.

    Args:
        best, epoch: best value and its epoch; NaN and 0 if no epoch has a value.
        last: value of the last epoch.
        since_step: first step after the last change of live settings that made earlier values
            incomparable; 0 if there was no such change. `best` ignores the earlier values.
    """

    best: float
    epoch: int
    last: float
    since_step: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as a dict for JSON, with None for non-finite numbers."""
        since = {"since": self.since_step} if self.since_step else {}
        best, last = (value if isfinite(value) else None for value in (self.best, self.last))
        return {"best": best, "epoch": self.epoch, "last": last, **since}


def score_unit(heads: Iterable[OutputInfo], score: str) -> str:
    """Return the unit of a score; "" if the score has no unit.

    Args:
        heads: the outputs of the run.
        score: name of the score, such as "age/mae".
    """
    output, _, name = score.rpartition("/")
    if re.sub(r"_\d+$", "", name) not in METRICS_IN_TARGET_UNITS:
        return ""
    return next((head.unit for head in heads if head.name == output), "")


SCALED_UNITS = {
    "standard deviations": "SD",
    "standard deviations of the logarithm": "SD of log",
    "ranges of the training rows": "ranges",
    "quartile ranges": "IQR",
    "multiples of the mean": "× mean",
    "standard deviations of the rank": "SD of rank",
}


def short_unit(unit: str) -> str:
    """Return the short form of a unit for narrow columns."""
    return SCALED_UNITS.get(unit, unit)


def loss_unit_note(head: OutputInfo) -> str:
    """Return a note on the unit of an output's training loss; "" if the loss has no unit."""
    if head.unit in SCALED_UNITS:
        return f"Loss and errors of {head.name} are in {head.unit}"
    unit = score_unit([head], f"{head.name}/{head.loss}")
    return f"The loss of {head.name} is in {unit}" if unit else ""


def score_title(heads: Iterable[OutputInfo], score: str) -> str:
    """Return a score's name, with its unit if any: "age/mae, in years"; `heads` are all outputs."""
    unit = score_unit(heads, score)
    return f"{score}, in {unit}" if unit else score


def summarize_scores(state: RunState) -> dict[str, ScoreSummary]:
    """Return the summaries of a run's scores by name.

    Scores are computed on the validation rows, or on the training rows if there is no validation.
    If a change of live settings made scores incomparable, only epochs after the change can be best.
    """
    lines = {}
    best_epoch, is_validation = state.best_epoch, bool(state.validation)
    for name, curve in (state.validation or state.train).items():
        first = best_epoch.first_epoch(name, is_validation)
        points = [(value, epoch) for epoch, value in curve if epoch >= first and isfinite(value)]
        sign = score_sign(name, "auto")
        best, epoch = min(points, key=lambda p: (sign * p[0], p[1]), default=(nan, 0))
        last = nan if curve.last is None else curve.last
        lines[name] = ScoreSummary(best, epoch, last, best_epoch.since_step(name))
    return lines
