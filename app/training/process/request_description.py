"""Descriptions of handled control requests, such as a change of the learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.schema import ParamsError
from engine.events import ControlTaken
from engine.recipe.early_stopping_rule import EarlyStopping


def describe_request(event: ControlTaken) -> str:
    """Return a description of a handled request, e.g. "learning rate 0.001 -> 0.0001"."""
    name = event.request.replace("_", " ")
    if event.request == "loss_weight" and isinstance(event.value, Mapping):
        old = event.before if isinstance(event.before, Mapping) else {}
        return ", ".join(
            f"loss weight of {output} {_change(old.get(output), weight)}"
            for output, weight in event.value.items()
        )
    if event.request == "stopping":
        return _describe_stopping(event)
    return name if event.value is None else f"{name} {_change(event.before, event.value)}"


def _describe_stopping(event: ControlTaken) -> str:
    if not isinstance(event.value, Mapping):
        return "early stopping off"
    old, new = _fields(event.before), _fields(event.value)
    parts = [
        f"{key.replace('_', ' ')} {_change(old.get(key), value)}"
        for key, value in new.items()
        if old.get(key) != value
    ]
    return ", ".join(parts) or "early stopping unchanged"


def _fields(stopping: object) -> dict[str, Any]:
    """Return all fields of early stopping settings, {} if early stopping is off.

    `stopping` are the settings from an event, without the fields that have the default value.
    """
    if not isinstance(stopping, Mapping):
        return {}
    try:
        return EarlyStopping.from_params(stopping).model_dump()
    except ParamsError:
        return dict(stopping)


def _change(old: Any, new: Any) -> str:
    arrow = "\N{RIGHTWARDS ARROW}"
    return _format(new) if old is None else f"{_format(old)} {arrow} {_format(new)}"


def _format(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)[:60]
