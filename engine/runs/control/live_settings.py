"""What can be changed while a run goes on: learning rate, loss weights, stopping rule."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Self

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, nearest_word
from engine.core.schema import ParamsError
from engine.recipe.early_stopping import Stopping
from engine.recipe.score_names import unknown_scores
from engine.runs.control.requests import KINDS, NAME, Request


@dataclass(frozen=True, slots=True)
class Dials:
    """Where they stand. They travel with each checkpoint, so that a resumed run is exact.

    Args:
        learning_rate: of the optimizer, before the schedule.
        loss_weights: by output that has a loss.
        stopping: the rule, None if the run goes to its end.
    """

    learning_rate: float
    loss_weights: Mapping[str, float]
    stopping: Stopping | None = None

    def plain(self) -> dict[str, Any]:
        """Return them as JSON."""
        rule = None if self.stopping is None else self.stopping.params()
        weights = dict(self.loss_weights)
        return {"learning_rate": self.learning_rate, "loss_weights": weights, "stopping": rule}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return what `plain` wrote.

        Raises:
            ValueError: if it is none.
        """
        rate, weights, rule = plain["learning_rate"], plain["loss_weights"], plain["stopping"]
        sound = _is_number(rate) and rate > 0
        if not sound or not all(_is_number(each) and each >= 0 for each in weights.values()):
            raise ValueError("a learning rate or a loss weight is no number that can be used")
        return cls(rate, dict(weights), None if rule is None else Stopping.from_params(rule))

    def value(self, request: Request) -> Any:
        """Return where the dial stands that a request turns, in the request's own form."""
        match request.kind:
            case "learning_rate":
                return self.learning_rate
            case "loss_weight" if isinstance(request.value, Mapping):
                weights = self.loss_weights
                return {name: weights[name] for name in request.value if name in weights}
            case "stopping":
                return self.plain()["stopping"]
        return None

    def turned(self, request: Request, scores: Collection[str] | None = None) -> Dials:
        """Return the dials after a request; one that turns none leaves them as they are.

        Args:
            request: what was asked.
            scores: the names that a stopping rule may watch, None if they are not known.

        Raises:
            Refused: request-unfit.
        """
        match request.kind:
            case "learning_rate":
                return replace(self, learning_rate=_rate(request))
            case "loss_weight":
                return self._weighed(request)
            case "stopping":
                return replace(self, stopping=self._rule(request, scores))
            case kind if kind in KINDS:
                return self
        nearest = nearest_word(request.kind, KINDS)
        expected = "one of " + ", ".join(KINDS)
        raise _no(request, f'a run knows no request "{request.kind[:40]}"', expected,
                  f"Ask for {nearest or 'stop'}.")  # fmt: skip

    def _weighed(self, request: Request) -> Dials:
        names = ", ".join(self.loss_weights)
        given = request.value
        if not isinstance(given, Mapping) or not given:
            raise _no(request, "a loss weight is asked for by output", f"one of {names}, a number")
        for name, weight in given.items():
            if name not in self.loss_weights:
                nearest = nearest_word(name, self.loss_weights)
                advice = f"Did you mean {nearest}?" if nearest else f"Use one of {names}."
                raise _no(request, f'no output "{name[:40]}" is trained', names, advice)
            if not _is_number(weight) or weight < 0:
                advice = f"Use 0 to leave {name} out of the total, or a number of more than 0."
                raise _no(request, f"the loss weight of {name} can't be {_shown(weight)}",
                          "a number of at least 0", advice)  # fmt: skip
        weights = {**self.loss_weights, **{name: float(value) for name, value in given.items()}}
        if not any(weights.values()):
            raise _no(request, "no output would be left to train", "one weight of more than 0",
                      "Give another output a weight first, or pause the run.")  # fmt: skip
        return replace(self, loss_weights=weights)

    def _rule(self, request: Request, scores: Collection[str] | None) -> Stopping | None:
        given = request.value
        if given is None:
            return None
        if not isinstance(given, Mapping):
            raise _no(
                request, f"a stopping rule can't be {_shown(given)}", 'such as {"patience": 5}'
            )
        held = {} if self.stopping is None else self.stopping.params()
        try:
            rule = Stopping.from_params({**held, **given})
        except ParamsError as error:
            first = error.diagnostics[0]
            fix = first.fixes[0].text if first.fixes else ""
            raise _no(request, first.message, first.expected, fix) from error
        watched = [one.name for one in rule.monitors]
        for found in unknown_scores(watched, scores, NAME) if scores is not None else ():
            raise _no(request, found.message, found.expected, found.fixes[0].text)
        return rule


def _rate(request: Request) -> float:
    value = request.value
    if _is_number(value) and value > 0:
        return float(value)
    message = f"the learning rate can't be {_shown(value)}"
    raise _no(request, message, "a number of more than 0", "Use a number such as 0.001.")


def _is_number(value: Any) -> bool:
    try:
        return type(value) in (int, float) and isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        return False


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)[:60]


def _no(request: Request, message: str, expected: str, advice: str = "") -> DiagnosticError:
    return DiagnosticError(
        Diagnostic(
            "request-unfit",
            message,
            severity="warning",
            place=NAME,
            found=_shown({"kind": request.kind, "value": request.value})[:80],
            expected=expected,
            fixes=(Fix(advice or f"Send {expected}."),),
        )
    )
