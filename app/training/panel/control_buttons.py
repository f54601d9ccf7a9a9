"""Connects run buttons, live settings and loss weights to the control requests of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject

from app.processes.answer_parser import diagnostic_from
from app.training.panel.run_view import Results
from app.training.panel.toolbar import TURNABLE, TrainingBar
from app.training.process.control_client import Remote, in_words
from engine.core.diagnostic import Diagnostic, Fix
from engine.events import CheckpointSaved, ControlTaken, Event, RunStarted, Warned
from engine.runs.control.requests import Kind, Request
from engine.runs.state.best_epoch import anew_in_words


class Steering(QObject):
    """The controller that sends control requests to the followed run and shows the responses.

    Args:
        bar: has the buttons and the live settings.
        results: has the loss table, and shows the responses.
    """

    def __init__(self, bar: TrainingBar, results: Results, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bar, self._results = bar, results
        self._run: Path | None = None
        self.remote = Remote(self)
        bar.pause_asked.connect(self.pause)
        bar.save_asked.connect(self.save_now)
        bar.dials.asked.connect(self._on_change_requested)
        results.table.weight_asked.connect(self._on_weight_requested)
        results.table.weight_unread.connect(bar.show_trouble)
        self.remote.taken.connect(self._on_request_handled)
        self.remote.refused.connect(self._on_request_refused)

    def follow(self, run: Path) -> None:
        """Send requests to this run from now on."""
        self._run = run
        self.remote.follow(run)

    def take(self, events: Iterable[Event], control_events: Sequence[Event]) -> None:
        """Process responses, checkpoints and warnings among new events.

        Args:
            events: new events of the run.
            control_events: earlier handled requests that are still in effect.
        """
        for event in events:
            if isinstance(event, RunStarted) and self._run is not None:
                self._bar.dials.begin(self._run)
                for earlier_event in control_events:
                    if isinstance(earlier_event, ControlTaken):
                        self._bar.dials.take(earlier_event)
            elif isinstance(event, CheckpointSaved):
                self._results.saved(event)
            elif isinstance(event, ControlTaken):
                self.remote.take([event])
            elif isinstance(event, Warned):
                diagnostic = diagnostic_from(event.diagnostic)
                self._results.warn([diagnostic] if diagnostic else [])

    def forget(self) -> None:
        """Drop the pending requests, when the run has ended."""
        self.remote.forget()

    def pause(self) -> None:
        """Request a pause after the current step, or to continue a paused run."""
        if self._bar.state in TURNABLE:
            self.remote.ask("continue" if self._bar.state == "paused" else "pause")

    def save_now(self) -> None:
        """Request a checkpoint after the current step."""
        if self._bar.state in TURNABLE:
            self.remote.ask("checkpoint")
            self._bar.say("Saving after this step...")

    def mend(self, fix: Fix) -> bool:
        """Apply a fix to the live run, if it only sets a loss weight; return whether it did."""
        output_weight = _loss_weight_of(fix)
        if output_weight is None or self._bar.state not in TURNABLE:
            return False
        self._on_weight_requested(*output_weight)
        return True

    def _on_change_requested(self, kind: str, value: object) -> None:
        self.remote.ask(cast(Kind, kind), value)
        name = {"learning_rate": "learning rate", "stopping": "patience"}.get(kind, kind)
        self._bar.say(f"Changing the {name} from the next step on...")

    def _on_weight_requested(self, output: str, weight: float) -> None:
        self.remote.ask("loss_weight", {output: weight})
        self._bar.say(f"Changing the loss weight of {output} from the next step on...")

    def _on_request_handled(self, event: ControlTaken) -> None:
        self._bar.dials.take(event)
        is_live_setting = event.request in ("learning_rate", "loss_weight", "stopping")
        if is_live_setting and not event.code and event.id in self.remote.own:
            restart_note = anew_in_words(event)
            text = f"Since step {event.step + 1:,}: {in_words(event)}."
            self._results.tell("ok", f"{text} {restart_note}." if restart_note else text)

    def _on_request_refused(self, request: Request, diagnostic: Diagnostic) -> None:
        self._bar.dials.restore()
        fixes = " ".join(fix.text for fix in diagnostic.fixes)
        self._results.tell(
            "error", f"The run refused {_describe(request)}: {diagnostic.message}. {fixes}"
        )
        self._bar.show_trouble(f"The run refused {_describe(request)}.")


def _describe(request: Request) -> str:
    if isinstance(request.value, Mapping) and request.kind == "loss_weight":
        return f"the loss weight of {', '.join(map(str, request.value))}"
    return {"learning_rate": "the learning rate", "stopping": "the patience"}.get(
        request.kind, f'"{request.kind}"'
    )


def _loss_weight_of(fix: Fix) -> tuple[str, float] | None:
    """Return output and weight if a fix only sets a loss weight, else None."""
    edit = fix.edit or {}
    params = edit.get("params")
    if edit.get("do") != "set_params" or not isinstance(params, Mapping):
        return None
    weight = params.get("loss_weight")
    if params.keys() != {"loss_weight"} or not isinstance(weight, (int, float)):
        return None
    return str(edit.get("node")), float(weight)
