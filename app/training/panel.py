"""The training panel: from the document in front to a live curve, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from app.session import Session
from app.theme import Theme
from app.training.bar import TrainingBar
from app.training.fit import DataCheck
from app.training.outcome import Outcome, diagnostic_from
from app.training.pace import Pace
from app.training.process import Training
from app.training.results import Results
from app.workspace import Workspace
from engine.core.diagnostic import Diagnostic, Fix
from engine.events import Event, Warned

if TYPE_CHECKING:
    from app.training.curves import Curves

_SHOW_EVERY = 200  # milliseconds between two looks of the numbers
_SETTLE = 600  # milliseconds after an edit before data is checked again


class TrainingPanel(QWidget):
    """Trains the document in front. The training stays shown when another document is.

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
        self._pace = Pace()
        self._dirty = False
        self._refused = False
        self.training = Training(self)
        self._check = DataCheck(self)
        self._show_timer = QTimer(self, interval=_SHOW_EVERY)
        self._settle_timer = QTimer(self, singleShot=True, interval=_SETTLE)
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
        workspace.report_changed.connect(self._on_report_changed)
        workspace.file_changed.connect(self._on_report_changed)
        workspace.closed.connect(self._on_closed)
        self.bar.epochs_changed.connect(self._refresh)
        self.bar.train_asked.connect(self._on_train_asked)
        self.bar.stop_asked.connect(self.stop)
        self.bar.log_chosen.connect(self.results.set_log)
        self.bar.newest_chosen.connect(self.results.set_newest)
        self.bar.chooser.chosen.connect(self._on_data_chosen)
        self.bar.chooser.told.connect(self._on_told)
        self.results.findings.node_asked.connect(self._on_node_asked)
        self.results.findings.fix_asked.connect(self._on_fix_asked)
        self.results.run_asked.connect(self._on_run_asked)
        self.results.log_asked.connect(self._on_log_asked)
        self._check.answered.connect(self._on_checked)
        self._settle_timer.timeout.connect(self._on_settled)
        self._show_timer.timeout.connect(self._on_show)
        self.training.events.connect(self._on_events)
        self.training.silent.connect(self._on_silent)
        self.training.finished.connect(self._on_finished)

    # What the window uses.

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
        session = self._workspace.session
        errors = session.report.errors
        if errors:
            where = f"{errors[0].node}: " if errors[0].node else ""
            rest = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            return f"{where}{errors[0].message}{rest}. Mend this first."
        data = self.bar.chooser.data
        if data is None:
            return "Choose data to train on first."
        if not data.exists():
            return f"The data is not there any more: {data}. Choose it again."
        return self.bar.problem

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
            self._refuse(why_not)
            return False
        self._check.cancel()
        self._begin(session)
        if not self.training.start(session, data, self.bar.epochs):
            return False
        assert self.training.run is not None
        self.results.begin(session.title, self.training.run, self._curves)
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
            self._offer_kill()
            return
        self.training.stop()
        self.bar.show_state("stopping", "Stopping after this step...")

    def _refuse(self, why_not: str) -> None:
        self._refresh()
        if not self.training.running:
            self._refused = True
            self.bar.show_trouble(why_not)

    def _begin(self, session: Session) -> None:
        from app.training.curves import Curves

        self._trained, self._found_in = session, session
        self._curves, self._pace = Curves(), Pace()
        self._dirty = self._refused = False
        self.loss_told.emit({})

    def _offer_kill(self) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Stop at once?")
        box.setText("The training is asked to stop, and will save before it does.")
        box.setInformativeText("If it is ended at once, what it did since it last saved is lost.")
        end = box.addButton("Stop at once", QMessageBox.ButtonRole.DestructiveRole)
        end.clicked.connect(self.training.kill)
        box.addButton("Wait", QMessageBox.ButtonRole.RejectRole)
        box.finished.connect(box.deleteLater)
        self.training.finished.connect(box.close)
        box.open()

    # What the training says.

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
        self.results.show_curves(self._curves)
        self.bar.show_progress(self._pace.share, self._pace.text())

    def _on_silent(self, seconds: int) -> None:
        if not seconds:
            self._dirty = True
        elif self._pace.started is None:
            self.bar.show_trouble(f"Reading and checking the data, for {seconds} s now...")
        else:
            self.bar.show_trouble(f"Not responding for {seconds} s")

    def _on_finished(self, outcome: Outcome) -> None:
        self._show_timer.stop()
        self._dirty = True
        self._on_show()
        self.bar.show_state("idle", self._pace.text())
        self.results.end(outcome, self.training.run, self.training.log)
        self._refresh()
        self.running_changed.emit(False)
        self.finished.emit(outcome)

    # What the person does.

    def _on_train_asked(self) -> None:
        self.train()

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
            self._settle_timer.start()

    def _on_run_asked(self) -> None:
        if self.training.run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.training.run)))

    def _on_log_asked(self) -> None:
        if self.training.log is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.training.log)))

    # Data.

    def _on_data_chosen(self) -> None:
        self._refresh()
        data = self.bar.chooser.data
        if data is not None and not self.training.running:
            self.results.findings.clear()
            self.bar.show_state("idle", "Checking the data...")
            self._check.run(self._workspace.session, data)
            if not self._check.running:
                self.bar.show_state("idle", "")

    def _on_checked(self, session: Session, found: list[Diagnostic]) -> None:
        if self.training.running:
            return
        fits = not any(diagnostic.is_error for diagnostic in found)
        self.bar.show_state("idle", "The data fits." if fits else "The data does not fit yet.")
        if session in self._workspace.sessions:
            self._found_in = session
            self.results.findings.clear()
            self.results.findings.show_found(found)

    def _on_told(self, found: list[Diagnostic]) -> None:
        self.results.findings.clear()
        self.results.findings.show_found(found)

    def _on_settled(self) -> None:
        if self._found_in is self._workspace.session:
            self._on_data_chosen()

    # What the workspace says.

    def _on_report_changed(self) -> None:
        if self.isVisible():
            self._refresh()
        self.ready_changed.emit()

    def _on_closed(self, session: object) -> None:
        self._trained = None if session is self._trained else self._trained
        self._found_in = None if session is self._found_in else self._found_in

    def _refresh(self) -> None:
        why_not = self.why_not()
        self.bar.refresh(why_not, self._recipe_epochs())
        if self._refused and not self.training.running:
            self._refused = bool(why_not)
            self.bar.show_trouble(why_not)
        if self.training.running:
            self.results.show_hint("Starting", "The curves begin with the first step.")
        else:
            self.results.show_hint("No curves yet", why_not or "Press Train to see curves.")
        self.ready_changed.emit()

    def _recipe_epochs(self) -> int | None:
        recipe = self._workspace.session.report.recipe
        return recipe.epochs if recipe is not None else None

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.training.watch(True)
        self._refresh()
        if self._curves is not None:
            self._show_numbers()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look at the run only now and then."""
        super().hideEvent(event)
        self.training.watch(False)
