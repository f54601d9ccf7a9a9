"""Control requests of a live run (pause, stop, live settings), processed between two steps."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.events import ControlTaken, Event, Heartbeat
from engine.runs.control.live_settings import LiveSettings
from engine.runs.control.requests import (
    ONE_TIME_REQUESTS,
    ControlRequest,
    RequestQueue,
    late_request_warning,
)
from engine.runtime.distributed.process_group import SINGLE_PROCESS, ProcessGroup
from engine.runtime.training.progress import TrainingProgress

POLL_SECONDS = 1 / 20  # seconds between two polls for requests
HEARTBEAT_SECONDS = 2.0  # seconds between heartbeats
STOP_REQUEST = "stop request"
_MAX_ECHO_LENGTH = 300  # maximum length of a rejected value that is copied to the event


class ControlledTraining(Protocol):
    """The part of a `Training` that requests such as "pause" read or change."""

    progress: TrainingProgress
    applied_requests: list[str]
    paused_seconds: float

    def stop_reason(self) -> str:
        """Return why the training has to stop, or ""."""

    def live_settings(self) -> LiveSettings:
        """Return the values that the live settings have now."""

    def apply_live_settings(self, settings: LiveSettings) -> bool:
        """Apply live settings; return whether the best epoch was reset."""

    def score_names(self) -> list[str]:
        """Return the names of the scores that can be monitored."""


class ControlQueue:
    """The queue of control requests, such as "pause", for one attempt (start or resume) of a run.

    Args:
        requests: the request files of the run; None on a rank that does not record the run. Such a
            rank gets all requests and changes from rank 0.
        previous_events: events of earlier attempts. If a request arrived after the last attempt, a
            command such as pause is rejected as too late, but a change of settings is applied
            before the first step.
        replayed: events of setting changes, from an interrupted attempt or from the run that is
            repeated. Each change is applied again, after the step of its event.
        group: the ranks, which create their queues together.
    """

    def __init__(
        self,
        requests: RequestQueue | None,
        previous_events: Sequence[Event] = (),
        replayed: Iterable[ControlTaken] = (),
        group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        self._requests, self._group = requests, group
        pending = requests.read_new() if requests and previous_events else []
        late = [r for r in pending if r.kind in ONE_TIME_REQUESTS]
        self._received = [r for r in pending if r.kind not in ONE_TIME_REQUESTS]
        self._late, changes = group.broadcast((late, list(replayed)))
        self._replayed = sorted(changes, key=lambda applied: applied.step)
        self._last_poll = 0.0
        self.paused = False
        self.stop_reason = ""

    def has_requests(self, step: int) -> bool:
        """Return whether rank 0 has requests to process after this step."""
        if time.monotonic() - self._last_poll >= POLL_SECONDS:
            self._read()
        is_replayed = bool(self._replayed) and self._replayed[0].step <= step
        return bool(self._late or self._received) or is_replayed

    def process_requests(self, training: ControlledTraining) -> Iterator[Event]:
        """Process the pending requests; while the run is paused, wait for further requests.

        Yields:
            A ControlTaken per request, and regular Heartbeats during a pause.
        """
        while self._late:
            request = self._late.pop(0)
            yield _rejected(request, training.progress.step, late_request_warning(request))
        while self._replayed and self._replayed[0].step <= training.progress.step:
            applied = self._replayed.pop(0)
            yield self._apply(training, ControlRequest(applied.id, applied.request, applied.value))
        yield from self._poll(training)
        if self.paused:
            yield from self._wait_while_paused(training)

    def _read(self) -> None:
        self._last_poll = time.monotonic()
        self._received += self._requests.read_new() if self._requests else []

    def _poll(self, training: ControlledTraining) -> Iterator[Event]:
        self._read()
        received, self._received = self._received, []
        for request in self._group.broadcast(received):
            yield self._apply(training, request)

    def _wait_while_paused(self, training: ControlledTraining) -> Iterator[Event]:
        """Yield events while the run is paused; add the length of the pause to `paused_seconds`."""
        started = last_beat = time.monotonic()
        while self.paused and not self.stop_reason:
            time.sleep(POLL_SECONDS)
            self.stop_reason = training.stop_reason()
            yield from self._poll(training)
            if time.monotonic() - last_beat >= HEARTBEAT_SECONDS:
                last_beat = time.monotonic()
                yield Heartbeat(phase="paused", step=training.progress.step)
        training.paused_seconds += time.monotonic() - started

    def _apply(self, training: ControlledTraining, request: ControlRequest) -> ControlTaken:
        step = training.progress.step
        settings = training.live_settings()
        try:
            changed = settings.with_request(request, training.score_names())
        except DiagnosticError as error:
            return _rejected(request, step, error.diagnostics[0])
        best_was_reset = False
        if request.kind in ONE_TIME_REQUESTS:
            self._execute(request)
        else:
            best_was_reset = training.apply_live_settings(changed)
            training.applied_requests.append(request.id)
        return ControlTaken(
            id=request.id,
            request=request.kind,
            step=step,
            value=changed.current_value(request),
            before=settings.current_value(request),
            anew=best_was_reset,
        )

    def _execute(self, command: ControlRequest) -> None:
        if command.kind in ("pause", "continue"):
            self.paused = command.kind == "pause"
        elif command.kind == "stop":
            self.stop_reason = STOP_REQUEST
        # "checkpoint" needs no action here: the run recorder saves a checkpoint after the event.


def _rejected(request: ControlRequest, step: int, reason: Diagnostic) -> ControlTaken:
    diagnostic = {name: _truncate(value) for name, value in reason.to_dict().items()}
    return ControlTaken(
        id=request.id[:100],
        request=request.kind[:100],
        step=step,
        value=_truncate(request.value),
        code=reason.code,
        diagnostic={**diagnostic, **_short_fixes(reason)},
    )


def _truncate(value: Any) -> Any:
    """Return a value, or its first characters as text if it is too long for the event log."""
    if len(repr(value)) <= _MAX_ECHO_LENGTH:
        return value
    return f"{str(value)[:_MAX_ECHO_LENGTH]}…"


def _short_fixes(reason: Diagnostic) -> dict[str, Any]:
    fixes = reason.to_dict().get("fixes", ())
    short = [fix for fix in fixes if len(repr(fix)) <= 3 * _MAX_ECHO_LENGTH]
    return {"fixes": short} if short else {}


def applied_changes(events: Iterable[Event], known: Collection[str] = ()) -> list[ControlTaken]:
    """Return the changes of settings that a run applied, in order, without duplicates.

    Args:
        events: events of the run. An id may occur twice: a resumed run applies lost changes again.
        known: ids of changes to leave out.
    """
    requests = (event for event in events if isinstance(event, ControlTaken) and not event.code)
    applied = {event.id: event for event in requests if event.request not in ONE_TIME_REQUESTS}
    return [event for id, event in applied.items() if id not in known]
