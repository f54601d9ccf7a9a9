"""The body of the training panel: charts on the left, losses and diagnostics on the right."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QSplitter, QStackedWidget, QWidget

from app.controls import EmptyState
from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import column_layout, row_layout
from app.text.phrases import plain_tooltip, to_sentence
from app.theme import icons
from app.theme.theme import Theme
from app.training.charts.view_menu import open_chart_menu
from app.training.charts.view_options import ViewOptionsModel
from app.training.panel.diagnostics_list import DiagnosticsList
from app.training.panel.loss_table import LossTable
from app.training.process.outcome import TrainingOutcome
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.sizes import format_bytes
from engine.events import CheckpointSaved

if TYPE_CHECKING:
    from app.training.charts.chart_grid import ChartGrid
    from app.training.charts.chart_spec import ChartSpec
    from app.training.curves.run_curves import Curves

_SIDE_WIDTH, _HORIZONTAL_WIDTH = 340, 640  # pixels
_MAX_MESSAGES = 3  # responses of the run that stay visible
_NOTE_KINDS = {
    "completed": "ok", "stopped": "info", "not-started": "error", "failed": "error",
    "crashed": "error",
}  # fmt: skip
_HEADINGS = {"not-started": "The training did not start.", "failed": "The training failed."}


class RunView(QWidget):
    """A view of one run: charts, loss table, messages and diagnostics.

    Signals:
        export_requested: requests to export the curves in a file format.
        message_posted: requests to show a message in the status bar.
    """

    export_requested = Signal(str)
    message_posted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.charts: ChartGrid | None = None
        self.view_options = ViewOptionsModel(self)
        self._title = ""
        self._run: Path | None = None
        self._log_file: Path | None = None
        self._warnings: list[Diagnostic] = []
        self._messages: list[tuple[str, str]] = []  # kind and text of responses to requests
        self._chart_stack = QStackedWidget()
        self.last_run_action = QAction(icons.icon(theme, "recent"), "", self)
        self._empty_state = EmptyState(
            theme, "curve", "No curves yet", "Press Train to see curves.", self.last_run_action
        )
        self._last_run_button = self._empty_state.findChild(QPushButton)
        self.set_last_run("")
        self._chart_stack.addWidget(self._empty_state)
        self._heading = self._create_label("heading")
        self.loss_table = LossTable(theme)
        self.loss_table.hide()
        self.diagnostics = DiagnosticsList(theme)
        self._split_label = self._create_label("dim")  # how validation rows were chosen
        self._checkpoint_label = self._create_label("dim")
        self.resume_button = self._create_button("Resume run", "play")
        self.revert_button = self._create_button("Revert", "undo")
        self.revert_button.setObjectName("training-revert")
        self.run_button = self._create_button("Open run folder", "folder")
        self.run_button.clicked.connect(self._open_run_folder)
        self.log_button = self._create_button("Show log", "log")
        self.log_button.clicked.connect(self._open_log)
        self._splitter = split = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        split.addWidget(self._chart_stack)
        self._side = self._create_side()
        self._side.hide()  # until there is something to show
        self.diagnostics.content_added.connect(self._side.show)
        split.addWidget(self._side)
        split.setStretchFactor(0, 7)
        split.setStretchFactor(1, 3)
        split.setSizes([900, _SIDE_WIDTH])
        row_layout(split, parent=self)

    def _create_label(self, role: str) -> ElidedLabel:
        label = ElidedLabel(role=role)
        label.hide()
        return label

    def _create_button(self, text: str, icon: str) -> QPushButton:
        button = QPushButton(icons.icon(self._theme, icon), text)
        button.hide()
        return button

    def _create_side(self) -> QScrollArea:
        content = QWidget()
        rows = (
            self._heading,
            self._split_label,
            self._checkpoint_label,
            self.loss_table,
            row_layout(self.revert_button, None),
            self.diagnostics,
            row_layout(self.resume_button, None),
            row_layout(self.run_button, self.log_button, None),
            None,
        )
        column_layout(*rows, parent=content, margins=(8, 0, 4, 0), spacing=8)
        side = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame, minimumWidth=306)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setAccessibleName("Losses and diagnostics")
        side.setWidget(content)
        return side

    def show_hint(self, title: str, text: str) -> None:
        """Set the hint that is shown while there are no curves."""
        self._empty_state.set_message(title, text)

    def set_last_run(self, name: str) -> None:
        """Show a button for the document's last run, called `name`; "" hides the button."""
        self.last_run_action.setText(f"Last run: {name}".replace("&", "&&"))
        assert self._last_run_button is not None
        self._last_run_button.setText(self.last_run_action.text())
        self._last_run_button.setToolTip(plain_tooltip(f"Show the curves of {name}"))
        self._last_run_button.setVisible(bool(name))

    def hide_run(self) -> None:
        """Hide the curves and messages of a run. Called if its document is not the current one."""
        self._chart_stack.setCurrentIndex(0)
        self.diagnostics.clear()
        self.resume_button.hide()
        self._side.hide()

    def restore_run(self, curves: Curves) -> None:
        """Undo `hide_run`: show the curves of the run, its messages and its warnings."""
        self._side.show()
        self.show_curves(curves)
        self._show_notes()

    def show_new_run(self, title: str, curves: Curves) -> None:
        """Show a new run of a document called `title`, without any events yet."""
        from app.training.charts.chart_grid import ChartGrid

        if self.charts is not None:
            self._chart_stack.removeWidget(self.charts)
            self.charts.deleteLater()
        self.view_options.reset()
        self.charts = ChartGrid(self._theme, curves, self.view_options)
        self.charts.menu_requested.connect(self._show_chart_menu)
        self._chart_stack.addWidget(self.charts)
        self._chart_stack.setCurrentIndex(0)
        self._title = title
        self._heading.set_text(title)
        self._heading.show()
        self._side.show()
        self.loss_table.hide()
        self.diagnostics.clear()
        self._warnings, self._messages = [], []
        self._split_label.hide()
        self._checkpoint_label.hide()
        self.revert_button.hide()
        self.resume_button.hide()
        self.run_button.hide()
        self.log_button.hide()

    def set_run(self, run: Path, title: str = "") -> None:
        """Set the run folder, and the document title in the heading; `title` "" keeps the title."""
        self._run, self._title = run, title or self._title
        self._heading.set_text(f"{self._title}  \N{MIDDLE DOT}  {run.name}", str(run))

    def show_curves(self, curves: Curves) -> None:
        """Update charts and loss table from the curves."""
        if curves.started is None or self.charts is None:
            return
        if self._chart_stack.currentWidget() is not self.charts:
            self._chart_stack.setCurrentWidget(self.charts)
        self.charts.refresh()
        self.charts.show_latest_values()
        split = curves.started.split
        started = curves.started
        devices = f"{started.device_text}. " if started and started.processes > 1 else ""
        self._split_label.set_text(devices + (to_sentence(split) if split else ""))
        self._split_label.setVisible(bool(devices or split))
        self.loss_table.show_losses(curves)
        self.loss_table.show()
        self.run_button.show()

    def add_warnings(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Add warnings of the running training."""
        self._warnings += [found for found in diagnostics if found not in self._warnings]
        self._show_notes()

    def remove_warnings(self, code: str, nodes: Collection[str]) -> None:
        """Remove the warnings with this code about these nodes, which no longer hold."""
        self._warnings = [
            each for each in self._warnings if each.code != code or each.node not in nodes
        ]
        self._show_notes()

    def add_message(self, kind: str, text: str) -> None:
        """Add a message about a request to change a setting of the running training.

        `kind` is "ok" if the request was applied, "error" if it was rejected.
        """
        self._messages = [*self._messages, (kind, text)][-_MAX_MESSAGES:]
        self._show_notes()

    def show_revert_button(self, setting: str, change: str) -> None:
        """Show a button to revert the last `change` of a `setting`; "" hides the button."""
        self.revert_button.setText(f"Revert {setting}".replace("&", "&&"))
        self.revert_button.setToolTip(plain_tooltip(f"Undo the change: {change}"))
        self.revert_button.setVisible(bool(setting))

    def show_checkpoint(self, event: CheckpointSaved) -> None:
        """Show step and size of the last checkpoint."""
        size = f", {format_bytes(event.bytes)}" if event.bytes else ""
        self._checkpoint_label.set_text(f"Saved at step {event.step:,}{size}")
        self._checkpoint_label.show()

    def clear_outcome(self) -> None:
        """Remove the note, errors and buttons that show how a run ended, before it is resumed."""
        self.resume_button.hide()
        self.log_button.hide()
        self._show_notes()

    def show_resume_button(self, text: str) -> None:
        """Show the note `text`, and a button to resume a run that ended before its last epoch."""
        self.diagnostics.add_note("info", text)
        self.resume_button.show()

    def _show_notes(self) -> None:
        self.diagnostics.clear()
        for kind, text in reversed(self._messages):
            self.diagnostics.add_note(kind, text)
        self.diagnostics.add_diagnostics(self._warnings)

    def show_outcome(self, outcome: TrainingOutcome, run: Path | None, log: Path | None) -> None:
        """Show the outcome of a run, with buttons for its folder `run` and its log file `log`."""
        heading = _HEADINGS.get(outcome.kind, "") if outcome.diagnostics else ""
        self.diagnostics.clear()
        self.diagnostics.add_note(_NOTE_KINDS[outcome.kind], heading or outcome.text)
        self.diagnostics.add_diagnostics(outcome.diagnostics)
        self.diagnostics.add_diagnostics(self._warnings)
        self.revert_button.hide()
        self._run, self._log_file = run, log
        has_folder = run is not None and run.exists()
        if not has_folder:
            self._heading.set_text(self._title)
        self.run_button.setToolTip(plain_tooltip(str(run or "")))
        self.log_button.setToolTip(plain_tooltip(str(log or "")))
        self.run_button.setVisible(has_folder)
        self.log_button.setVisible(log is not None)

    def chart_specs(self) -> list[ChartSpec]:
        """Return the specs of all charts."""
        return [chart.spec for chart in self.charts.charts] if self.charts else []

    def _show_chart_menu(self, score: str, position: QPoint) -> None:
        spec = next(spec for spec in self.chart_specs() if spec.score == score)
        open_chart_menu(self, self.view_options, spec, position, self.export_requested.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the side panel next to the charts, or below them in a narrow window."""
        super().resizeEvent(event)
        is_wide = self.width() >= _HORIZONTAL_WIDTH
        orientation = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if orientation != self._splitter.orientation():
            sizes = [self.width() - _SIDE_WIDTH, _SIDE_WIDTH]
            self._splitter.setOrientation(orientation)
            self._splitter.setSizes(sizes if is_wide else [_SIDE_WIDTH, _SIDE_WIDTH // 2])

    def _open_run_folder(self) -> None:
        self._open("Run folder:", self._run)

    def _open_log(self) -> None:
        self._open("Log file:", self._log_file)

    def _open(self, prefix: str, path: Path | None) -> None:
        """Open a file or folder, and show its path as a message after `prefix`.

        Why the message: Qt may not report a failure to open files.
        """
        if path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
            self.message_posted.emit(f"{prefix} {path}")
