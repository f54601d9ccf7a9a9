"""The controller of the displayed run: its curves, progress, state and outcome."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.background_job import Background
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.panel.displayed_run import Shown
from app.training.panel.run_view import Results
from app.training.panel.toolbar import TURNABLE, State, TrainingBar
from app.training.process.outcome import Outcome
from app.training.process.run_follower import Training
from engine.events import Event

_REFRESH_INTERVAL = 200  # milliseconds; slow enough to read the values
_MAX_SKIPPED_TICKS = 5  # while unread events pile up: they would outdate each drawing at once
_CACHE_DELAY = 1000  # milliseconds from the end of a run until its curves are cached


class Course(QObject):
    """The controller that shows one run in the tool bar and the results.

    Args:
        workspace: the open documents.
        training: the followed training process.
        bar, results: the widgets that show the run.
        is_visible: returns whether these widgets are visible.

    Signals:
        state_changed: the state of the run changed.
        losses_changed: newest loss per Output node, as text; {} when a new run starts.
    """

    state_changed = Signal()
    loss_told = Signal(dict)

    def __init__(
        self,
        workspace: Workspace,
        training: Training,
        bar: TrainingBar,
        results: Results,
        is_visible: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._training = workspace, training
        self._bar, self._results, self._is_visible = bar, results, is_visible
        self.shown: Shown | None = None
        self._has_new_values = False
        self._skipped_ticks = 0
        self._cache_job = Background(self)
        self._timer = QTimer(self, interval=_REFRESH_INTERVAL)
        self._timer.timeout.connect(self._on_tick)
        training.silent.connect(self._on_silent)

    @property
    def in_front(self) -> bool:
        """True if the run belongs to the current document."""
        return self.shown is not None and self.shown.session is self._workspace.session

    @property
    def resumable(self) -> bool:
        """True if the run can be resumed."""
        shown = self.shown
        resumable = shown is not None and shown.resumable and not self._training.running
        return resumable and self.in_front

    def end_line(self) -> str | None:
        """Return how the run of the current document ended; None if no run was shown yet."""
        if self.shown is None:
            return None
        return self.shown.end_line() if self.in_front else ""

    # Lifecycle of a run.

    def begin(self, session: Session) -> None:
        """Show a new run of a document, without any events yet."""
        from app.training.curves.run_curves import Curves

        self.shown = Shown(session, Curves())
        self._has_new_values = False
        self._bar.show_looks(False)
        self._bar.offer_resume("")
        self._results.begin(session.title, self.shown.curves)
        self.loss_told.emit({})

    def follow(self, run: Path, own_request_ids: Collection[str]) -> None:
        """Show the events of a run from now on.

        Args:
            run: its folder.
            own_request_ids: ids of the control requests sent by this window.
        """
        assert self.shown is not None
        self.shown.run, self.shown.curves.own = run, own_request_ids
        self._results.show_run(run)
        self._timer.start()
        if self._training.running:
            self.show_state("starting", "Starting...")
        else:
            self._bar.say(f"Reading {run.name}...")

    def take(self, events: Sequence[Event]) -> None:
        """Process new events of the run."""
        shown = self.shown
        assert shown is not None
        shown.take(events)
        self._has_new_values = True
        is_live = self._training.running and shown.curves.started is not None
        if is_live and self._bar.state != "stopping":
            self.show_state("paused" if shown.curves.paused else "running", shown.progress.text())

    def show_state(self, state: State, text: str) -> None:
        """Show a state of the run and a status text."""
        if state != self._bar.state or state == "idle":
            self._bar.show_state(state, text)
            if self.shown is not None and state in TURNABLE:
                self._show_progress(self.shown)
            self._results.table.set_turnable(state in TURNABLE)
            self.state_changed.emit()

    def _on_tick(self) -> None:
        """Show new values; most ticks are skipped while many events are still unread."""
        if self._training.behind and self._skipped_ticks < _MAX_SKIPPED_TICKS:
            self._skipped_ticks += 1
            return
        self._skipped_ticks = 0
        self.show_now()

    def show_now(self) -> None:
        """Show the newest values, if there are new ones."""
        if not self._has_new_values or self.shown is None:
            return
        self._has_new_values = False
        if self._training.running:
            self.loss_told.emit(self.shown.curves.loss_texts())
        if self._is_visible():
            self._show_numbers(self.shown)

    def catch_up(self) -> None:
        """Show what arrived while the widgets were hidden."""
        if self.shown is not None and self._training.running:
            self._show_numbers(self.shown)
        elif self.shown is not None and self.in_front:
            self._show_curves(self.shown)

    def end(self, outcome: Outcome) -> None:
        """Show the outcome of the run."""
        self._timer.stop()
        self._has_new_values = True
        self.show_now()
        self.show_state("idle", "")
        assert self.shown is not None
        self.shown.outcome = outcome
        self._cache_curves(self.shown)
        if self.in_front:
            self._show_end(self.shown, outcome)
        else:
            self._results.put_aside()

    def moved(self, run: Path, new_path: Path) -> None:
        """Update the path if the displayed run was moved."""
        shown = self.shown
        if shown is None or shown.run != run:
            return
        shown.run = new_path
        self._results.show_run(new_path, shown.session.title if shown.session else "")
        if shown.outcome is not None and self.in_front:
            self._show_end(shown, shown.outcome)

    def _cache_curves(self, shown: Shown) -> None:
        """Cache the curves of a long run in the background, once they are drawn."""
        from app.training.curves.cache import MIN_CACHED_STEPS, event_log_stamp, save_curves

        run, curves = shown.run, shown.curves
        if run is None or curves.started is None or curves.step < MIN_CACHED_STEPS:
            return
        with suppress(OSError):
            stamp = event_log_stamp(run)
            start = partial(self._cache_job.run, lambda _: save_curves(run, curves, stamp))
            QTimer.singleShot(_CACHE_DELAY, self, start)

    # Switching and closing documents.

    def show_or_put_aside(self) -> None:
        """Show an ended run only while its document is the current one."""
        shown = self.shown
        if shown is None or self._training.running:
            return
        self._bar.say("")
        if not self.in_front:
            self._results.put_aside()
            self._bar.show_looks(False)
            self._bar.offer_resume("")
            return
        self._results.findings.clear()
        self._results.bring_back(shown.curves)
        self._bar.show_looks(shown.curves.started is not None)
        if shown.outcome is not None:
            self._show_end(shown, shown.outcome)

    def let_go(self, session: object) -> None:
        """Detach the run from its document when that is closed."""
        if self.shown is not None and session is self.shown.session:
            self.shown.session = None

    def _show_numbers(self, shown: Shown) -> None:
        self._show_curves(shown)
        self._show_progress(shown)

    def _show_curves(self, shown: Shown) -> None:
        self._results.show_curves(shown.curves)
        self._bar.show_looks(shown.curves.started is not None)

    def _show_progress(self, shown: Shown) -> None:
        self._bar.show_progress(shown.progress.share, shown.progress.text())

    def _show_end(self, shown: Shown, outcome: Outcome) -> None:
        """Show the outcome in the status line and next to the curves."""
        self._bar.say(shown.end_line())
        self._results.end(outcome, shown.run, self._training.log)
        self._bar.offer_resume(shown.run.name if shown.resumable and shown.run else "")
        if shown.resumable:
            self._results.offer_resume(shown.goes_on_from())

    def _on_silent(self, seconds: int) -> None:
        shown = self.shown
        if not seconds or shown is None or self._bar.state == "paused":
            self._has_new_values = True
        elif shown.progress.started is None:
            self._bar.say(f"Reading and checking the data ({seconds} s)...")
        else:
            self._bar.show_trouble(f"No event from the training for {seconds} s")
