"""The training panel: starts and controls trainings and shows their live curves."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.theme.theme import Theme
from app.training.panel.control_buttons import Steering
from app.training.panel.data_check_controller import Checking
from app.training.panel.displayed_run import Shown
from app.training.panel.run_controller import Course
from app.training.panel.run_relocation import Moving
from app.training.panel.run_view import Results
from app.training.panel.stop_prompt import offer_to_end
from app.training.panel.toolbar import TrainingBar
from app.training.panel.train_button import Readiness
from app.training.process.outcome import Outcome
from app.training.process.run_follower import Training
from app.training.process.run_watcher import RunWatch
from engine.events import Event


class TrainingPanel(QWidget):
    """Trains the current document and shows its last run; a running training is always shown.

    Signals:
        running_changed: a training started or ended.
        state_changed: `state` or `resumable` may have changed.
        ready_changed: the result of `disabled_reason` may have changed.
        losses_changed: newest loss per Output node, as text; {} when a new run starts.
        finished: a `TrainingOutcome`.
    """

    running_changed = Signal(bool)
    state_changed = Signal()
    ready_changed = Signal()
    loss_told = Signal(dict)
    finished = Signal(Outcome)

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training-panel")
        self._workspace = workspace
        self._restart_pending = False  # start a new training once the running one has stopped
        self.training = Training(self)
        self._run_watcher = RunWatch(workspace, self)
        self.results = Results(theme)
        self.bar = TrainingBar(workspace, theme, self.results)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 8, 10, 10)
        rows.setSpacing(8)
        rows.addWidget(self.bar)
        rows.addWidget(self.results, 1)
        self.course = Course(workspace, self.training, self.bar, self.results, self.isVisible, self)
        self.moving = Moving(self.training, self.course, self)
        self.steering = Steering(self.bar, self.results, self)
        self.checking = Checking(
            workspace, self.bar, self.results, self.steering, lambda: self.running, self
        )
        self.readiness = Readiness(
            workspace,
            self.bar,
            self.results,
            lambda: self.running,
            self.checking.unfit,
            self.course.end_line,
            self,
        )
        self._connect(workspace)
        self.readiness.refresh()

    def _connect(self, workspace: Workspace) -> None:
        workspace.switched.connect(self._on_switched)
        workspace.report_changed.connect(self._on_report_changed)
        workspace.file_changed.connect(self._on_report_changed)
        workspace.closed.connect(self._on_closed)
        self._connect_toolbar(self.bar)
        self.results.last_asked.connect(self.open_last)
        self.results.resume_asked.connect(self.resume)
        self.results.told.connect(self._workspace.told)
        self.moving.told.connect(self._workspace.told)
        self.moving.moved.connect(self._on_runs_moved)
        self.readiness.changed.connect(self.ready_changed)
        self.readiness.returned.connect(self.checking.begin)
        self.checking.judged.connect(self.readiness.refresh)
        self._run_watcher.found.connect(self._on_run_found)
        self._run_watcher.last_changed.connect(self._on_last_run_changed)
        self.course.state_changed.connect(self.state_changed)
        self.course.loss_told.connect(self.loss_told)
        self.training.events.connect(self._on_events)
        self.training.finished.connect(self._on_finished)

    def _connect_toolbar(self, bar: TrainingBar) -> None:
        bar.train_asked.connect(self._on_train_requested)
        bar.resume_asked.connect(self.resume)
        bar.stop_asked.connect(self.stop)
        bar.restart_asked.connect(self.restart)
        bar.chooser.chosen.connect(self._on_data_changed)

    # State.

    @property
    def running(self) -> bool:
        """True while a training runs."""
        return self.training.running

    @property
    def state(self) -> str:
        """State of the followed run: idle, starting, running, paused or stopping."""
        return self.bar.state

    @property
    def resumable(self) -> bool:
        """True if the displayed run can be resumed."""
        return self.course.resumable

    @property
    def last(self) -> Path | None:
        """The last run of the current document, None if it has none."""
        return self._run_watcher.last

    @property
    def shown(self) -> Shown | None:
        """The displayed run, None before the first."""
        return self.course.shown

    def why_not(self) -> str:
        """Return why the current document can't be trained now, "" if it can."""
        return self.readiness.why_not()

    def set_data(self, data: Path) -> None:
        """Set the data path of the current document."""
        self.bar.chooser.set_data(data)

    def choose_data(self) -> None:
        """Open a dialog to choose a data file."""
        self.bar.chooser.ask_for_file()

    # Commands.

    def commit(self) -> None:
        """Apply the text being edited in the epochs field."""
        self.bar.epochs.commit()

    def train(self, begin: Path | None = None) -> bool:
        """Train the current document; return whether the process was started.

        Args:
            warm_start_run: for a warm start, the run to take the initial weights from.
        """
        self.commit()
        session = self._workspace.session
        session.settle_report()
        data = self.bar.chooser.data
        if self.readiness.lacks_data():
            self.choose_data()
            return False
        disabled_reason = self.why_not()
        if disabled_reason or data is None:
            self.readiness.refuse()
            return False
        self.checking.forget()
        self._show_new_run(session)
        return self._follow_if_started(self.training.start(session, data, begin))

    def repeat(self, run: Path) -> bool:
        """Repeat a run with the same settings and seed; return whether the process was started."""
        if self.training.running:
            return False
        self.checking.forget()
        self._show_new_run(self._workspace.session)
        return self._follow_if_started(self.training.repeat(self._workspace.session, run))

    def _on_train_requested(self) -> None:
        self.train()

    def resume(self) -> bool:
        """Resume the displayed run; return whether the process was started."""
        shown = self.shown
        if not self.resumable or shown is None or shown.run is None:
            return False
        self.checking.forget()
        shown.outcome = None
        self.results.go_on()
        return self._follow_if_started(self.training.resume(shown.run))

    def attach(self, session: Session, run: Path) -> None:
        """Show a run of a document from its first step, and follow it while it is in training."""
        from app.training.curves.cache import load_curves

        was_running = self.running
        self.checking.forget()
        self._show_new_run(session)
        cached = load_curves(run)
        self.training.attach(
            run, cached.byte_offset if cached else 0, cached.ended if cached else None
        )
        self._follow()
        if cached is not None:
            self._on_events(cached.events)
            assert self.shown is not None
            cached.fill(self.shown.curves)
        if self.running or was_running:
            self.running_changed.emit(self.running)

    def open_last(self) -> None:
        """Show the last run of the current document, with its curves."""
        if self._run_watcher.last is not None and not self.running:
            self.attach(self._workspace.session, self._run_watcher.last)

    def stop(self) -> None:
        """Request the training to stop and save; a second call offers to kill it."""
        if not self.training.running:
            return
        if self.training.stopping:
            offer_to_end(self.training, self)
            return
        self.training.stop()
        self.course.show_state("stopping", "Stopping after this step...")

    def restart(self) -> None:
        """Stop the running training, then train the current document from scratch."""
        if self.training.running and not self.readiness.why_not_at_rest():
            self._restart_pending = True
            if not self.training.stopping:
                self.stop()

    # Lifecycle of a run.

    def _show_new_run(self, session: Session) -> None:
        self.checking.found_in = session
        self.readiness.begin()
        self.course.begin(session)

    def _follow_if_started(self, is_running: bool) -> bool:
        if is_running:
            self._follow()
            self.running_changed.emit(True)
        return is_running

    def _follow(self) -> None:
        """Make all controllers follow the new run."""
        run = self.training.run
        assert run is not None
        self.steering.follow(run)
        self._run_watcher.rest(True)
        self.course.follow(run, self.steering.remote.own)
        self.readiness.refresh()

    def _on_events(self, events: list[Event]) -> None:
        self.course.take(events)
        assert self.shown is not None
        self.steering.take(events, self.shown.curves.marks)

    def _on_finished(self, outcome: Outcome) -> None:
        self.steering.forget()
        self.course.end(outcome)
        if self.shown is not None and self.shown.session is not None:
            self.moving.bring(self.shown.session)  # before others read it at its old path
        self.readiness.refresh()
        self._run_watcher.rest(False)
        self.running_changed.emit(False)
        self.finished.emit(outcome)
        if self._restart_pending:
            self._restart_pending = False
            self.train()

    # Changes of documents.

    def _on_run_found(self, session: Session, run: Path) -> None:
        """Follow a run of the current document that another process trains."""
        if not self.training.following and session is self._workspace.session:
            self.attach(session, run)

    def _on_last_run_changed(self) -> None:
        self.results.offer_last(self._run_watcher.last.name if self._run_watcher.last else "")
        self.state_changed.emit()
        self._show_last_run()

    def _on_runs_moved(self) -> None:
        self._run_watcher.look_soon()
        self.state_changed.emit()

    def _show_last_run(self) -> None:
        """Show the last run of the current document, unless one of its runs is displayed."""
        if self.isVisible() and not self.course.in_front and not self.training.following:
            self.open_last()

    def _on_data_changed(self) -> None:
        self.readiness.refresh()
        self.checking.begin()

    def _on_switched(self) -> None:
        """Remove the data check of the previous document; hide or show the run."""
        if self.checking.forget():
            self.results.findings.clear()
            self.bar.say("")
        self.course.show_or_put_aside()

    def _on_report_changed(self) -> None:
        if self.isVisible():
            self.checking.follow()
            self.readiness.refresh()
        self.ready_changed.emit()

    def _on_closed(self, session: object) -> None:
        self.course.let_go(session)
        self.checking.let_go(session)

    def showEvent(self, event: QShowEvent) -> None:
        """Update everything that was skipped while the panel was hidden."""
        super().showEvent(event)
        self.training.watch(True)
        self.checking.follow()
        self.readiness.refresh()
        self.course.catch_up()
        self._show_last_run()

    def hideEvent(self, event: QHideEvent) -> None:
        """Read the events of the run less often."""
        super().hideEvent(event)
        self.training.watch(False)
