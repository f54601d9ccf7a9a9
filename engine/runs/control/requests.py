"""Requests to a live run: lines {id, kind, value} in control.jsonl, answered by events."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import printable_path
from engine.events import ControlTaken, Event
from engine.runs.log import event_log
from engine.runs.log.append_log import Appender, Tail
from engine.runs.log.lock import holder_of

NAME = "control.jsonl"

Kind = Literal[
    "pause", "continue", "stop", "checkpoint", "learning_rate", "loss_weight", "stopping"
]
KINDS: tuple[str, ...] = get_args(Kind)
ORDERS = ("pause", "continue", "stop", "checkpoint")  # done once; the others change what follows
_EVERY = 0.02  # seconds between two looks for an answer


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks of a live run.

    Args:
        id: answered by the `control-taken` event of that id.
        kind: pause, continue, stop, checkpoint: without a value. learning_rate: a number, before
            the schedule. loss_weight: {"OUTPUT": number}. stopping: the fields of the rule that
            change, or null for no rule.
        value: see kind.
    """

    id: str
    kind: str
    value: Any = None


def send(folder: Path, kind: Kind, value: Any = None) -> Request:
    """Put a request to a run, and answer it with its id; nobody need be there to take it."""
    request = Request(secrets.token_hex(8), kind, value)
    file = Appender(folder / NAME, alone=False)
    try:
        file.append(json.dumps(asdict(request), allow_nan=False))
    finally:
        file.close()
    return request


def ask(folder: Path, kind: Kind, value: Any = None) -> Request:
    """Put a request to a run that somebody trains right now.

    Raises:
        Refused: run-not-live, if nobody does.
    """
    if holder_of(folder) is None:
        raise DiagnosticError(_not_live(folder))
    return send(folder, kind, value)


def answered(
    folder: Path, kind: Kind, value: Any = None, seconds: float = 30.0
) -> tuple[Request, ControlTaken | None]:
    """Put a request to a live run, and wait for its answer.

    Returns:
        The request, and its answer; None if none came in that time, or the run has ended.

    Raises:
        Refused: run-not-live.
    """
    reader = event_log.EventReader(folder, event_log.end_of(folder))
    request = ask(folder, kind, value)
    deadline = time.monotonic() + seconds
    while True:
        alive = holder_of(folder) is not None
        for event in reader.take():
            if isinstance(event, ControlTaken) and event.id == request.id:
                return request, event
        if not alive or time.monotonic() > deadline:
            return request, None
        time.sleep(_EVERY)


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
        """Return the requests that came since the last call, each id once."""
        new = []
        for line in self._tail.take():
            request = _parse(line)
            if request is not None and request.id not in self._answered:
                self._answered.add(request.id)
                new.append(request)
        return new


def _parse(line: bytes) -> Request | None:
    try:
        said = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("id"), str):
        return None
    return Request(said["id"], str(said.get("kind")), said.get("value"))


def _not_live(folder: Path) -> Diagnostic:
    return Diagnostic(
        "run-not-live",
        "nobody trains this run at the moment, so nobody would take the request",
        place=printable_path(folder),
        found="no process that holds the run",
        expected="a run that is under way",
        fixes=(Fix(f"Go on with it: engine train --run {printable_path(folder)} --resume"),),
    )


def too_late(request: Request) -> Diagnostic:
    """Return why an order is not carried out that was given before the run went on."""
    return Diagnostic(
        "request-late",
        f'the request "{request.kind}" came when the run had ended, before it was resumed',
        severity="warning",
        place=NAME,
        found=request.kind,
        expected="a request to a run that is under way",
        fixes=(Fix("Ask again."),),
    )
