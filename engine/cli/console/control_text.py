"""Descriptions of applied control requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.events import ControlTaken
from engine.runs.state.best_epoch import restart_note

_RESULTS = {"pause": "Paused", "continue": "Continued", "stop": "Stopping", "checkpoint": "Saved"}


def describe_response(taken: ControlTaken) -> str:
    """Return a sentence on what an applied control request changed."""
    after = f"after step {taken.step:,}"
    if taken.request in _RESULTS:
        return f"{_RESULTS[taken.request]} {after}"
    changes = ", ".join(_changes(taken))
    note = restart_note(taken)
    return f"{after[0].upper()}{after[1:]}: {changes}{note and f'. {note}'}"


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
