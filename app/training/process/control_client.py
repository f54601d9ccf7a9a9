"""A client that sends control requests to a live run, and descriptions of handled requests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.processes.output_parser import parse_diagnostic
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.schema import ParamsError
from engine.events import ControlTaken, Event
from engine.recipe.early_stopping_rule import EarlyStopping
from engine.runs.control import requests
from engine.runs.control.requests import ControlRequest, RequestKind


class ControlClient(QObject):
    """Sends control requests to one run at a time; the responses arrive as events of the run.

    Signals:
        request_handled: the run has handled a request, which this client or another process sent;
            sends the `ControlTaken` event.
        request_rejected: the run has rejected a request; sends the request and a `Diagnostic`.
        pending_changed: the set of requests without a response changed.
    """

    request_handled = Signal(ControlTaken)
    request_rejected = Signal(ControlRequest, Diagnostic)
    pending_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._pending: dict[str, ControlRequest] = {}
        self._own_request_ids: set[str] = set()

    def follow(self, run: Path | None) -> None:
        """Send all later requests to this run; None for no run."""
        self._run = run
        self._pending.clear()
        self._own_request_ids = set()
        self.pending_changed.emit()

    def send(self, kind: RequestKind, value: Any = None) -> None:
        """Send a request to the followed run; `value` is the new value if it changes a setting."""
        if self._run is None:
            return
        try:
            request = requests.append_request(self._run, kind, value)
        except DiagnosticError as error:
            self.request_rejected.emit(ControlRequest("", kind, value), error.diagnostics[0])
            return
        self._pending[request.id] = request
        self._own_request_ids.add(request.id)
        self.pending_changed.emit()

    @property
    def own_request_ids(self) -> Collection[str]:
        """The ids of the requests that this window has sent to the run."""
        return self._own_request_ids

    def process_events(self, events: Iterable[Event]) -> None:
        """Emit the client's signals for each `ControlTaken` event, and drop its pending request."""
        for event in events:
            if not isinstance(event, ControlTaken):
                continue
            request = self._pending.pop(event.id, None)
            self.request_handled.emit(event)
            if request is None:
                continue
            if event.code:
                diagnostic = parse_diagnostic(event.diagnostic) or _generic_error(event)
                self.request_rejected.emit(request, diagnostic)
            self.pending_changed.emit()

    def clear_pending(self) -> None:
        """Drop all pending requests. The caller does this when the run has ended."""
        self._pending.clear()
        self.pending_changed.emit()


def _generic_error(event: ControlTaken) -> Diagnostic:
    return Diagnostic(event.code, f"the run rejected {event.request}", severity="warning")


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
