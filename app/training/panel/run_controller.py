"""The run that is shown: its numbers in bar and results, what it does, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.background_job import Background
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.panel.panel.displayed_run import Shown
from app.training.panel.panel.run_view import Results
from app.training.panel.panel.toolbar import TURNABLE, State, TrainingBar
from app.training.process.run_follower.outcome import Outcome
from app.training.process.run_follower.run_follower import Training
from engine.events import Event

_EVERY = 200  # milliseconds between two looks of the numbers, a pace that can be read
_BEHIND = 5  # such looks that are passed over while much is unread, of which all drawing is in vain
_AT_REST = 1000  # milliseconds from the end of a run until its curves are kept


class Course(QObject):
    """Shows one run as far as it has come.

    Args:
        workspace: the documents.
        training: what is followed.
        bar, results: where it is shown.
        seen: answers whether somebody sees them.

    Signals:
        state_changed: the run does something else.
        loss_told: by Output node, its newest loss as text; {} once a new run begins.
    """

    state_changed = Signal()
    loss_told = Signal(dict)

    def __init__(
        self,
        workspace: Workspace,
        training: Training,
        bar: TrainingBar,
        results: Results,
        seen: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._training = workspace, training
        self._bar, self._results, self._seen = bar, results, seen
        self.shown: Shown | None = None
        self._dirty = False
        self._passed = 0
        self._keeping = Background(self)
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._on_tick)
        training.silent.connect(self._on_silent)

    @property
    def in_front(self) -> bool:
        """True if the run is one of the document in front."""
        return self.shown is not None and self.shown.session is self._workspace.session

    @property
    def resumable(self) -> bool:
        """True if the run can be gone on with."""
        shown = self.shown
        resumable = shown is not None and shown.resumable and not self._training.running
        return resumable and self.in_front

    def end_line(self) -> str | None:
        """Return how the run of the document in front ended, None before the first run."""
        if self.shown is None:
            return None
        return self.shown.end_line() if self.in_front else ""

    # A run begins, goes on and ends.

    def begin(self, session: Session) -> None:
        """Show a new run of a document, of which nothing is known yet."""
        from app.training.curves.run_curves.run_curves import Curves

        self.shown = Shown(session, Curves())
        self._dirty = False
        self._bar.show_looks(False)
        self._bar.offer_resume("")
        self._results.begin(session.title, self.shown.curves)
        self.loss_told.emit({})

    def follow(self, run: Path, own: Collection[str]) -> None:
        """Show what is read from now on.

        Args:
            run: its folder.
            own: the ids of what is asked of it from here.
        """
        assert self.shown is not None
        self.shown.run, self.shown.curves.own = run, own
        self._results.show_run(run)
        self._timer.start()
        if self._training.running:
            self.show_state("starting", "Starting...")
        else:
            self._bar.say(f"Reading {run.name}...")

    def take(self, events: Sequence[Event]) -> None:
        """Take in what the run said."""
        shown = self.shown
        assert shown is not None
        shown.take(events)
        self._dirty = True
        going = self._training.running and shown.curves.started is not None
        if going and self._bar.state != "stopping":
            self.show_state("paused" if shown.curves.paused else "running", shown.pace.text())

    def show_state(self, state: State, text: str) -> None:
        """Show what the run does, and a line about it."""
        if state != self._bar.state or state == "idle":
            self._bar.show_state(state, text)
            if self.shown is not None and state in TURNABLE:
                self._show_progress(self.shown)
            self._results.table.set_turnable(state in TURNABLE)
            self.state_changed.emit()

    def _on_tick(self) -> None:
        """Show the numbers, now and then only while the run has said much more than was read."""
        if self._training.behind and self._passed < _BEHIND:
            self._passed += 1
            return
        self._passed = 0
        self.show_now()

    def show_now(self) -> None:
        """Show the numbers, if there are other ones."""
        if not self._dirty or self.shown is None:
            return
        self._dirty = False
        if self._training.running:
            self.loss_told.emit(self.shown.curves.loss_texts())
        if self._seen():
            self._show_numbers(self.shown)

    def catch_up(self) -> None:
        """Show what came while nobody saw it."""
        if self.shown is not None and self._training.running:
            self._show_numbers(self.shown)
        elif self.shown is not None and self.in_front:
            self._show_curves(self.shown)

    def end(self, outcome: Outcome) -> None:
        """Show how the run ended."""
        self._timer.stop()
        self._dirty = True
        self.show_now()
        self.show_state("idle", "")
        assert self.shown is not None
        self.shown.outcome = outcome
        self._keep(self.shown)
        if self.in_front:
            self._show_end(self.shown, outcome)
        else:
            self._results.put_aside()

    def moved(self, run: Path, to: Path) -> None:
        """Say where the run lies now, if it is this one."""
        shown = self.shown
        if shown is None or shown.run != run:
            return
        shown.run = to
        self._results.show_run(to, shown.session.title if shown.session else "")
        if shown.outcome is not None and self.in_front:
            self._show_end(shown, shown.outcome)

    def _keep(self, shown: Shown) -> None:
        """Keep the curves of a long run, once they are drawn, where the next time finds them."""
        from app.training.curves.run_curves.cache import LONG, keep, stamp_of

        run, curves = shown.run, shown.curves
        if run is None or curves.started is None or curves.step < LONG:
            return
        with suppress(OSError):
            stamp = stamp_of(run)
            begin = partial(self._keeping.run, lambda _: keep(run, curves, stamp))
            QTimer.singleShot(_AT_REST, self, begin)

    # Documents come and go.

    def show_or_put_aside(self) -> None:
        """Show a run that has ended beside its own document only."""
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
        """Belong to no document any more, if that was closed."""
        if self.shown is not None and session is self.shown.session:
            self.shown.session = None

    def _show_numbers(self, shown: Shown) -> None:
        self._show_curves(shown)
        self._show_progress(shown)

    def _show_curves(self, shown: Shown) -> None:
        self._results.show_curves(shown.curves)
        self._bar.show_looks(shown.curves.started is not None)

    def _show_progress(self, shown: Shown) -> None:
        self._bar.show_progress(shown.pace.share, shown.pace.text())

    def _show_end(self, shown: Shown, outcome: Outcome) -> None:
        """Say how the run ended, beside the curves and above them."""
        self._bar.say(shown.end_line())
        self._results.end(outcome, shown.run, self._training.log)
        self._bar.offer_resume(shown.run.name if shown.resumable and shown.run else "")
        if shown.resumable:
            self._results.offer_resume(shown.goes_on_from())

    def _on_silent(self, seconds: int) -> None:
        shown = self.shown
        if not seconds or shown is None or self._bar.state == "paused":
            self._dirty = True
        elif shown.pace.started is None:
            self._bar.say(f"Reading and checking the data, for {seconds} s now...")
        else:
            self._bar.show_trouble(f"The training has said nothing for {seconds} s")
