"""Summaries of the scores of a run (of its final weights, best, last), and their units."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from engine.events import OutputInfo, RunFinished
from engine.graph.model import Project
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import Recipe
from engine.recipe.score_names import METRICS_IN_TARGET_UNITS, score_sign
from engine.runs.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """A score of the final weights of a run, and its best and last value over the epochs.

    Args:
        kept: the value with the final weights; NaN if it is missing, or not comparable with later
            values.
        best, epoch: best value and its epoch; NaN and 0 if no epoch has a value.
        last: value of the last epoch.
        since_step: first step after the last change of live settings that made earlier values
            incomparable; 0 if there was no such change. `best` ignores the earlier values.
    """

    kept: float
    best: float
    epoch: int
    last: float
    since_step: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as a dict for JSON, with None for non-finite numbers."""
        since = {"since": self.since_step} if self.since_step else {}
        values = {"kept": self.kept, "best": self.best, "epoch": self.epoch, "last": self.last}
        return {k: v if isfinite(v) else None for k, v in values.items()} | since


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


def kept_epoch(project: Project, state: RunState) -> int:
    """Return the epoch of the final weights; of a run that has not finished, the last one."""
    if not isinstance(state.ended, RunFinished):
        return state.epoch
    recipe = parse_recipe(project.recipe)
    return state.final_epoch(recipe.stopping if isinstance(recipe, Recipe) else None)


def summarize_scores(state: RunState, kept_epoch: int | None = None) -> dict[str, ScoreSummary]:
    """Return the summaries of a run's scores by name.

    `kept_epoch` is the epoch of the final weights, by default the last one.

    Scores are computed on the validation rows, or on the training rows if there is no validation.
    If a change of live settings made scores incomparable, only epochs after the change count.
    """
    lines = {}
    kept_epoch = state.epoch if kept_epoch is None else kept_epoch
    best_epoch, is_validation = state.best_epoch, bool(state.validation)
    for name, curve in (state.validation or state.train).items():
        first = best_epoch.first_epoch(name, is_validation)
        points = [(value, epoch) for epoch, value in curve if epoch >= first and isfinite(value)]
        sign = score_sign(name, "auto")
        best, epoch = min(points, key=lambda p: (sign * p[0], p[1]), default=(nan, 0))
        last = nan if curve.last is None else curve.last
        kept = next((value for value, epoch in points if epoch == kept_epoch), nan)
        lines[name] = ScoreSummary(kept, best, epoch, last, best_epoch.since_step(name))
    return lines
