"""What is asked of a live run from here, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.processes.answer_parser import diagnostic_from
from engine.core.diagnostic import Diagnostic, Refused
from engine.core.schema import ParamsError
from engine.events import ControlTaken, Event
from engine.recipe.early_stopping import Stopping
from engine.runs.control import requests
from engine.runs.control.requests import Kind, Request


class Remote(QObject):
    """Asks one run at a time. Nothing waits: the answer is an event of the run.

    Signals:
        taken: a `ControlTaken`, whoever asked for it.
        refused: what was asked and a `Diagnostic` that says why it was not done.
        changed: other requests wait for their answer.
    """

    taken = Signal(ControlTaken)
    refused = Signal(Request, Diagnostic)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._waiting: dict[str, Request] = {}
        self._own: set[str] = set()

    def follow(self, run: Path | None) -> None:
        """Ask another run from now on; None for none."""
        self._run = run
        self._waiting.clear()
        self._own = set()
        self.changed.emit()

    def ask(self, kind: Kind, value: Any = None) -> None:
        """Ask the run for something."""
        if self._run is None:
            return
        try:
            request = requests.send(self._run, kind, value)
        except Refused as refusal:
            self.refused.emit(Request("", kind, value), refusal.diagnostics[0])
            return
        self._waiting[request.id] = request
        self._own.add(request.id)
        self.changed.emit()

    @property
    def own(self) -> Collection[str]:
        """The ids of what was asked from here of this run."""
        return self._own

    def waiting(self, kind: str) -> Request | None:
        """Return the newest request of a kind that has no answer yet."""
        found = [request for request in self._waiting.values() if request.kind == kind]
        return found[-1] if found else None

    def take(self, events: Iterable[Event]) -> None:
        """Look for answers."""
        for event in events:
            if not isinstance(event, ControlTaken):
                continue
            request = self._waiting.pop(event.id, None)
            self.taken.emit(event)
            if request is not None:
                self._answer(request, event)

    def _answer(self, request: Request, event: ControlTaken) -> None:
        why = diagnostic_from(event.diagnostic) if event.code else None
        if event.code:
            self.refused.emit(request, why or _unsaid(event))
        self.changed.emit()

    def forget(self) -> None:
        """Wait no longer: the run has ended."""
        self._waiting.clear()
        self.changed.emit()


def _unsaid(event: ControlTaken) -> Diagnostic:
    return Diagnostic(event.code, f"the run refused {event.request}", severity="warning")


def in_words(taken: ControlTaken) -> str:
    """Return what a request asked for and did: "learning rate 0.001 -> 0.0001"."""
    name = taken.request.replace("_", " ")
    if taken.request == "loss_weight" and isinstance(taken.value, Mapping):
        before = taken.before if isinstance(taken.before, Mapping) else {}
        parts = [
            f"loss weight of {output} {_moved(before.get(output), weight)}"
            for output, weight in taken.value.items()
        ]
        return ", ".join(parts)
    if taken.request == "stopping":
        return _rule(taken)
    return name if taken.value is None else f"{name} {_moved(taken.before, taken.value)}"


def _rule(taken: ControlTaken) -> str:
    if not isinstance(taken.value, Mapping):
        return "no stopping rule any more"
    before, after = _fields(taken.before), _fields(taken.value)
    parts = [
        f"{key.replace('_', ' ')} {_moved(before.get(key), value)}"
        for key, value in after.items()
        if before.get(key) != value
    ]
    return ", ".join(parts) or "the stopping rule as it was"


def _fields(rule: object) -> dict[str, Any]:
    """Return all fields of a rule; a run tells only those that are not as usual."""
    if not isinstance(rule, Mapping):
        return {}
    try:
        return Stopping.read(rule).model_dump()
    except ParamsError:
        return dict(rule)


def _moved(before: Any, after: Any) -> str:
    arrow = "\N{RIGHTWARDS ARROW}"
    return _shown(after) if before is None else f"{_shown(before)} {arrow} {_shown(after)}"


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)[:60]
