"""Early stopping and the choice of the best epoch, by one or several monitored scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite, nan
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeInt, PlainSerializer

from engine.core.formatting.counts import count_noun
from engine.core.schema import Schema
from engine.recipe.score_names import MinDelta, ScoreMode, Scores, is_improvement, score_sign

WEIGHTED_SUM = "weighted"  # the key of the best weighted sum in `StoppingState.best`


class Monitor(Schema):
    """A score that a rule monitors."""

    name: str = Field("loss", description='The score: "loss", or "OUTPUT/METRIC".')
    mode: ScoreMode = "auto"
    min_delta: MinDelta = 0.0
    weight: float = Field(
        1.0, gt=0, allow_inf_nan=False, description="Its weight in the weighted sum of scores."
    )


def _from_name(value: object) -> object:
    """Return `Monitor(name=value)` if `value` is a string, else `value` unchanged."""
    return Monitor(name=value) if isinstance(value, str) else value


def _to_json(monitor: Monitor) -> Any:
    params = monitor.params()
    return monitor.name if params.keys() <= {"name"} else {"name": monitor.name, **params}


_DEFAULT_MONITORS: Any = ("loss",)
MonitorField = Annotated[Monitor, BeforeValidator(_from_name), PlainSerializer(_to_json)]


@dataclass(frozen=True, slots=True)
class StoppingState:
    """The state of a `BestEpochRule` or `EarlyStopping` between epochs.

    Args:
        best: the best value of each score.
        epoch: the best epoch so far, None before the end of the first epoch.
        waited: the number of epochs since the best epoch.
    """

    best: Mapping[str, float] = field(default_factory=dict)
    epoch: int | None = None
    waited: int = 0


@dataclass(frozen=True, slots=True)
class StoppingDecision:
    """The decision of a rule after an epoch, with the reason as text."""

    best: bool
    stop: bool
    reason: str


class BestEpochRule(Schema):
    """The rule that decides which epoch is the best.

    `combine` says when an epoch is better than the best epoch so far:
    any: at least one score is better than its best value;
    all: every score is better than at the best epoch;
    weighted: the sum of weight x score is smaller, with scores to maximize negated.
    A score that is missing, NaN or infinite never counts as better.
    """

    monitors: tuple[MonitorField, ...] = Field(
        _DEFAULT_MONITORS, min_length=1, description="The scores to monitor."
    )
    combine: Literal["any", "all", "weighted"] = Field(
        "any", description="How several scores are combined."
    )

    def update(
        self, state: StoppingState, scores: Scores, epoch: int
    ) -> tuple[StoppingState, StoppingDecision]:
        """Return the state after an epoch, and the decision whether it is the best epoch so far."""
        best = self._new_best(state, scores)
        if best is not None:
            names = [monitor.name for monitor in self.monitors]
            finite = (name for name in names if isfinite(scores.get(name, nan)))
            shown = ", ".join(f"{name} {scores[name]:.6g}" for name in finite)
            decision = StoppingDecision(True, False, f"best so far: {shown}")
            return StoppingState(best, epoch), decision
        state = replace(state, waited=state.waited + 1)
        reason = f"no improvement for {count_noun(state.waited, 'epoch')}"
        return state, StoppingDecision(False, False, reason)

    def _new_best(self, state: StoppingState, scores: Scores) -> dict[str, float] | None:
        """Return the new best values by score name; None if this epoch is not the best so far."""
        if self.combine == "weighted":
            return self._new_best_sum(state, scores)
        better = {}
        for monitor in self.monitors:
            name = monitor.name
            value, best = scores.get(name, nan), state.best.get(name)
            if is_improvement(value, best, name, monitor.mode, monitor.min_delta):
                better[name] = value
        is_better = len(better) == len({monitor.name for monitor in self.monitors})
        return {**state.best, **better} if is_better or (better and self.combine == "any") else None

    def _new_best_sum(self, state: StoppingState, scores: Scores) -> dict[str, float] | None:
        total = margin = 0.0
        for monitor in self.monitors:
            sign = score_sign(monitor.name, monitor.mode)
            total += monitor.weight * sign * scores.get(monitor.name, nan)
            margin += monitor.weight * monitor.min_delta
        best = state.best.get(WEIGHTED_SUM)
        is_better = is_improvement(total, best, WEIGHTED_SUM, "min", margin)
        return {WEIGHTED_SUM: total} if is_better else None


class EarlyStopping(BestEpochRule):
    """Stops training when the monitored scores stop improving.

    Why: Keras' defaults are patience 0 and the weights of the last epoch. With patience 0, a
        single noisy epoch ends most runs. Weights after the best epoch are rarely wanted.
    """

    patience: NonNegativeInt = Field(
        5, description="Epochs without improvement before training stops."
    )
    restore_best: bool = Field(
        True, description="Restore the weights of the best epoch at the end."
    )
    start_from_epoch: NonNegativeInt = Field(0, description="Epochs at the start that are ignored.")

    def update(
        self, state: StoppingState, scores: Scores, epoch: int
    ) -> tuple[StoppingState, StoppingDecision]:
        """Return the state after an epoch (counted from 0), and the decision whether to stop."""
        if epoch < self.start_from_epoch:
            reason = f"ignored before epoch {self.start_from_epoch}"
            return state, StoppingDecision(False, False, reason)
        state, decision = super().update(state, scores, epoch)
        if decision.best or epoch == 0 or state.waited < self.patience:
            return state, decision
        names = ", ".join(monitor.name for monitor in self.monitors)
        reason = f"{names}: no improvement for {count_noun(state.waited, 'epoch')}"
        return state, StoppingDecision(False, True, reason)
