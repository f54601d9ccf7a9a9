"""Schedules: how the learning rate changes while a run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import cos, floor, pi
from typing import Any, Self

from pydantic import Field, NonNegativeInt, PositiveInt

from engine.core.registry import Family
from engine.core.schema import Schema
from engine.recipe.score_names import Mode, improves, score_of


class Schedule(Schema):
    """Base of all schedules."""

    def scale(self, step: int, epoch: int, steps: int) -> float:
        """Return what the optimizer's learning rate is multiplied by.

        Args:
            step: updates of the weights so far, from 0.
            epoch: full passes over the data so far, from 0.
            steps: updates in the whole run, as planned.
        """
        return 1.0


SCHEDULES: Family[Schedule] = Family("schedule", spell=str)
ScheduleField = SCHEDULES.field(Schedule)


@SCHEDULES.add("constant")
class Constant(Schedule):
    """Keeps the learning rate."""


@SCHEDULES.add("step")
class StepDecay(Schedule):
    """Cuts the learning rate after every few epochs."""

    every: PositiveInt = Field(10, description="Epochs from one cut to the next.")
    factor: float = Field(0.1, gt=0, le=1, description="What is left after a cut.")

    def scale(self, step: int, epoch: int, steps: int) -> float:
        """Return factor to the power of the cuts so far."""
        return float(self.factor ** (epoch // self.every))


@SCHEDULES.add("exponential")
class ExponentialDecay(Schedule):
    """Lowers the learning rate by the same share again and again.

    Source: keras.optimizers.schedules.ExponentialDecay.
    """

    decay_steps: PositiveInt = Field(1000, description="Steps in which the rate is applied once.")
    decay_rate: float = Field(0.96, gt=0, le=1, description="What is left after them.")
    staircase: bool = Field(False, description="Go down in stairs instead of smoothly.")

    def scale(self, step: int, epoch: int, steps: int) -> float:
        """Return decay_rate to the power of the decays so far, whole ones or parts of one."""
        passed = step / self.decay_steps
        return float(self.decay_rate ** (floor(passed) if self.staircase else passed))


@SCHEDULES.add("cosine")
class CosineDecay(Schedule):
    """Warms up in a straight line, then glides down along half a cosine.

    Source: keras.optimizers.schedules.CosineDecay with initial_learning_rate 0 and the
        optimizer's learning rate as warmup_target.
    """

    decay_steps: PositiveInt | None = Field(
        None, description="Steps of the way down; null takes all that follow the warm-up."
    )
    alpha: float = Field(0.0, ge=0, le=1, description="What is left of the rate at the end.")
    warmup_steps: NonNegativeInt = Field(0, description="Steps of the way up.")

    def scale(self, step: int, epoch: int, steps: int) -> float:
        """Return the height of the curve at a step."""
        if step < self.warmup_steps:
            return step / self.warmup_steps
        length = self.decay_steps or max(1, steps - self.warmup_steps)
        way = min(1.0, (step - self.warmup_steps) / length)
        return (1 - self.alpha) * 0.5 * (1 + cos(pi * way)) + self.alpha


@dataclass(frozen=True, slots=True)
class Plateau:
    """What a plateau schedule remembers from epoch to epoch.

    Args:
        factor: what the learning rate is multiplied by now.
        best: the best score so far.
        waited: epochs without a better one.
        cooldown: epochs for which no cut may follow.
    """

    factor: float = 1.0
    best: float | None = None
    waited: int = 0
    cooldown: int = 0

    def plain(self) -> dict[str, Any]:
        """Return the state as JSON."""
        return asdict(self)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return the state that `plain` wrote."""
        return cls(**plain)


@SCHEDULES.add("plateau")
class ReduceLROnPlateau(Schedule):
    """Cuts the learning rate when a score has stopped getting better.

    Source: keras.callbacks.ReduceLROnPlateau.
    """

    monitor: str = Field("loss", description='The score: "loss", or "OUTPUT/METRIC".')
    factor: float = Field(0.1, gt=0, lt=1, description="What is left after a cut.")
    patience: NonNegativeInt = Field(10, description="Epochs without a better score before a cut.")
    mode: Mode = Field("auto", description="Which way is better; auto knows by the name.")
    min_delta: float = Field(
        1e-4, ge=0, allow_inf_nan=False, description="Least gain that counts as better."
    )
    cooldown: NonNegativeInt = Field(0, description="Epochs after a cut without another.")
    min_lr: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="Least learning rate that a cut leads to."
    )

    def after(self, state: Plateau, scores: Mapping[str, float], learning_rate: float) -> Plateau:
        """Return the state after an epoch.

        Args:
            state: the state before it.
            scores: what the epoch reached; one that is missing or no number is not better.
            learning_rate: the optimizer's own, before any factor.
        """
        cooldown = max(0, state.cooldown - 1)
        waited = 0 if state.cooldown else state.waited
        score = score_of(self.monitor, scores)
        if improves(score, state.best, self.monitor, self.mode, self.min_delta):
            return replace(state, best=score, waited=0, cooldown=cooldown)
        if cooldown:
            return replace(state, waited=waited, cooldown=cooldown)
        waited += 1
        now = learning_rate * state.factor
        if waited < self.patience or now <= self.min_lr:
            return replace(state, waited=waited, cooldown=cooldown)
        cut = max(now * self.factor, self.min_lr) / learning_rate
        return replace(state, factor=cut, waited=0, cooldown=self.cooldown)
