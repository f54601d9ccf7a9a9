"""Sends the user's requests to a run in progress: pause, save a checkpoint, change settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject

from app.processes.output_parser import parse_diagnostic
from app.training.panel.run_view import RunView
from app.training.panel.toolbar import LIVE_STATES, TrainingToolbar
from app.training.process.control_client import ControlClient, describe_request
from engine.core.diagnostic import Diagnostic, Fix
from engine.events import CheckpointSaved, ControlTaken, Event, RunStarted, Warned
from engine.runs.control.requests import ControlRequest, RequestKind
from engine.runs.state.best_epoch import restart_note


class RunControls(QObject):
    """Sends control requests to the displayed run, and shows the responses."""

    def __init__(self, bar: TrainingToolbar, run_view: RunView, parent: QObject) -> None:
        super().__init__(parent)
        self._bar, self._run_view = bar, run_view
        self._run: Path | None = None
        self.client = ControlClient(self)
        bar.pause_requested.connect(self.toggle_pause)
        bar.save_requested.connect(self.request_checkpoint)
        bar.live_fields.change_requested.connect(self._on_change_requested)
        run_view.loss_table.weight_requested.connect(self._on_weight_requested)
        run_view.loss_table.weight_invalid.connect(bar.show_error)
        self.client.request_handled.connect(self._on_request_handled)
        self.client.request_rejected.connect(self._on_request_rejected)

    def follow(self, run: Path) -> None:
        """Send all later requests to this run."""
        self._run = run
        self.client.follow(run)

    def process_events(self, events: Iterable[Event], control_events: Sequence[Event]) -> None:
        """Show the control responses, checkpoints and warnings among new events.

        `control_events` has the responses to all control requests of the run so far. On a
        `RunStarted`, the input fields of live settings show the run's initial settings, updated by
        the setting changes in `control_events`.
        """
        for event in events:
            if isinstance(event, RunStarted) and self._run is not None:
                self._bar.live_fields.load_run(self._run)
                for earlier_event in control_events:
                    if isinstance(earlier_event, ControlTaken):
                        self._bar.live_fields.show_applied(earlier_event)
            elif isinstance(event, CheckpointSaved):
                self._run_view.show_checkpoint(event)
            elif isinstance(event, ControlTaken):
                self.client.process_events([event])
            elif isinstance(event, Warned):
                diagnostic = parse_diagnostic(event.diagnostic)
                self._run_view.add_warnings([diagnostic] if diagnostic else [])

    def clear_pending(self) -> None:
        """Forget requests that the run has not answered; called when the run has ended."""
        self.client.clear_pending()

    def toggle_pause(self) -> None:
        """Request a pause after the current step, or request a paused run to continue."""
        if self._bar.state in LIVE_STATES:
            self.client.send("continue" if self._bar.state == "paused" else "pause")

    def request_checkpoint(self) -> None:
        """Request a checkpoint after the current step."""
        if self._bar.state in LIVE_STATES:
            self.client.send("checkpoint")
            self._bar.show_status("Saving after this step...")

    def apply_fix(self, fix: Fix) -> bool:
        """Apply a fix to the live run if the fix only sets a loss weight; else return False."""
        output_weight = _loss_weight_of(fix)
        if output_weight is None or self._bar.state not in LIVE_STATES:
            return False
        self._on_weight_requested(*output_weight)
        return True

    def _on_change_requested(self, kind: str, value: object) -> None:
        self.client.send(cast(RequestKind, kind), value)
        name = {"learning_rate": "learning rate", "stopping": "patience"}.get(kind, kind)
        self._bar.show_status(f"Changing the {name} from the next step on...")

    def _on_weight_requested(self, output: str, weight: float) -> None:
        self.client.send("loss_weight", {output: weight})
        self._bar.show_status(f"Changing the loss weight of {output} from the next step on...")

    def _on_request_handled(self, event: ControlTaken) -> None:
        self._bar.live_fields.show_applied(event)
        is_live_setting = event.request in ("learning_rate", "loss_weight", "stopping")
        if is_live_setting and not event.code and event.id in self.client.own_request_ids:
            note = restart_note(event)
            text = f"Since step {event.step + 1:,}: {describe_request(event)}."
            self._run_view.add_message("ok", f"{text} {note}." if note else text)

    def _on_request_rejected(self, request: ControlRequest, diagnostic: Diagnostic) -> None:
        self._bar.live_fields.restore()
        fixes = " ".join(fix.text for fix in diagnostic.fixes)
        text = f"The run rejected {_describe(request)}"
        self._run_view.add_message("error", f"{text}: {diagnostic.message}. {fixes}")
        self._bar.show_error(f"{text}.")


def _describe(request: ControlRequest) -> str:
    if isinstance(request.value, Mapping) and request.kind == "loss_weight":
        return f"the loss weight of {', '.join(map(str, request.value))}"
    names = {"learning_rate": "the learning rate", "stopping": "the patience"}
    return names.get(request.kind, f'"{request.kind}"')


def _loss_weight_of(fix: Fix) -> tuple[str, float] | None:
    """Return the output name and the weight if a fix only sets a loss weight, else None."""
    edit = fix.edit or {}
    params = edit.get("params")
    if edit.get("do") != "set_params" or not isinstance(params, Mapping):
        return None
    weight = params.get("loss_weight")
    if params.keys() != {"loss_weight"} or not isinstance(weight, (int, float)):
        return None
    return str(edit.get("node")), float(weight)
