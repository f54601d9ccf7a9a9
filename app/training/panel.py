"""The training panel: from the document in front to a live curve, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session import Session
from app.theme import Theme
from app.training.bar import TrainingBar
from app.training.fit import DataCheck
from app.training.outcome import Outcome, diagnostic_from
from app.training.pace import Pace
from app.training.process import Training
from app.training.question import offer_to_end
from app.training.ready import hindrance, next_step
from app.training.results import Results
from app.workspace import Workspace
from engine.core.diagnostic import Diagnostic, Fix
from engine.events import Event, Warned

if TYPE_CHECKING:
    from app.training.curves import Curves

_ENDED = {
    "completed": "Finished", "stopped": "Stopped", "refused": "Not started", "failed": "Failed",
    "crashed": "Ended without a word",
}  # fmt: skip
_SHOW_EVERY = 200  # milliseconds between two looks of the numbers


class TrainingPanel(QWidget):
    """Trains the document in front, and shows its last run; a run that goes on is always shown.

    Signals:
        running_changed: a training began or ended.
        ready_changed: `why_not` may answer something else.
        loss_told: by Output node, its newest loss as text; {} once a new run begins.
        finished: an `Outcome`.
    """

    running_changed = Signal(bool)
    ready_changed = Signal()
    loss_told = Signal(dict)
    finished = Signal(Outcome)

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training-panel")
        self._workspace = workspace
        self._trained: Session | None = None
        self._found_in: Session | None = None
        self._curves: Curves | None = None
        self._outcome: Outcome | None = None  # of the run that is shown
        self._pace = Pace()
        self._dirty = False
        self._refused = False
        self._hindered = ""
        self.training = Training(self)
        self._check = DataCheck(self)
        self._show_timer = QTimer(self, interval=_SHOW_EVERY)
        self.bar = TrainingBar(workspace, theme)
        self.results = Results(theme)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 8, 10, 10)
        rows.setSpacing(8)
        rows.addWidget(self.bar)
        rows.addWidget(self.results, 1)
        self._connect(workspace)
        self._refresh()

    def _connect(self, workspace: Workspace) -> None:
        workspace.switched.connect(self._on_switched)
        workspace.report_changed.connect(self._on_report_changed)
        workspace.file_changed.connect(self._on_report_changed)
        workspace.closed.connect(self._on_closed)
        self.bar.epochs_changed.connect(self._refresh)
        self.bar.train_asked.connect(self.train)
        self.bar.stop_asked.connect(self.stop)
        self.bar.log_chosen.connect(self.results.set_log)
        self.bar.newest_chosen.connect(self.results.set_newest)
        self.bar.chooser.chosen.connect(self._on_data_chosen)
        self.bar.chooser.told.connect(self._on_told)
        self.results.findings.node_asked.connect(self._on_node_asked)
        self.results.findings.fix_asked.connect(self._on_fix_asked)
        self._check.answered.connect(self._on_checked)
        self._show_timer.timeout.connect(self._on_show)
        self.training.events.connect(self._on_events)
        self.training.silent.connect(self._on_silent)
        self.training.finished.connect(self._on_finished)

    @property
    def running(self) -> bool:
        """True while a training runs."""
        return self.training.running

    @property
    def trained(self) -> Session | None:
        """The document of the training that is shown, None if it was closed."""
        return self._trained

    def why_not(self) -> str:
        """Answer why the document in front can't be trained now, "" if it can."""
        if self.training.running:
            return "A training is running. Stop it first."
        found = hindrance(self._workspace.session.report, self.bar.chooser.data)
        return found or self.bar.problem

    def set_data(self, data: Path) -> None:
        """Choose data for the document in front."""
        self.bar.chooser.set_data(data)

    def choose_data(self) -> None:
        """Ask the person for a file of rows."""
        self.bar.chooser.ask_for_file()

    def train(self) -> bool:
        """Train the document in front as it is now; answer whether the process runs."""
        session = self._workspace.session
        session.settle_report()
        data = self.bar.chooser.data
        why_not = self.why_not()
        if why_not or data is None:
            self._refused = not self.training.running
            self._refresh()
            return False
        self._check.forget()
        self._begin(session)
        if not self.training.start(session, data, self.bar.epochs):
            return False
        assert self.training.run is not None
        self.results.show_run(self.training.run)
        self._show_timer.start()
        self.bar.show_state("running", "Starting...")
        self._refresh()
        self.running_changed.emit(True)
        return True

    def stop(self) -> None:
        """Ask the training to stop and save; asked again, offer to end it at once."""
        if not self.training.running:
            return
        if self.training.stopping:
            offer_to_end(self.training, self)
            return
        self.training.stop()
        self.bar.show_state("stopping", "Stopping after this step...")

    def _begin(self, session: Session) -> None:
        from app.training.curves import Curves

        self._trained, self._found_in = session, session
        self._curves, self._pace = Curves(), Pace()
        self._dirty = self._refused = False
        self._outcome = None
        self.bar.show_looks(False)
        self.results.begin(session.title, self._curves)
        self.loss_told.emit({})

    def _on_events(self, events: list[Event]) -> None:
        assert self._curves is not None
        self._curves.take(events)
        self._pace.take(events)
        self._dirty = True
        warned = [event.diagnostic for event in events if isinstance(event, Warned)]
        found = [known for plain in warned if (known := diagnostic_from(plain)) is not None]
        if found:
            self.results.warn(found)

    def _on_show(self) -> None:
        """Show the numbers; at a pace that can be read."""
        if not self._dirty or self._curves is None:
            return
        self._dirty = False
        self.loss_told.emit(self._curves.loss_texts())
        if self.isVisible():
            self._show_numbers()

    def _show_numbers(self) -> None:
        assert self._curves is not None
        self._show_curves(self._curves)
        self.bar.show_progress(self._pace.share, self._pace.text())

    def _show_curves(self, curves: Curves) -> None:
        self.results.show_curves(curves)
        self.bar.show_looks(curves.started is not None)

    def _on_silent(self, seconds: int) -> None:
        if not seconds:
            self._dirty = True
        elif self._pace.started is None:
            self.bar.say(f"Reading and checking the data, for {seconds} s now...")
        else:
            self.bar.show_trouble(f"The training has said nothing for {seconds} s")

    def _on_finished(self, outcome: Outcome) -> None:
        self._show_timer.stop()
        self._dirty = True
        self._on_show()
        self.bar.show_state("idle", "")
        self._outcome = outcome
        if self._trained is self._workspace.session:
            self._show_end(outcome)
        else:
            self.results.put_aside()
        self._refresh()
        self.running_changed.emit(False)
        self.finished.emit(outcome)

    def _show_end(self, outcome: Outcome) -> None:
        """Say how the run ended, beside the curves and above them."""
        self.bar.say(self._end_line())
        self.results.end(outcome, self.training.run, self.training.log)

    def _end_line(self) -> str:
        if self._outcome is None or self._trained is not self._workspace.session:
            return ""
        words = filter(None, (_ENDED[self._outcome.kind], self._pace.text()))
        return "  \N{MIDDLE DOT}  ".join(words)

    def _on_node_asked(self, node: str) -> None:
        session = self._found_in
        if session is None:
            return
        if session is not self._workspace.session:
            self._workspace.show(session)
        session.reveal([node])

    def _on_fix_asked(self, fix: Fix) -> None:
        if self._found_in is not None and self._found_in.mend(fix):
            self.results.findings.clear()
            if self._found_in is self._workspace.session:
                self._on_data_chosen()

    def _on_data_chosen(self) -> None:
        self._refresh()
        data = self.bar.chooser.data
        if data is not None and not self.training.running:
            self.results.findings.clear()
            self._check.run(self._workspace.session, data)
            self.bar.say("Checking the data..." if self._check.running else "")

    def _on_checked(self, session: Session, found: list[Diagnostic]) -> None:
        if self.training.running or session is not self._workspace.session:
            return
        self._found_in = session
        self.results.findings.clear()
        data = self.bar.chooser.data
        name = data.name if data is not None else "The data"
        if any(diagnostic.is_error for diagnostic in found):
            self.bar.show_trouble(f"{name} does not fit this network.")
        else:
            self.bar.say(f"{name} fits this network.")
        self.results.findings.show_found(found)

    def _on_told(self, found: list[Diagnostic]) -> None:
        self.results.findings.clear()
        if not found:
            self.results.findings.say("error", "The sample data could not be written.")
        self.results.findings.show_found(found)

    def _on_switched(self) -> None:
        """Take away what was said of the data of another document."""
        if self._check.forget():
            self.results.findings.clear()
            self.bar.say("")
        if self._curves is None or self.training.running:
            return
        self.bar.say("")
        if self._workspace.session is not self._trained:
            self.results.put_aside()
            self.bar.show_looks(False)
            return
        self.results.findings.clear()
        self.results.bring_back(self._curves)
        self.bar.show_looks(self._curves.started is not None)
        if self._outcome is not None:
            self._show_end(self._outcome)

    def _on_report_changed(self) -> None:
        if self.isVisible():
            self._check.follow(self._workspace.session)
            self._refresh()
        self.ready_changed.emit()

    def _on_closed(self, session: object) -> None:
        if session is self._trained:
            self._trained = None
        if session is self._found_in:
            self._found_in = None
            self.results.findings.let_go()

    def _refresh(self) -> None:
        why_not = self.why_not()
        self.bar.refresh(why_not, self._workspace.session.report.recipe)
        if self.training.running:
            self.results.show_hint("Starting", "The curves begin with the first step.")
        else:
            chooser, report = self.bar.chooser, self._workspace.session.report
            step = next_step(report, chooser.data, chooser.sample, why_not)
            self.results.show_hint("No curves yet", step)
            self._show_hindrance(why_not)
        self.ready_changed.emit()

    def _show_hindrance(self, why_not: str) -> None:
        """Say why Train can't be pressed, where no hint in place of the curves says it."""
        self._refused = self._refused and bool(why_not)
        said = why_not if self._refused or self._curves is not None else ""
        if said or self._hindered:
            (self.bar.show_trouble if self._refused else self.bar.say)(said or self._end_line())
        self._hindered = said

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.training.watch(True)
        self._check.follow(self._workspace.session)
        self._refresh()
        if self.training.running:
            self._show_numbers()
        elif self._curves is not None and self._trained is self._workspace.session:
            self._show_curves(self._curves)

    def hideEvent(self, event: QHideEvent) -> None:
        """Look at the run only now and then."""
        super().hideEvent(event)
        self.training.watch(False)
