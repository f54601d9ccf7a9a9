"""The training panel: starts and controls training runs and shows their live curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.controls.layout.boxes import column_layout
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.theme.theme import Theme
from app.training.panel.check_presenter import CheckPresenter
from app.training.panel.displayed_run import DisplayedRun
from app.training.panel.readiness import Readiness
from app.training.panel.run_controls import RunControls, confirm_kill
from app.training.panel.run_presenter import RunPresenter
from app.training.panel.run_relocation import RunRelocation
from app.training.panel.run_view import RunView
from app.training.panel.toolbar import TrainingToolbar
from app.training.process.outcome import TrainingOutcome
from app.training.process.run_finder import RunWatcher
from app.training.process.run_process import RunProcess
from engine.events import Event


class TrainingPanel(QWidget):
    """Trains the current document and shows its last run, or the run in progress, if any.

    Signals:
        running_changed: a training run started or ended.
        state_changed: `state` or `resumable` may have changed.
        ready_changed: the result of `disabled_reason` may have changed.
        losses_changed: the newest losses as texts, by Output node; {} when a new run starts.
        finished: a training run has ended; sends a `TrainingOutcome`.
    """

    running_changed = Signal(bool)
    state_changed = Signal()
    ready_changed = Signal()
    losses_changed = Signal(dict)
    finished = Signal(TrainingOutcome)

    def __init__(
        self,
        workspace: Workspace,
        data_check: DataCheckJob,
        theme: Theme,
        form_problem: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._restart_pending = False  # start a new training once the running one has stopped
        self.run_process = RunProcess(self)
        self._run_watcher = RunWatcher(workspace, self)
        self.run_view = RunView(theme)
        self.bar = TrainingToolbar(workspace, theme, self.run_view)
        bar, run_view = self.bar, self.run_view
        margins = (10, 8, 10, 10)
        column_layout(bar, run_view, parent=self, margins=margins, spacing=8, stretch=run_view)
        self.run_presenter = RunPresenter(
            workspace, self.run_process, bar, run_view, self.isVisible, self
        )
        self.run_relocation = RunRelocation(self.run_process, self.run_presenter, self)
        self.run_controls = RunControls(bar, run_view, self)
        self.check_presenter = CheckPresenter(
            workspace, data_check, bar, run_view, self.run_controls, self
        )
        problem, summary = self.check_presenter.data_problem, self.run_presenter.end_summary
        self.readiness = Readiness(
            workspace, bar, run_view, lambda: self.running, problem, summary, form_problem, self
        )
        self._connect(workspace, data_check)
        self.readiness.refresh()

    def _connect(self, workspace: Workspace, data_check: DataCheckJob) -> None:
        self.bar.train_button.clicked.connect(self.train)
        self.bar.resume_button.clicked.connect(self.resume)
        self.bar.stop_button.clicked.connect(self.stop)
        self.bar.restart_button.clicked.connect(self.restart)
        self.bar.chooser.data_changed.connect(self._on_data_changed)
        workspace.active_changed.connect(self._on_switched)
        workspace.report_changed.connect(self._on_report_changed)
        workspace.file_changed.connect(self._on_report_changed)
        workspace.closed.connect(self._on_closed)
        self.run_view.last_run_action.triggered.connect(self.open_last_run)
        self.run_view.resume_button.clicked.connect(self.resume)
        self.run_view.message_posted.connect(self._workspace.message)
        self.run_relocation.message_posted.connect(self._workspace.message)
        self.run_relocation.runs_moved.connect(self._on_runs_moved)
        self.readiness.ready_changed.connect(self.ready_changed)
        self.readiness.data_restored.connect(self.check_presenter.start)
        data_check.changed.connect(self.readiness.refresh)
        self._run_watcher.run_found.connect(self._on_run_found)
        self._run_watcher.last_run_changed.connect(self._on_last_run_changed)
        self.run_presenter.state_changed.connect(self.state_changed)
        self.run_presenter.losses_changed.connect(self.losses_changed)
        self.run_process.events.connect(self._on_events)
        self.run_process.finished.connect(self._on_finished)

    # State.

    @property
    def running(self) -> bool:
        """Whether a training is running."""
        return self.run_process.running

    @property
    def state(self) -> str:
        """The state of training: idle, starting, running, paused or stopping."""
        return self.bar.state

    @property
    def resumable(self) -> bool:
        """Whether the displayed run can be resumed."""
        return self.run_presenter.resumable

    @property
    def last_run(self) -> Path | None:
        """The last run of the current document, None if it has none."""
        return self._run_watcher.last_run

    @property
    def displayed_run(self) -> DisplayedRun | None:
        """The displayed run, None if no run was displayed yet."""
        return self.run_presenter.displayed_run

    def disabled_reason(self) -> str:
        """Return why the current document can't be trained now, "" if it can."""
        return self.readiness.disabled_reason()

    def set_data(self, data: Path) -> None:
        """Set the data path of the current document."""
        self.bar.chooser.set_data(data)

    def open_data_dialog(self) -> None:
        """Open a dialog to choose a data file."""
        self.bar.chooser.open_file_dialog()

    def use_sample(self) -> None:
        """Write the sample data that matches the current document, if any, and use it."""
        self.bar.chooser.refresh()
        self.bar.chooser.use_sample(self.set_data)

    # Commands.

    def commit(self) -> None:
        """Apply the text being edited in the epochs field."""
        self.bar.epochs.commit()

    def train(self, *, warm_start_run: Path | None = None, options: Sequence[str] = ()) -> bool:
        """Train the current document; return whether the process was started.

        If no data was chosen, ask for it and then train.
        `warm_start_run` is the run to take the initial weights from, if any. `options` are further
        options of `engine train`.
        """
        self.commit()
        session = self._workspace.session
        session.current_report()
        data = self.bar.chooser.data
        if self.readiness.needs_data():
            on_chosen = partial(self._train_on, session, warm_start_run, options)
            self.bar.chooser.request_data(on_chosen)
            return False
        disabled_reason = self.disabled_reason()
        if disabled_reason or data is None:
            self.readiness.show_disabled_reason()
            return False
        self.check_presenter.reset()
        self._show_new_run(session)
        options = [*options, *self.bar.devices.options()]
        return self._follow_if_started(
            self.run_process.start(session, data, warm_start_run, options)
        )

    def _train_on(
        self, session: Session, run: Path | None, options: Sequence[str], data: Path
    ) -> None:
        """Use the data that was chosen for a document, and train if it is still the current one."""
        session.data_path = data
        if session is self._workspace.session:
            self.train(warm_start_run=run, options=options)

    def repeat(self, run: Path) -> bool:
        """Repeat a run with the same settings and seed; return whether the process was started."""
        if self.run_process.running:
            return False
        self.check_presenter.reset()
        self._show_new_run(self._workspace.session)
        session, options = self._workspace.session, self.bar.devices.options()
        return self._follow_if_started(self.run_process.repeat(session, run, options))

    def resume(self) -> bool:
        """Resume the displayed run; return whether the process was started."""
        shown = self.displayed_run
        if not self.resumable or shown is None or shown.run is None:
            return False
        self.check_presenter.reset()
        shown.outcome = None
        self.run_view.clear_outcome()
        options = self.bar.devices.options()
        return self._follow_if_started(self.run_process.resume(shown.run, options))

    def attach(self, session: Session, run: Path) -> None:
        """Show a run of a document: its events so far, and new events while it is in training."""
        from app.training.curves.cache import load_curves

        was_running = self.running
        self.check_presenter.reset()
        self._show_new_run(session)
        cached = load_curves(run)
        if cached is None:
            self.run_process.attach(run)
        else:
            self.run_process.attach(run, cached.byte_offset, cached.ended)
        self._follow()
        if cached is not None:
            self._on_events(cached.events)
            assert self.displayed_run is not None
            cached.restore_into(self.displayed_run.curves)
        if self.running or was_running:
            self.running_changed.emit(self.running)

    def open_last_run(self) -> None:
        """Show the last run of the current document, with its curves."""
        if self.last_run is not None and not self.running:
            self.attach(self._workspace.session, self.last_run)

    def stop(self) -> None:
        """Make the run save and stop. If it is stopping, ask whether to kill its process."""
        if not self.run_process.running:
            return
        if self.run_process.stopping:
            confirm_kill(self.run_process, self)
            return
        self.run_process.stop()
        self.run_presenter.show_state("stopping", "Stopping after this step...")

    def restart(self) -> None:
        """Stop the run in progress, then train the current document from scratch."""
        if self.run_process.running and not self.readiness.restart_disabled_reason():
            self._restart_pending = True
            if not self.run_process.stopping:
                self.stop()

    # Lifecycle of a run.

    def _show_new_run(self, session: Session) -> None:
        self.check_presenter.diagnostics_session = session
        self.readiness.reset()
        self.run_presenter.show_new_run(session)

    def _follow_if_started(self, is_running: bool) -> bool:
        if is_running:
            self._follow()
            self.running_changed.emit(True)
        return is_running

    def _follow(self) -> None:
        run = self.run_process.run
        assert run is not None
        self.run_controls.follow(run)
        self._run_watcher.set_paused(True)
        self.run_presenter.follow(run, self.run_controls.own_request_ids)
        self.readiness.refresh()

    def _on_events(self, events: list[Event]) -> None:
        self.run_presenter.process_events(events)
        assert self.displayed_run is not None
        self.run_controls.process_events(events, self.displayed_run.curves.control_events)

    def _on_finished(self, outcome: TrainingOutcome) -> None:
        self.run_presenter.show_outcome(outcome)
        shown = self.displayed_run
        if shown is not None and shown.session is not None:
            # Move the run before receivers of `finished` read it at its old path.
            self.run_relocation.move_ended_runs(shown.session)
        self.readiness.refresh()
        self._run_watcher.set_paused(False)
        self.running_changed.emit(False)
        self.finished.emit(outcome)
        if self._restart_pending:
            self._restart_pending = False
            self.train()

    # Changes of documents.

    def _on_run_found(self, session: Session, run: Path) -> None:
        if not self.run_process.following and session is self._workspace.session:
            self.attach(session, run)

    def _on_last_run_changed(self) -> None:
        self.run_view.set_last_run(self.last_run.name if self.last_run else "")
        self.state_changed.emit()
        self._show_last_run()

    def _on_runs_moved(self) -> None:
        self._run_watcher.schedule_check()
        self.state_changed.emit()

    def _show_last_run(self) -> None:
        """Show the last run of the current document.

        Do nothing if the panel is hidden, already shows a run of the current document, or follows
        the process of a run, which may be a run of another document.
        """
        is_shown = self.run_presenter.is_current_document or self.run_process.following
        if self.isVisible() and not is_shown:
            self.open_last_run()

    def _on_data_changed(self) -> None:
        self.readiness.refresh()
        self.check_presenter.start()

    def _on_switched(self) -> None:
        if self.check_presenter.reset():
            self.run_view.diagnostics.clear()
            self.bar.show_status("")
        self.run_presenter.update_visibility()

    def _on_report_changed(self) -> None:
        if self.isVisible():
            self.readiness.refresh()
        self.ready_changed.emit()

    def _on_closed(self, session: Session) -> None:
        self.run_presenter.detach_session(session)
        self.check_presenter.detach_session(session)

    def showEvent(self, event: QShowEvent) -> None:
        """Update everything that was skipped while the panel was hidden."""
        super().showEvent(event)
        self.run_process.set_visible(True)
        self.readiness.refresh()
        self.run_presenter.catch_up()
        self._show_last_run()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.run_process.set_visible(False)
