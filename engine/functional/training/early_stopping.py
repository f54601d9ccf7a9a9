"""Early stopping in `fit`: patience and monitor, converted to the rule of a recipe."""

from __future__ import annotations

from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.symbolic.argument_binding import to_plain_json


def require_validation_rows(score: str) -> None:
    """Raise if a validation score is monitored without validation rows."""
    if not score.startswith("val_"):
        return
    raise DiagnosticError(
        Diagnostic(
            "score-unknown",
            f'there is no score "{score}", because there are no validation rows',
            param="monitor",
            found=score,
            expected="validation_split or validation_data",
            fixes=(
                Fix("Add validation rows: validation_split=0.2."),
                Fix(f'Monitor "{score.removeprefix("val_")}".'),
            ),
        )
    )


def early_stopping_rule(
    patience: Any, score: str, min_delta: Any, restore_best: bool
) -> dict[str, Any]:
    """Return the early stopping rule as plain JSON, as a recipe holds it."""
    return {
        "monitors": [{"name": score, "min_delta": to_plain_json(min_delta)}],
        "patience": to_plain_json(patience),
        "restore_best": bool(restore_best),
    }
