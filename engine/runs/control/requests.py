"""Control requests to a run that is being trained: lines {id, kind, value} in control.jsonl."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.core.files.atomic_write import printable_path
from engine.core.formatting.shell import shell_path
from engine.events import ControlTaken, Event
from engine.runs.log import event_log
from engine.runs.log.append_log import AppendLog, LogTail
from engine.runs.log.lock import lock_holder

CONTROL_FILE = "control.jsonl"

RequestKind = Literal[
    "pause", "continue", "stop", "checkpoint", "learning_rate", "loss_weight", "stopping"
]
REQUEST_KINDS: tuple[str, ...] = get_args(RequestKind)
ONE_TIME_REQUESTS = ("pause", "continue", "stop", "checkpoint")  # other requests change settings
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """A request of a user to a run that is being trained.

    Args:
        id: unique id; the response is a `ControlTaken` event with the same id.
        kind: a `RequestKind`.
        value: the new value of a setting, by kind of request; None for one-time requests.
            "learning_rate": the learning rate, before the schedule changes it.
            "loss_weight": {"OUTPUT": number}. "stopping": the changed fields of early stopping, or
            None to disable it.
    """

    id: str
    kind: str
    value: Any = None


def append_request(folder: Path, kind: RequestKind, value: Any = None) -> ControlRequest:
    """Append a request to control.jsonl, even if no process trains the run; return the request."""
    request = ControlRequest(secrets.token_hex(8), kind, value)
    file = AppendLog(folder / CONTROL_FILE, exclusive=False)
    try:
        file.append(json.dumps(asdict(request), allow_nan=False))
    finally:
        file.close()
    return request


def send_request(folder: Path, kind: RequestKind, value: Any = None) -> ControlRequest:
    """Send a request to a run in training, and return it. `value` is the new value of a setting.

    Raises:
        DiagnosticError: run-not-live, if no process trains the run.
    """
    if lock_holder(folder) is None:
        path = printable_path(folder)
        raise diagnostic_error(
            "run-not-live",
            "no process is training this run, so the request would not be received",
            f"Resume it: engine train --run {shell_path(path)} --resume",
            place=path,
            found="no live process",
            expected="a run that is being trained",
        )
    return append_request(folder, kind, value)


def send_and_wait(
    folder: Path, kind: RequestKind, value: Any = None, seconds: float = 30.0
) -> tuple[ControlRequest, ControlTaken | None]:
    """Send a request to a run that is being trained, and wait for the response.

    Returns:
        The request and the response. The response is None if `seconds` have passed or the run ends.

    Raises:
        DiagnosticError: run-not-live, if no process trains the run.
    """
    reader = event_log.EventReader(folder, event_log.events_end(folder))
    request = send_request(folder, kind, value)
    deadline = time.monotonic() + seconds
    while True:
        alive = lock_holder(folder) is not None
        for event in reader.read_new():
            if isinstance(event, ControlTaken) and event.id == request.id:
                return request, event
        if not alive or time.monotonic() > deadline:
            return request, None
        time.sleep(_POLL_SECONDS)


class RequestQueue:
    """The queue of requests that have no response yet, read by the process that trains the run.

    Args:
        folder: the run folder.
        events: events of previous attempts; requests to which they respond are skipped.
    """

    def __init__(self, folder: Path, events: Iterable[Event] = ()) -> None:
        self._tail = LogTail(folder / CONTROL_FILE)
        self._answered_ids = {event.id for event in events if isinstance(event, ControlTaken)}

    def read_new(self) -> list[ControlRequest]:
        """Return the requests received since the last call, without repeated ids."""
        requests = []
        for line in self._tail.read_new():
            request = _parse_request(line)
            if request is not None and request.id not in self._answered_ids:
                self._answered_ids.add(request.id)
                requests.append(request)
        return requests


def _parse_request(line: bytes) -> ControlRequest | None:
    try:
        fields = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("id"), str):
        return None
    return ControlRequest(fields["id"], str(fields.get("kind")), fields.get("value"))


def late_request_warning(request: ControlRequest) -> Diagnostic:
    """Return the warning for a request that arrived after the run ended and before it resumed."""
    return Diagnostic.warning(
        "request-late",
        f'the request "{request.kind}" arrived after the run had ended and before it was resumed',
        "Send the request again.",
        place=CONTROL_FILE,
        found=request.kind,
        expected="a request to a run that is being trained",
    )
