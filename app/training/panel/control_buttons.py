"""Turns and orders while a run goes on: from the controls to the run, and its answers back."""

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
from engine.runs.comparison.best_epoch import anew_in_words
from engine.runs.control.requests import Kind, Request


class Steering(QObject):
    """Asks one run at a time for what the person wants of it.

    Args:
        bar: its buttons and dials.
        results: its table of weights, and where answers are told.
    """

    def __init__(self, bar: TrainingBar, results: Results, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bar, self._results = bar, results
        self._run: Path | None = None
        self.remote = Remote(self)
        bar.pause_asked.connect(self.pause)
        bar.save_asked.connect(self.save_now)
        bar.dials.asked.connect(self._on_dial_asked)
        results.table.weight_asked.connect(self._on_weight_asked)
        results.table.weight_unread.connect(bar.show_trouble)
        self.remote.taken.connect(self._on_taken)
        self.remote.refused.connect(self._on_refused)

    def follow(self, run: Path) -> None:
        """Ask this run from now on."""
        self._run = run
        self.remote.follow(run)

    def take(self, events: Iterable[Event], marks: Sequence[Event]) -> None:
        """Look for what became of requests, and what was called out.

        Args:
            events: what the run said last.
            marks: what was answered before, as far as it still holds.
        """
        for event in events:
            if isinstance(event, RunStarted) and self._run is not None:
                self._bar.dials.begin(self._run)
                for mark in marks:
                    if isinstance(mark, ControlTaken):
                        self._bar.dials.take(mark)
            elif isinstance(event, CheckpointSaved):
                self._results.saved(event)
            elif isinstance(event, ControlTaken):
                self.remote.take([event])
            elif isinstance(event, Warned):
                found = diagnostic_from(event.diagnostic)
                self._results.warn([found] if found else [])

    def forget(self) -> None:
        """Wait for no answers any more: the run has ended."""
        self.remote.forget()

    def pause(self) -> None:
        """Let the run wait after its step, or go on."""
        if self._bar.state in TURNABLE:
            self.remote.ask("continue" if self._bar.state == "paused" else "pause")

    def save_now(self) -> None:
        """Let the run save a checkpoint after its step."""
        if self._bar.state in TURNABLE:
            self.remote.ask("checkpoint")
            self._bar.say("Saving after this step...")

    def mend(self, fix: Fix) -> bool:
        """Carry out a fix in the run itself if it can; answer whether that was asked for."""
        found = _weight_in(fix)
        if found is None or self._bar.state not in TURNABLE:
            return False
        self._on_weight_asked(*found)
        return True

    def _on_dial_asked(self, kind: str, value: object) -> None:
        self.remote.ask(cast(Kind, kind), value)
        what = {"learning_rate": "learning rate", "stopping": "patience"}.get(kind, kind)
        self._bar.say(f"Asked for another {what}; the next step takes it...")

    def _on_weight_asked(self, output: str, weight: float) -> None:
        self.remote.ask("loss_weight", {output: weight})
        self._bar.say(f"Asked for another weight of {output}; the next step takes it...")

    def _on_taken(self, taken: ControlTaken) -> None:
        self._bar.dials.take(taken)
        turned = taken.request in ("learning_rate", "loss_weight", "stopping")
        if turned and not taken.code and taken.id in self.remote.own:
            anew = anew_in_words(taken)
            said = f"Since step {taken.step + 1:,}: {in_words(taken)}."
            self._results.tell("ok", f"{said} {anew}." if anew else said)

    def _on_refused(self, request: Request, why: Diagnostic) -> None:
        self._bar.dials.restore()
        fixes = " ".join(fix.text for fix in why.fixes)
        self._results.tell("error", f"The run refused {_named(request)}: {why.message}. {fixes}")
        self._bar.show_trouble(f"The run refused {_named(request)}.")


def _named(request: Request) -> str:
    if isinstance(request.value, Mapping) and request.kind == "loss_weight":
        return f"another weight of {', '.join(map(str, request.value))}"
    return {"learning_rate": "another learning rate", "stopping": "another patience"}.get(
        request.kind, f'"{request.kind}"'
    )


def _weight_in(fix: Fix) -> tuple[str, float] | None:
    """Return output and weight if a fix is about nothing but the weight of a loss."""
    edit = fix.edit or {}
    params = edit.get("params")
    if edit.get("do") != "set_params" or not isinstance(params, Mapping):
        return None
    weight = params.get("loss_weight")
    if params.keys() != {"loss_weight"} or not isinstance(weight, (int, float)):
        return None
    return str(edit.get("node")), float(weight)
