"""Requests to a live run: lines {id, kind, value} in control.jsonl, answered by events."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

from engine.core.diagnostic import Diagnostic, Fix, nearest_word
from engine.core.schema import ParamsError
from engine.events import ControlTaken, Event
from engine.recipe.stopping import Stopping
from engine.runs.lines import Appender, Tail

NAME = "control.jsonl"

Kind = Literal[
    "pause", "continue", "stop", "checkpoint", "learning_rate", "loss_weight", "stopping"
]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks of a live run.

    Args:
        id: answered by the `control-taken` event of that id.
        kind: pause, continue, stop, checkpoint: without a value. learning_rate: a number, before
            the schedule. loss_weight: {"OUTPUT": number}. stopping: the plain rule, or null.
        value: see kind.
    """

    id: str
    kind: str
    value: Any = None


def send(folder: Path, kind: Kind, value: Any = None) -> Request:
    """Put a request to a run, and answer it with its id."""
    request = Request(secrets.token_hex(8), kind, value)
    file = Appender(folder / NAME, alone=False)
    try:
        file.append(json.dumps(asdict(request), allow_nan=False))
    finally:
        file.close()
    return request


class Requests:
    """What was asked of a run and not yet answered. Only rank 0 of a training reads it.

    Args:
        folder: the run folder.
        events: what the run said in earlier attempts; ids answered there are skipped.
    """

    def __init__(self, folder: Path, events: Iterable[Event] = ()) -> None:
        self._tail = Tail(folder / NAME)
        self._answered = {event.id for event in events if isinstance(event, ControlTaken)}

    def take(self) -> list[Request]:
        """Answer the requests that came since the last call, each id once."""
        new = []
        for line in self._tail.take():
            request = _parse(line)
            if request is not None and request.id not in self._answered:
                self._answered.add(request.id)
                new.append(request)
        return new


def _parse(line: bytes) -> Request | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("id"), str):
        return None
    return Request(said["id"], str(said.get("kind")), said.get("value"))


def unfit(request: Request, outputs: Iterable[str]) -> Diagnostic | None:
    """Answer why a request can't be carried out, None if it can.

    Args:
        request: what was asked.
        outputs: the names of the trained outputs.
    """
    names = list(outputs)
    match request.kind:
        case "learning_rate":
            return None if _positive(request.value) else _no(request, "a number of more than 0")
        case "loss_weight":
            value = request.value
            fits = isinstance(value, dict) and value.keys() <= set(names)
            fits = fits and all(_positive(weight) or weight == 0 for weight in value.values())
            known = ", ".join(names)
            return None if fits else _no(request, f'{{"OUTPUT": weight}}; outputs: {known}')
        case "stopping":
            return _unfit_rule(request)
        case kind if kind in KINDS:
            return None
    nearest = nearest_word(request.kind, KINDS)
    return _no(request, "one of " + ", ".join(KINDS), f'Ask for "{nearest or "stop"}".')


def _unfit_rule(request: Request) -> Diagnostic | None:
    try:
        if request.value is not None:
            Stopping.read(request.value)
    except (ParamsError, TypeError, ValueError):
        return _no(request, 'a stopping rule such as {"patience": 5}, or null')
    return None


def _positive(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and isfinite(value) and value > 0


def _no(request: Request, expected: str, advice: str = "") -> Diagnostic:
    shown = json.dumps({"kind": request.kind, "value": request.value}, default=str)[:80]
    return Diagnostic(
        "request-unfit",
        f'the request "{request.kind}" can\'t be carried out',
        severity="warning",
        place=NAME,
        found=shown,
        expected=expected,
        fixes=(Fix(advice or f"Send {expected}."),),
    )
