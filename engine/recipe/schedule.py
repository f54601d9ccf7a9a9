"""Learning rate schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import cos, floor, nan, pi

from pydantic import Field, NonNegativeInt, PositiveInt

from engine.core.registry import Registry
from engine.core.schema import Schema
from engine.recipe.score_names import MinDelta, ScoreMode, is_improvement


class Schedule(Schema):
    """The base class of all learning rate schedules."""

    def scale(self, step: int, epoch: int, steps: int) -> float:
        """Return the factor for the learning rate after `step` steps and `epoch` epochs.

        `steps` is the planned number of steps of the run.
        """
        return 1.0


SCHEDULES: Registry[Schedule] = Registry("schedule", spell=str)
ScheduleField = SCHEDULES.field_type(Schedule)


@SCHEDULES.register("constant")
class Constant(Schedule):
    """Keeps the learning rate constant."""


@SCHEDULES.register("step")
class StepDecay(Schedule):
    """Multiplies the learning rate by a factor every few epochs."""

    every: PositiveInt = Field(10, description="The number of epochs between reductions.")
    factor: float = Field(0.1, gt=0, le=1, description="The factor of each reduction.")

    def scale(self, step: int, epoch: int, steps: int) -> float:
        """Return `factor` to the power of the number of reductions up to this epoch."""
        return float(self.factor ** (epoch // self.every))


@SCHEDULES.register("exponential")
class ExponentialDecay(Schedule):
    """Decays the learning rate exponentially.

    Source: keras.optimizers.schedules.ExponentialDecay.
    """

    decay_steps: PositiveInt = Field(
        1000, description="The number of steps per decay by decay_rate."
    )
    decay_rate: float = Field(0.96, gt=0, le=1, description="The factor after decay_steps steps.")
    staircase: bool = Field(False, description="Decay in discrete steps.")

    def scale(self, step: int, epoch: int, steps: int) -> float:
        """Return decay_rate ** (step / decay_steps); `staircase` rounds the exponent down."""
        passed = step / self.decay_steps
        return float(self.decay_rate ** (floor(passed) if self.staircase else passed))


@SCHEDULES.register("cosine")
class CosineDecay(Schedule):
    """Linear warm-up, then decay along half a cosine period.

    Source: keras.optimizers.schedules.CosineDecay with initial_learning_rate 0 and the
        optimizer's learning rate as warmup_target.
    """

    decay_steps: PositiveInt | None = Field(
        None, description="The number of decay steps; null uses all after the warm-up."
    )
    alpha: float = Field(0.0, ge=0, le=1, description="The final factor of the learning rate.")
    warmup_steps: NonNegativeInt = Field(0, description="The number of warm-up steps.")

    def scale(self, step: int, epoch: int, steps: int) -> float:
        """Return the factor for the learning rate after `step` of the `steps` steps of the run.

        In the warm-up, the factor is step / warmup_steps. After the warm-up, the factor falls along
        half a cosine period from 1 to the field `alpha`.
        """
        if step < self.warmup_steps:
            return step / self.warmup_steps
        decay_steps = self.decay_steps or max(1, steps - self.warmup_steps)
        progress = min(1.0, (step - self.warmup_steps) / decay_steps)
        return (1 - self.alpha) * 0.5 * (1 + cos(pi * progress)) + self.alpha


@dataclass(frozen=True, slots=True)
class PlateauState:
    """The state of a `ReduceLROnPlateau` between epochs.

    Args:
        factor: the current factor of the learning rate.
        best: the best score so far.
        waited: the number of epochs without improvement.
        cooldown: the number of remaining epochs in which the learning rate is not reduced.
    """

    factor: float = 1.0
    best: float | None = None
    waited: int = 0
    cooldown: int = 0


@SCHEDULES.register("plateau")
class ReduceLROnPlateau(Schedule):
    """Reduces the learning rate when a score has stopped improving.

    Source: keras.callbacks.ReduceLROnPlateau.
    """

    monitor: str = Field("loss", description='The score: "loss", or "OUTPUT/METRIC".')
    factor: float = Field(0.1, gt=0, lt=1, description="The factor of each reduction.")
    patience: NonNegativeInt = Field(
        10, description="Epochs without improvement before a reduction."
    )
    mode: ScoreMode = "auto"
    min_delta: MinDelta = 1e-4
    cooldown: NonNegativeInt = Field(0, description="Epochs to wait after a reduction.")
    min_lr: float = Field(0.0, ge=0, allow_inf_nan=False, description="The minimum learning rate.")

    def update(
        self, state: PlateauState, scores: Mapping[str, float], learning_rate: float
    ) -> PlateauState:
        """Return the state after an epoch. A missing or NaN score `monitor` is not an improvement.

        Args:
            learning_rate: the learning rate of the optimizer, not multiplied by `state.factor`.
        """
        cooldown = max(0, state.cooldown - 1)
        waited = 0 if state.cooldown else state.waited
        score = scores.get(self.monitor, nan)
        if is_improvement(score, state.best, self.monitor, self.mode, self.min_delta):
            return replace(state, best=score, waited=0, cooldown=cooldown)
        if cooldown:
            return replace(state, waited=waited, cooldown=cooldown)
        waited += 1
        current_rate = learning_rate * state.factor
        if waited < self.patience or current_rate <= self.min_lr:
            return replace(state, waited=waited, cooldown=cooldown)
        factor = max(current_rate * self.factor, self.min_lr) / learning_rate
        return replace(state, factor=factor, waited=0, cooldown=self.cooldown)
