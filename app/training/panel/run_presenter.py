"""Shows the displayed run: its curves, progress, state and outcome."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.background_job import BackgroundWorker
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.panel.displayed_run import DisplayedRun
from app.training.panel.run_view import RunView
from app.training.panel.toolbar import LIVE_STATES, TrainingState, TrainingToolbar
from app.training.process.outcome import TrainingOutcome
from app.training.process.run_process import RunProcess
from engine.events import Event

_REFRESH_INTERVAL = 200  # milliseconds; slow enough to read the values
_MAX_SKIPPED_TICKS = 5  # ticks without drawing while events are unread, which would outdate it
_CACHE_DELAY = 1000  # milliseconds from the end of a run until its curves are cached


class RunPresenter(QObject):
    """Shows one run in the tool bar and in the body of the training panel.

    Signals:
        state_changed: the state of the run changed.
        losses_changed: the newest losses as texts, by Output node; {} when a new run starts.
    """

    state_changed = Signal()
    losses_changed = Signal(dict)

    def __init__(
        self,
        workspace: Workspace,
        run_process: RunProcess,
        bar: TrainingToolbar,
        run_view: RunView,
        is_visible: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._run_process = workspace, run_process
        self._bar, self._run_view, self._is_visible = bar, run_view, is_visible
        self.displayed_run: DisplayedRun | None = None
        self._has_new_values = False
        self._skipped_ticks = 0
        self._cache_job = BackgroundWorker(self)
        self._timer = QTimer(self, interval=_REFRESH_INTERVAL, timeout=self._on_tick)
        run_process.silent.connect(self._on_silent)

    @property
    def is_current_document(self) -> bool:
        """Whether the displayed run belongs to the current document."""
        shown = self.displayed_run
        return shown is not None and shown.session is self._workspace.session

    @property
    def resumable(self) -> bool:
        """Whether the displayed run can be resumed now."""
        shown = self.displayed_run
        resumable = shown is not None and shown.resumable and not self._run_process.running
        return resumable and self.is_current_document

    def end_summary(self) -> str | None:
        """Return how the displayed run ended, None if no run was displayed yet.

        Return "" if the run has not ended or belongs to another document.
        """
        if self.displayed_run is None:
            return None
        return self.displayed_run.end_summary() if self.is_current_document else ""

    # Lifecycle of a run.

    def show_new_run(self, session: Session) -> None:
        """Show a new run of a document, without any events yet."""
        from app.training.curves.run_curves import Curves

        self.displayed_run = DisplayedRun(session, Curves())
        self._has_new_values = False
        self._bar.show_view_controls(False)
        self._bar.set_resumable_run("")
        self._run_view.show_new_run(session.title, self.displayed_run.curves)
        self.losses_changed.emit({})

    def follow(self, run: Path, own_request_ids: Collection[str]) -> None:
        """Show the events of a run from now on.

        Control requests with an id in `own_request_ids` are marked as "requested in this window".
        """
        assert self.displayed_run is not None
        self.displayed_run.run, self.displayed_run.curves.own_request_ids = run, own_request_ids
        self._run_view.set_run(run)
        self._timer.start()
        if self._run_process.running:
            self.show_state("starting", "Starting...")
        else:
            self._bar.show_status(f"Reading {run.name}...")

    def process_events(self, events: Sequence[Event]) -> None:
        """Update the displayed run with new events, and show its state while it is running."""
        shown = self.displayed_run
        assert shown is not None
        shown.update(events)
        self._has_new_values = True
        is_live = self._run_process.running and shown.curves.started is not None
        if is_live and self._bar.state != "stopping":
            self.show_state("paused" if shown.curves.paused else "running", shown.progress.text())

    def show_state(self, state: TrainingState, text: str) -> None:
        """Show a state of the run and a status text."""
        if state != self._bar.state or state == "idle":
            self._bar.show_state(state, text)
            if self.displayed_run is not None and state in LIVE_STATES:
                self._show_progress(self.displayed_run)
            self._run_view.loss_table.set_weights_editable(state in LIVE_STATES)
            self.state_changed.emit()

    def _on_tick(self) -> None:
        if self._run_process.has_unread_events and self._skipped_ticks < _MAX_SKIPPED_TICKS:
            self._skipped_ticks += 1
            return
        self._skipped_ticks = 0
        self.refresh()

    def refresh(self) -> None:
        """Show the newest values of the displayed run, if any have arrived since the last call."""
        if not self._has_new_values or self.displayed_run is None:
            return
        self._has_new_values = False
        if self._run_process.running:
            self.losses_changed.emit(self.displayed_run.curves.loss_texts())
        if self._is_visible():
            self._show_numbers(self.displayed_run)

    def catch_up(self) -> None:
        """Show the values that have arrived while the widgets were hidden."""
        if self.displayed_run is not None and self._run_process.running:
            self._show_numbers(self.displayed_run)
        elif self.displayed_run is not None and self.is_current_document:
            self._show_curves(self.displayed_run)

    def show_outcome(self, outcome: TrainingOutcome) -> None:
        """Show the outcome of the run."""
        self._timer.stop()
        self._has_new_values = True
        self.refresh()
        self.show_state("idle", "")
        assert self.displayed_run is not None
        self.displayed_run.outcome = outcome
        self._cache_curves(self.displayed_run)
        if self.is_current_document:
            self._show_end(self.displayed_run, outcome)
        else:
            self._run_view.hide_run()

    def on_run_moved(self, run: Path, new_path: Path) -> None:
        """Update the path if the displayed run was moved."""
        shown = self.displayed_run
        if shown is None or shown.run != run:
            return
        shown.run = new_path
        self._run_view.set_run(new_path, shown.session.title if shown.session else "")
        if shown.outcome is not None and self.is_current_document:
            self._show_end(shown, shown.outcome)

    def _cache_curves(self, shown: DisplayedRun) -> None:
        """Cache the curves of a long run in the background. A delay lets them be drawn first."""
        from app.training.curves.cache import MIN_CACHED_STEPS, event_log_stamp, save_curves

        run, curves = shown.run, shown.curves
        if run is None or curves.started is None or curves.step < MIN_CACHED_STEPS:
            return
        with suppress(OSError):
            stamp = event_log_stamp(run)
            start = partial(self._cache_job.run, lambda _: save_curves(run, curves, stamp))
            QTimer.singleShot(_CACHE_DELAY, self, start)

    # Switching and closing documents.

    def update_visibility(self) -> None:
        """Show the run's curves and outcome if its document is current. Otherwise hide them.

        Do nothing without a run, or while a run is in progress.
        """
        shown = self.displayed_run
        if shown is None or self._run_process.running:
            return
        self._bar.show_status("")
        if not self.is_current_document:
            self._run_view.hide_run()
            self._bar.show_view_controls(False)
            self._bar.set_resumable_run("")
            return
        self._run_view.diagnostics.clear()
        self._run_view.restore_run(shown.curves)
        self._bar.show_view_controls(shown.curves.started is not None)
        if shown.outcome is not None:
            self._show_end(shown, shown.outcome)

    def detach_session(self, session: Session) -> None:
        """Clear the document of the displayed run if it is `session`, which was closed."""
        if self.displayed_run is not None and session is self.displayed_run.session:
            self.displayed_run.session = None

    def _show_numbers(self, shown: DisplayedRun) -> None:
        self._show_curves(shown)
        self._show_progress(shown)

    def _show_curves(self, shown: DisplayedRun) -> None:
        self._run_view.show_curves(shown.curves)
        self._bar.show_view_controls(shown.curves.started is not None)

    def _show_progress(self, shown: DisplayedRun) -> None:
        self._bar.show_progress(shown.progress.fraction, shown.progress.text())

    def _show_end(self, shown: DisplayedRun, outcome: TrainingOutcome) -> None:
        self._bar.show_status(shown.end_summary())
        self._run_view.show_outcome(outcome, shown.run, self._run_process.log_path)
        self._bar.set_resumable_run(shown.run.name if shown.resumable and shown.run else "")
        if shown.resumable:
            self._run_view.show_resume_button(shown.resume_hint())

    def _on_silent(self, seconds: int) -> None:
        shown = self.displayed_run
        if not seconds or shown is None or self._bar.state == "paused":
            self._has_new_values = True
        elif message := self._run_process.remote_message:
            self._bar.show_status(f"{message} ({seconds} s)")
        elif shown.progress.started is None:
            self._bar.show_status(f"Reading and checking the data ({seconds} s)...")
        else:
            self._bar.show_error(f"No event from the training for {seconds} s")
