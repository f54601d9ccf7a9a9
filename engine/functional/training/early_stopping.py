"""When `fit` stops early: patience and monitor as the rule of a recipe."""

from __future__ import annotations

from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.argument_binding import plain


def require_held_back(score: str) -> None:
    """Refuse to watch the score of rows that are held back, where none are."""
    if not score.startswith("val_"):
        return
    raise Refused(
        Diagnostic(
            "score-unknown",
            f'there is no score called "{score}", since no rows are held back',
            param="monitor",
            found=score,
            expected="validation_split or validation_data",
            fixes=(
                Fix("Hold rows back: validation_split=0.2."),
                Fix(f'Watch "{score.removeprefix("val_")}".'),
            ),
        )
    )


def stopping(patience: Any, score: str, min_delta: Any, restore_best: bool) -> dict[str, Any]:
    """Return the plain rule that stops a run which gets no better."""
    return {
        "monitors": [{"name": score, "min_delta": plain(min_delta)}],
        "patience": plain(patience),
        "restore_best": bool(restore_best),
    }
