"""What a person types to change a live run: a key and a value, as for `--set`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, nearest_word
from engine.recipe.early_stopping import Stopping
from engine.recipe.overrides import value_of
from engine.runs.control.requests import Kind

_RATES = ("learning_rate", "optimizer.learning_rate")
_WEIGHT = "loss_weight"


def asked(key: str, text: str) -> tuple[Kind, Any]:
    """Return the kind and the value of the request that a key and a typed value stand for.

    Args:
        key: learning_rate; loss_weight.OUTPUT; stopping, or one field of it, with "stopping." in
            front or without.
        text: JSON, or a number in any spelling; "null" takes the stopping rule away.

    Raises:
        Refused: setting-unfit, if nothing of that name can be changed.
    """
    value = value_of(text)
    first, _, rest = key.strip().partition(".")
    if key.strip() in _RATES:
        return "learning_rate", value
    if first == _WEIGHT and rest:
        return "loss_weight", {rest: value}
    if rest == _WEIGHT:
        return "loss_weight", {first: value}
    if first == "stopping" and not rest:
        return "stopping", value
    field = rest if first == "stopping" else key.strip()
    if field in Stopping.model_fields:
        return "stopping", {field: value}
    raise _unknown(key, text)


def keys(outputs: Sequence[str] = ("OUTPUT",)) -> list[str]:
    """Return all keys, for help and completion."""
    rules = [f"stopping.{field}" for field in Stopping.model_fields]
    return ["learning_rate", *(f"{_WEIGHT}.{output}" for output in outputs), "stopping", *rules]


def _unknown(key: str, text: str) -> DiagnosticError:
    known = keys()
    nearest = nearest_word(key, [*known, *Stopping.model_fields])
    advice = f"Did you mean {nearest}?" if nearest else "Use one of these keys."
    return DiagnosticError(
        Diagnostic(
            "setting-unfit",
            f'"{key}" can\'t be changed while a run goes on',
            found=f"{key} {text}",
            expected=", ".join(known),
            fixes=(Fix(advice), Fix("Train a new run for anything else: engine train --set.")),
        )
    )
