"""Sends the user's requests to a run in progress: pause, save, change settings, stop at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from app.processes.output_parser import parse_diagnostic
from app.training.panel.run_view import RunView
from app.training.panel.toolbar import LIVE_STATES, TrainingToolbar
from app.training.process.request_description import describe_request
from app.training.process.run_process import RunProcess
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.events import CheckpointSaved, ControlTaken, Event, RunStarted, Warned
from engine.runs.control.requests import RequestKind, append_request
from engine.runs.state.best_epoch import restart_note

_SETTINGS = {"learning_rate": "learning rate", "stopping": "patience", "loss_weight": "loss weight"}


class RunControls(QObject):
    """Sends control requests to the displayed run, and shows the responses.

    Attributes:
        own_request_ids: the ids of the requests that this window has sent to the run.
    """

    def __init__(self, bar: TrainingToolbar, run_view: RunView, parent: QObject) -> None:
        super().__init__(parent)
        self._bar, self._run_view = bar, run_view
        self._run: Path | None = None
        self.own_request_ids: set[str] = set()
        self._reverting_ids: set[str] = set()  # requests that revert a change
        self._changes: list[ControlTaken] = []  # changes of settings that can be reverted
        bar.pause_button.clicked.connect(self.toggle_pause)
        bar.save_button.clicked.connect(self.request_checkpoint)
        bar.live_fields.change_requested.connect(self._on_change_requested)
        run_view.loss_table.weight_requested.connect(self._on_weight_requested)
        run_view.loss_table.weight_invalid.connect(bar.show_error)
        run_view.revert_button.clicked.connect(self._revert_last_change)

    def follow(self, run: Path) -> None:
        """Send all later requests to this run."""
        self._run, self.own_request_ids = run, set()
        self._reverting_ids, self._changes = set(), []
        self._show_revert_button()

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
                self._show_response(event)
            elif isinstance(event, Warned):
                diagnostic = parse_diagnostic(event.diagnostic)
                self._run_view.add_warnings([diagnostic] if diagnostic else [])

    def toggle_pause(self) -> None:
        """Request a pause after the current step, or request a paused run to continue."""
        if self._bar.state in LIVE_STATES:
            self._send("continue" if self._bar.state == "paused" else "pause")

    def request_checkpoint(self) -> None:
        """Request a checkpoint after the current step."""
        if self._bar.state in LIVE_STATES:
            self._send("checkpoint")
            self._bar.show_status("Saving after this step...")

    def apply_fix(self, fix: Fix) -> bool:
        """Apply a fix to the live run if the fix only sets a loss weight; else return False."""
        output_weight = _loss_weight_of(fix)
        if output_weight is None or self._bar.state not in LIVE_STATES:
            return False
        self._on_weight_requested(*output_weight)
        return True

    def _send(self, kind: RequestKind, value: Any = None) -> str | None:
        """Send a request to the followed run and return its id, None if it was not sent.

        `value` is the new value if the request changes a setting.
        """
        if self._run is None:
            return None
        try:
            request = append_request(self._run, kind, value)
        except DiagnosticError as error:
            self._show_rejection(kind, value, error.diagnostics[0])
            return None
        self.own_request_ids.add(request.id)
        return request.id

    def _revert_last_change(self) -> None:
        """Request the value that a setting had before its last change."""
        if self._changes and self._bar.state in LIVE_STATES:
            change = self._changes.pop()
            if request_id := self._send(cast(RequestKind, change.request), change.before):
                self._reverting_ids.add(request_id)
            self._show_revert_button()

    def _show_revert_button(self) -> None:
        change = self._changes[-1] if self._changes else None
        setting = _describe(change.request, change.value) if change else ""
        self._run_view.show_revert_button(setting, describe_request(change) if change else "")

    def _on_change_requested(self, kind: str, value: object) -> None:
        self._send(cast(RequestKind, kind), value)
        self._bar.show_status(f"Changing the {_SETTINGS[kind]} from the next step on...")

    def _on_weight_requested(self, output: str, weight: float) -> None:
        self._send("loss_weight", {output: weight})
        self._bar.show_status(f"Changing the loss weight of {output} from the next step on...")

    def _show_response(self, event: ControlTaken) -> None:
        self._bar.live_fields.show_applied(event)
        if event.request == "loss_weight" and not event.code and isinstance(event.value, Mapping):
            self._run_view.remove_warnings("loss-dominated", event.value.keys())
        if event.id not in self.own_request_ids:
            return
        if event.code:
            diagnostic = parse_diagnostic(event.diagnostic) or Diagnostic(
                event.code, f"the run rejected {event.request}", severity="warning"
            )
            self._show_rejection(event.request, event.value, diagnostic)
        elif event.request in _SETTINGS:
            if event.id not in self._reverting_ids:
                self._changes.append(event)
                self._show_revert_button()
            note = restart_note(event)
            text = f"Since step {event.step + 1:,}: {describe_request(event)}."
            self._run_view.add_message("ok", f"{text} {note}." if note else text)

    def _show_rejection(self, kind: str, value: object, diagnostic: Diagnostic) -> None:
        self._bar.live_fields.restore()
        fixes = " ".join(fix.text for fix in diagnostic.fixes)
        text = f"The run rejected {_describe(kind, value)}"
        self._run_view.add_message("error", f"{text}: {diagnostic.message}. {fixes}")
        self._bar.show_error(f"{text}.")


def confirm_kill(run_process: RunProcess, parent: QWidget) -> None:
    """Ask whether to kill the process of a stopping run, and kill it if the user agrees."""
    box = QMessageBox(parent, icon=QMessageBox.Icon.NoIcon, windowTitle="Stop at once?")
    box.setText("The training saves and stops after the current step.")
    box.setInformativeText("If you stop it at once, progress since the last checkpoint is lost.")
    kill_button = box.addButton("Stop at once", QMessageBox.ButtonRole.DestructiveRole)
    kill_button.clicked.connect(run_process.kill)
    box.addButton("Wait", QMessageBox.ButtonRole.RejectRole)
    box.finished.connect(box.deleteLater)
    run_process.finished.connect(box.close)
    box.open()


def _describe(kind: str, value: object) -> str:
    if kind == "loss_weight" and isinstance(value, Mapping):
        return f"the loss weight of {', '.join(map(str, value))}"
    return f"the {_SETTINGS[kind]}" if kind in _SETTINGS else f'"{kind}"'


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
