"""The scores of a run in a line each: the best one, where it was reached, and the last one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from engine.events import OutputInfo
from engine.recipe.score_names import ERRORS, sign_of
from engine.runs.state.run_state import RunState


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One score over the epochs of a run.

    Args:
        best, epoch: the best value, and the epoch that reached it; NaN and 0 if there was none.
        last: the newest value.
        since: the step since which the best is looked for anew, 0 if it is over the whole run.
    """

    best: float
    epoch: int
    last: float
    since: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the line as JSON; what is no number is null."""
        since = {"since": self.since} if self.since else {}
        best, last = (value if isfinite(value) else None for value in (self.best, self.last))
        return {"best": best, "epoch": self.epoch, "last": last, **since}


def unit_of(heads: Iterable[OutputInfo], score: str) -> str:
    """Return what a score that a training tells counts in, "" for nothing in particular.

    Args:
        heads: as the run's start tells them.
        score: its name: "age/mae".
    """
    output, _, name = score.rpartition("/")
    if re.sub(r"_\d+$", "", name) not in ERRORS:
        return ""
    return next((head.unit for head in heads if head.name == output), "")


_BRIEF = {
    "standard deviations": "SD",
    "standard deviations of the logarithm": "SD of log",
    "ranges of the training rows": "ranges",
    "quartile ranges": "IQR",
}


def brief_unit(unit: str) -> str:
    """Return a unit as it stands where there is little room; the whole one is told on hover."""
    return _BRIEF.get(unit, unit)


def loss_in_words(head: OutputInfo) -> str:
    """Say what the loss of an output counts in while it trains, "" for nothing in particular."""
    if head.unit in _BRIEF:
        return f"Loss and errors of {head.name} count in {head.unit}"
    unit = unit_of([head], f"{head.name}/{head.loss}")
    return f"The loss of {head.name} counts in {unit}" if unit else ""


def in_unit(heads: Iterable[OutputInfo], score: str) -> str:
    """Return a score's name, and what it counts in if that is anything in particular."""
    unit = unit_of(heads, score)
    return f"{score}, in {unit}" if unit else score


def score_lines(state: RunState) -> dict[str, ScoreLine]:
    """Return the scores of a run by name, those of validation where there is one.

    The best is that since scores of earlier epochs no longer compete: what weights can be kept of.
    """
    found = {}
    judged, validated = state.judged, bool(state.validation)
    for name, curve in (state.validation or state.train).items():
        first = judged.first(name, validated)
        points = [(value, epoch) for epoch, value in curve if epoch >= first and isfinite(value)]
        sign = sign_of(name, "auto")
        best, epoch = (
            min(points, key=lambda p: (sign * p[0], p[1])) if points else (float("nan"), 0)
        )
        last = curve.last
        found[name] = ScoreLine(
            best, epoch, float("nan") if last is None else last, judged.since(name)
        )
    return found
