"""The settings that can change while a run trains: learning rate, loss weights, early stopping."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Self

from engine.core.diagnostic import DiagnosticError, diagnostic_error, nearest_word
from engine.core.schema import ParamsError
from engine.recipe.early_stopping_rule import EarlyStopping
from engine.recipe.score_names import unknown_score_diagnostics
from engine.runs.control.requests import CONTROL_FILE, REQUEST_KINDS, ControlRequest


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """The values of the settings that can be changed while a run trains; saved in checkpoints.

    Args:
        learning_rate: learning rate of the optimizer, before the schedule changes it.
        loss_weights: loss weights by name of the outputs that have a loss.
        stopping: settings of early stopping; None for no early stopping.
    """

    learning_rate: float
    loss_weights: Mapping[str, float]
    stopping: EarlyStopping | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as a dict for JSON."""
        rule = None if self.stopping is None else self.stopping.params()
        weights = dict(self.loss_weights)
        return {"learning_rate": self.learning_rate, "loss_weights": weights, "stopping": rule}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Return the settings that `to_dict` converted to `plain`.

        Raises:
            ValueError: if a number is invalid.
        """
        rate, weights, rule = plain["learning_rate"], plain["loss_weights"], plain["stopping"]
        is_valid = _is_number(rate) and rate > 0
        if not is_valid or not all(_is_number(w) and w >= 0 for w in weights.values()):
            raise ValueError("a learning rate or a loss weight is not a valid number")
        return cls(rate, dict(weights), None if rule is None else EarlyStopping.from_params(rule))

    def current_value(self, request: ControlRequest) -> Any:
        """Return the current value of what `request` changes, None if it changes no setting."""
        match request.kind:
            case "learning_rate":
                return self.learning_rate
            case "loss_weight" if isinstance(request.value, Mapping):
                weights = self.loss_weights
                return {name: weights[name] for name in request.value if name in weights}
            case "stopping":
                return self.to_dict()["stopping"]
        return None

    def with_request(
        self, request: ControlRequest, scores: Collection[str] | None = None
    ) -> LiveSettings:
        """Return the settings after a request; one-time requests such as "pause" change nothing.

        Args:
            scores: names of the scores that early stopping may monitor; None if unknown.

        Raises:
            DiagnosticError: request-unfit, if the request is invalid.
        """
        match request.kind:
            case "learning_rate":
                return replace(self, learning_rate=_rate(request))
            case "loss_weight":
                return self._with_loss_weights(request)
            case "stopping":
                return replace(self, stopping=self._stopping(request, scores))
            case kind if kind in REQUEST_KINDS:
                return self
        nearest = nearest_word(request.kind, REQUEST_KINDS)
        expected = "one of " + ", ".join(REQUEST_KINDS)
        raise _request_error(
            request, f'unknown request "{request.kind[:40]}"', expected, f"Use {nearest or 'stop'}."
        )

    def _with_loss_weights(self, request: ControlRequest) -> LiveSettings:
        names = ", ".join(self.loss_weights)
        given = request.value
        if not isinstance(given, Mapping) or not given:
            message = "a loss weight needs the name of an output"
            raise _request_error(request, message, f"one of {names}, a number")
        for name, weight in given.items():
            if name not in self.loss_weights:
                nearest = nearest_word(name, self.loss_weights)
                advice = f"Did you mean {nearest}?" if nearest else f"Use one of {names}."
                message = f'no trained output is called "{name[:40]}"'
                raise _request_error(request, message, names, advice)
            if not _is_number(weight) or weight < 0:
                advice = f"Use 0 to exclude {name} from the total loss, or a number greater than 0."
                message = f"the loss weight of {name} can't be {_format_json(weight)}"
                raise _request_error(request, message, "a number of at least 0", advice)
        weights = {**self.loss_weights, **{name: float(value) for name, value in given.items()}}
        if not any(weights.values()):
            advice = "Give another output a weight first, or pause the run."
            raise _request_error(request, "no output would be trained", "a positive weight", advice)
        return replace(self, loss_weights=weights)

    def _stopping(
        self, request: ControlRequest, scores: Collection[str] | None
    ) -> EarlyStopping | None:
        given = request.value
        if given is None:
            return None
        if not isinstance(given, Mapping):
            message = f"early stopping can't be set to {_format_json(given)}"
            raise _request_error(request, message, 'such as {"patience": 5}')
        current = {} if self.stopping is None else self.stopping.params()
        try:
            rule = EarlyStopping.from_params({**current, **given})
        except ParamsError as error:
            first = error.diagnostics[0]
            fix = first.fixes[0].text if first.fixes else ""
            raise _request_error(request, first.message, first.expected, fix) from error
        if scores is not None:
            monitored = [monitor.name for monitor in rule.monitors]
            for found in unknown_score_diagnostics(monitored, scores, CONTROL_FILE):
                raise _request_error(request, found.message, found.expected, found.fixes[0].text)
        return rule


def _rate(request: ControlRequest) -> float:
    value = request.value
    if _is_number(value) and value > 0:
        return float(value)
    message = f"the learning rate can't be {_format_json(value)}"
    raise _request_error(request, message, "a number greater than 0", "Use a number such as 0.001.")


def _is_number(value: Any) -> bool:
    try:
        return type(value) in (int, float) and isfinite(value)
    except OverflowError:  # an integer too large for a float
        return False


def _format_json(value: Any) -> str:
    return json.dumps(value, default=str)[:60]


def _request_error(
    request: ControlRequest, message: str, expected: str, advice: str = ""
) -> DiagnosticError:
    return diagnostic_error(
        "request-unfit",
        message,
        advice or f"Send {expected}.",
        severity="warning",
        place=CONTROL_FILE,
        found=_format_json({"kind": request.kind, "value": request.value})[:80],
        expected=expected,
    )
