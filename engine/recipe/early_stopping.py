"""Which epoch is the best so far, and when to stop: one score, or several of several outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, NonNegativeInt, PlainSerializer

from engine.core.schema import Schema
from engine.recipe.score_names import Mode, Scores, improves, score_of, sign_of

SUM = "weighted"  # the name under which the best weighted sum is remembered


class Monitor(Schema):
    """One score that a rule watches."""

    name: str = Field("loss", description='The score: "loss", or "OUTPUT/METRIC".')
    mode: Mode = Field("auto", description="Which way is better; auto knows by the name.")
    min_delta: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="Least gain that counts as better."
    )
    weight: float = Field(
        1.0, gt=0, allow_inf_nan=False, description="Its share where scores are added up."
    )


def _named(value: object) -> object:
    """Understand "age/mae" for {"name": "age/mae"}."""
    return Monitor(name=value) if isinstance(value, str) else value


def _shortest(monitor: Monitor) -> Any:
    params = monitor.params()
    return monitor.name if params.keys() <= {"name"} else {"name": monitor.name, **params}


_TOTAL: Any = ("loss",)
MonitorField = Annotated[Monitor, BeforeValidator(_named), PlainSerializer(_shortest)]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a rule remembers from epoch to epoch.

    Args:
        best: by score, the value to beat.
        epoch: the best epoch so far, None before the first.
        waited: epochs since then.
    """

    best: Mapping[str, float] = field(default_factory=dict)
    epoch: int | None = None
    waited: int = 0

    def plain(self) -> dict[str, Any]:
        """Return the state as JSON."""
        return asdict(self)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return the state that `plain` wrote."""
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says about an epoch, and why, in a person's words."""

    best: bool
    stop: bool
    reason: str


class Watch(Schema):
    """Says which epoch is the best so far.

    any: one score beats its own record. all: every score is better than at the best epoch.
    weighted: the sum of weight x score is smaller, larger-is-better scores taken negative.
    A score that is missing, NaN or infinite is never better.
    """

    monitors: tuple[MonitorField, ...] = Field(
        _TOTAL, min_length=1, description="The scores to watch."
    )
    combine: Literal["any", "all", "weighted"] = Field(
        "any", description="How several scores become one judgement."
    )

    def update(self, state: Standing, scores: Scores, epoch: int) -> tuple[Standing, Verdict]:
        """Return the state after an epoch, and the verdict on it."""
        best = self._beaten(state, scores)
        if best is not None:
            shown = ", ".join(f"{one.name} {scores[one.name]:.6g}" for one in self._seen(scores))
            return Standing(best, epoch), Verdict(True, False, f"best so far: {shown}")
        waited = replace(state, waited=state.waited + 1)
        return waited, Verdict(False, False, f"no better for {in_epochs(waited.waited)}")

    def _seen(self, scores: Scores) -> list[Monitor]:
        return [one for one in self.monitors if isfinite(score_of(one.name, scores))]

    def _beaten(self, state: Standing, scores: Scores) -> dict[str, float] | None:
        """Return the new values to beat, or None if the epoch is no better."""
        if self.combine == "weighted":
            return self._smaller_sum(state, scores)
        better = {
            one.name: scores[one.name]
            for one in self.monitors
            if improves(
                score_of(one.name, scores),
                state.best.get(one.name),
                one.name,
                one.mode,
                one.min_delta,
            )
        }
        enough = len(better) == len({one.name for one in self.monitors})
        return {**state.best, **better} if enough or (better and self.combine == "any") else None

    def _smaller_sum(self, state: Standing, scores: Scores) -> dict[str, float] | None:
        total = sum(
            one.weight * sign_of(one.name, one.mode) * score_of(one.name, scores)
            for one in self.monitors
        )
        margin = sum(one.weight * one.min_delta for one in self.monitors)
        return {SUM: total} if improves(total, state.best.get(SUM), SUM, "min", margin) else None


class Stopping(Watch):
    """Stops a run that gets no better.

    Why: Keras' EarlyStopping has patience 0 and keeps the last weights unless told otherwise; a
        single noisy epoch would end most runs, and nobody who stops early wants the later ones.
    """

    patience: NonNegativeInt = Field(5, description="Epochs without a better one before the end.")
    restore_best: bool = Field(True, description="End with the weights of the best epoch.")
    start_from_epoch: NonNegativeInt = Field(
        0, description="Epochs at the start that are not judged."
    )

    def update(self, state: Standing, scores: Scores, epoch: int) -> tuple[Standing, Verdict]:
        """Return the state after an epoch (counted from 0), and the verdict on it."""
        if epoch < self.start_from_epoch:
            return state, Verdict(False, False, f"not judged before epoch {self.start_from_epoch}")
        state, verdict = super().update(state, scores, epoch)
        if verdict.best or epoch == 0 or state.waited < self.patience:
            return state, verdict
        names = ", ".join(one.name for one in self.monitors)
        reason = f"{names}: no better for {in_epochs(state.waited)}"
        return state, Verdict(False, True, reason)


def in_epochs(count: int) -> str:
    """Return a number of epochs in words."""
    return f"{count} epoch" if count == 1 else f"{count} epochs"
