"""Applied control requests in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.events import ControlTaken
from engine.runs.state.best_epoch import anew_in_words

_DONE = {
    "pause": "Paused", "continue": "Goes on", "stop": "Stops", "checkpoint": "Saves",
}  # fmt: skip


def answer_text(taken: ControlTaken) -> str:
    """Return in words what a request that was carried out did."""
    after = f"after step {taken.step:,}"
    if taken.request in _DONE:
        return f"{_DONE[taken.request]} {after}"
    changes = ", ".join(_changes(taken))
    anew = anew_in_words(taken)
    return f"{after[0].upper()}{after[1:]}: {changes}{anew and f'. {anew}'}"


def _changes(taken: ControlTaken) -> list[str]:
    if taken.request == "loss_weight" and isinstance(taken.value, Mapping):
        before = taken.before if isinstance(taken.before, Mapping) else {}
        return [
            f"loss_weight of {name} {_shown(before.get(name))} -> {_shown(weight)}"
            for name, weight in taken.value.items()
        ]
    return [f"{taken.request} {_shown(taken.before)} -> {_shown(taken.value)}"]


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)
