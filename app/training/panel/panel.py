"""The training panel: from the document in front to a live curve, and what came of it."""

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
    """Trains the document in front, and shows its last run; a run that goes on is always shown.

    Signals:
        running_changed: a training began or ended.
        state_changed: `state` or `resumable` may answer something else.
        ready_changed: `why_not` may answer something else.
        loss_told: by Output node, its newest loss as text; {} once a new run begins.
        finished: an `Outcome`.
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
        self._again = False  # train anew once the run that goes on has stopped
        self.training = Training(self)
        self._watch = RunWatch(workspace, self)
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
        self._connect_bar(self.bar)
        self.results.last_asked.connect(self.open_last)
        self.results.resume_asked.connect(self.resume)
        self.results.told.connect(self._workspace.told)
        self.moving.told.connect(self._workspace.told)
        self.moving.moved.connect(self._on_moved)
        self.readiness.changed.connect(self.ready_changed)
        self.readiness.returned.connect(self.checking.begin)
        self.checking.judged.connect(self.readiness.refresh)
        self._watch.found.connect(self._on_found)
        self._watch.last_changed.connect(self._on_last_changed)
        self.course.state_changed.connect(self.state_changed)
        self.course.loss_told.connect(self.loss_told)
        self.training.events.connect(self._on_events)
        self.training.finished.connect(self._on_finished)

    def _connect_bar(self, bar: TrainingBar) -> None:
        bar.train_asked.connect(self._on_train_asked)
        bar.resume_asked.connect(self.resume)
        bar.stop_asked.connect(self.stop)
        bar.restart_asked.connect(self.restart)
        bar.chooser.chosen.connect(self._on_data_chosen)

    # What others ask.

    @property
    def running(self) -> bool:
        """True while a training runs."""
        return self.training.running

    @property
    def state(self) -> str:
        """What the run does that is followed: idle, starting, running, paused or stopping."""
        return self.bar.state

    @property
    def resumable(self) -> bool:
        """True if the run that is shown can be gone on with."""
        return self.course.resumable

    @property
    def last(self) -> Path | None:
        """The last run of the document in front, None if it has none."""
        return self._watch.last

    @property
    def shown(self) -> Shown | None:
        """The run that is shown, None before the first."""
        return self.course.shown

    def why_not(self) -> str:
        """Return why the document in front can't be trained now, "" if it can."""
        return self.readiness.why_not()

    def set_data(self, data: Path) -> None:
        """Choose data for the document in front."""
        self.bar.chooser.set_data(data)

    def choose_data(self) -> None:
        """Ask the person for a file of rows."""
        self.bar.chooser.ask_for_file()

    # Orders.

    def commit(self) -> None:
        """Take what is being typed for the document."""
        self.bar.epochs.commit()

    def train(self, begin: Path | None = None) -> bool:
        """Train the document in front as it is now; answer whether the process runs.

        Args:
            begin: a run whose weights it begins with, None for new ones.
        """
        self.commit()
        session = self._workspace.session
        session.settle_report()
        data = self.bar.chooser.data
        if self.readiness.lacks_data():
            self.choose_data()
            return False
        why_not = self.why_not()
        if why_not or data is None:
            self.readiness.refuse()
            return False
        self.checking.forget()
        self._begin(session)
        return self._started(self.training.start(session, data, begin))

    def repeat(self, run: Path) -> bool:
        """Train a run again with everything equal; answer whether the process runs."""
        if self.training.running:
            return False
        self.checking.forget()
        self._begin(self._workspace.session)
        return self._started(self.training.repeat(self._workspace.session, run))

    def _on_train_asked(self) -> None:
        self.train()

    def resume(self) -> bool:
        """Go on with the run that is shown; answer whether the process runs."""
        shown = self.shown
        if not self.resumable or shown is None or shown.run is None:
            return False
        self.checking.forget()
        shown.outcome = None
        self.results.go_on()
        return self._started(self.training.resume(shown.run))

    def attach(self, session: Session, run: Path) -> None:
        """Show a run of a document from its first step, and follow it if it goes on."""
        from app.training.curves.cache import load

        was_running = self.running
        self.checking.forget()
        self._begin(session)
        known = load(run)
        self.training.attach(run, known.at if known else 0, known.ended if known else None)
        self._follow()
        if known is not None:
            self._on_events(known.events)
            assert self.shown is not None
            known.fill(self.shown.curves)
        if self.running or was_running:
            self.running_changed.emit(self.running)

    def open_last(self) -> None:
        """Show the last run of the document in front, with its curves."""
        if self._watch.last is not None and not self.running:
            self.attach(self._workspace.session, self._watch.last)

    def stop(self) -> None:
        """Ask the training to stop and save; asked again, offer to end it at once."""
        if not self.training.running:
            return
        if self.training.stopping:
            offer_to_end(self.training, self)
            return
        self.training.stop()
        self.course.show_state("stopping", "Stopping after this step...")

    def restart(self) -> None:
        """Stop the run that goes on, then train the document in front anew."""
        if self.training.running and not self.readiness.why_not_at_rest():
            self._again = True
            if not self.training.stopping:
                self.stop()

    # A run begins, goes on and ends.

    def _begin(self, session: Session) -> None:
        self.checking.found_in = session
        self.readiness.begin()
        self.course.begin(session)

    def _started(self, runs: bool) -> bool:
        if runs:
            self._follow()
            self.running_changed.emit(True)
        return runs

    def _follow(self) -> None:
        """Turn to the run that is read from now on."""
        run = self.training.run
        assert run is not None
        self.steering.follow(run)
        self._watch.rest(True)
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
            self.moving.bring(self.shown.session)  # before anybody reads it where it lies
        self.readiness.refresh()
        self._watch.rest(False)
        self.running_changed.emit(False)
        self.finished.emit(outcome)
        if self._again:
            self._again = False
            self.train()

    # Documents come, go and change.

    def _on_found(self, session: Session, run: Path) -> None:
        """Follow a run that somebody else started."""
        if not self.training.following and session is self._workspace.session:
            self.attach(session, run)

    def _on_last_changed(self) -> None:
        self.results.offer_last(self._watch.last.name if self._watch.last else "")
        self.state_changed.emit()
        self._bring_back()

    def _on_moved(self) -> None:
        self._watch.look_soon()
        self.state_changed.emit()

    def _bring_back(self) -> None:
        """Show the last run of a document of which none is shown, once somebody sees it."""
        if self.isVisible() and not self.course.in_front and not self.training.following:
            self.open_last()

    def _on_data_chosen(self) -> None:
        self.readiness.refresh()
        self.checking.begin()

    def _on_switched(self) -> None:
        """Take away what was said of the data of another document."""
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
        """Catch up."""
        super().showEvent(event)
        self.training.watch(True)
        self.checking.follow()
        self.readiness.refresh()
        self.course.catch_up()
        self._bring_back()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look at the run only now and then."""
        super().hideEvent(event)
        self.training.watch(False)
