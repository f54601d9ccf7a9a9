"""Parser of control requests that are typed as a key and a value, as for the option `--set`."""

from __future__ import annotations

from typing import Any

from engine.core.diagnostic import diagnostic_error, nearest_word
from engine.recipe.early_stopping_rule import EarlyStopping
from engine.recipe.overrides import parse_value
from engine.runs.control.requests import RequestKind

_WEIGHT_KEY = "loss_weight"


def parse_request(key: str, text: str) -> tuple[RequestKind, Any]:
    """Return the kind and the value of the control request for a key and a typed value.

    Args:
        key: "learning_rate", "loss_weight.OUTPUT", "stopping", or a field of early stopping such as
            "patience" or "stopping.patience".
        text: JSON, or a number in any notation; "null" disables early stopping.

    Raises:
        DiagnosticError: setting-unfit, if there is no live setting with this name.
    """
    value = parse_value(text)
    first, _, rest = key.strip().partition(".")
    if key.strip() in ("learning_rate", "optimizer.learning_rate"):
        return "learning_rate", value
    if first == _WEIGHT_KEY and rest:
        return "loss_weight", {rest: value}
    if rest == _WEIGHT_KEY:
        return "loss_weight", {first: value}
    if first == "stopping" and not rest:
        return "stopping", value
    field = rest if first == "stopping" else key.strip()
    if field in EarlyStopping.model_fields:
        return "stopping", {field: value}
    stopping = [f"stopping.{field}" for field in EarlyStopping.model_fields]
    known = ["learning_rate", f"{_WEIGHT_KEY}.OUTPUT", "stopping", *stopping]
    nearest = nearest_word(key, [*known, *EarlyStopping.model_fields])
    advice = f"Did you mean {nearest}?" if nearest else "Use one of these keys."
    raise diagnostic_error(
        "setting-unfit",
        f'"{key}" can\'t be changed while a run trains',
        advice,
        "To change other settings, train a new run: engine train --set.",
        found=f"{key} {text}",
        expected=", ".join(known),
    )
