"""Tool bar of the training panel: data, run buttons, live settings, progress and status."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from app.controls import NumberEdit
from app.controls.display.elided_label import ElidedLabel
from app.controls.display.progress_bar import ProgressBar
from app.controls.layout.boxes import column_layout, page_stack, row_layout
from app.documents.workspace import Workspace
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.style import set_property
from app.theme.theme import Theme
from app.training.charts.view_menu import ViewButton
from app.training.panel.data_chooser import DataChooser
from app.training.panel.live_fields import LiveFields
from app.training.panel.run_view import RunView
from app.training.panel.start_fields import DevicesField, EpochsField

TrainingState = Literal["idle", "starting", "running", "paused", "stopping"]
# The states in which a run accepts control requests.
LIVE_STATES: tuple[TrainingState, ...] = ("running", "paused")
_PROGRESS_STEPS = 1000
# The minimum width, and those for icons on buttons, for devices next to epochs, and for a single
# row, in pixels.
_MIN_WIDTH, _ICON_WIDTH, _DEVICES_WIDTH, _SINGLE_ROW_WIDTH = 380, 460, 540, 740
_EXTENTS = (("Whole run", 0), ("Last 1,000 steps", 1000), ("Last 100 steps", 100))


class TrainingToolbar(QWidget):
    """Buttons, fields and progress of a training run."""

    def __init__(self, workspace: Workspace, theme: Theme, run_view: RunView) -> None:
        super().__init__(accessibleName="Training controls")
        self._theme = theme
        self.state: TrainingState = "idle"
        self._restart_disabled_reason = self._resumable_run = ""
        self._buttons: list[QPushButton] = []
        self.chooser = DataChooser(workspace, theme)
        self.train_button = self._make_button("Train", "train", "play")
        self.train_button.setProperty("role", "primary")
        self.train_button.setIcon(icons.icon(theme, "play", "on_accent"))
        self.resume_button = self._make_button("Resume", "resume", "play")
        self.pause_button = self._make_button("Pause", "pause", "pause")
        self.stop_button = self._make_button("Stop", "stop", "stop")
        self.restart_button = self._make_button("Restart", "restart", "refresh")
        self.restart_button.setToolTip(
            "Stop this run, then train the current network from scratch, with new weights"
        )
        self.save_button = self._make_button("Save now", "save", "save")
        self.save_button.setToolTip("Save a checkpoint after this step; training continues")
        self.live_fields = LiveFields()
        self.epochs = EpochsField(workspace)
        self.epochs.setFixedWidth(80)
        self.devices = DevicesField(workspace)
        self.devices.setFixedWidth(64)
        self._progress = ProgressBar(theme, textVisible=False)
        self._progress.setFixedHeight(6)
        self._progress.setAccessibleName("Training progress")
        self._status = ElidedLabel()
        self._status.setObjectName("training-status")
        self._options = run_view.view_options
        self._extent = QComboBox(accessibleName="Steps to show", activated=self._on_extent_chosen)
        self._extent.setToolTip("How much of the run the curves show; drag over a curve to zoom")
        self._extent.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._options.changed.connect(self._show_extent)
        self.view_button = ViewButton(theme, run_view.view_options, run_view.chart_specs)
        self.view_button.export_requested.connect(run_view.export_requested)
        self._show_extent()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._create_layout()
        self.show_view_controls(False)
        self.show_state("idle", "")
        self.set_resumable_run("")

    def _make_button(self, text: str, name: str, icon: str) -> QPushButton:
        button = QPushButton(icons.icon(self._theme, icon), text, objectName=f"training-{name}")
        button.setIconSize(QSize(16, 16))
        self._buttons.append(button)
        return button

    def _create_layout(self) -> None:
        self._epochs_label = QLabel("Epochs")
        self._epochs_label.setBuddy(self.epochs)
        self._train_stack = _stack_of(self.train_button, self.restart_button)
        self._pause_stack = _stack_of(self.pause_button, self.resume_button)
        buttons = (self._train_stack, self._pause_stack, self.stop_button, self.save_button)
        self._devices_box = QWidget()
        row_layout(self.devices.label, self.devices, parent=self._devices_box, spacing=6)
        self._devices_box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._button_row = row_layout(*buttons, self._epochs_label, self.epochs, None, spacing=6)
        self._data_row = row_layout(self.chooser, self.live_fields, self._devices_box, spacing=6)
        status = self._status
        view_row = row_layout(status, self._extent, self.view_button, spacing=8, stretch=status)
        rows = (self._button_row, self._data_row, view_row, self._progress)
        column_layout(*rows, parent=self, spacing=6)
        # Less than the width of a single row: in a narrow panel, the data has its own row.
        self.setMinimumWidth(_MIN_WIDTH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place data, live settings and devices next to the buttons, or below for lack of space."""
        super().resizeEvent(event)
        has_icons = self.width() >= _ICON_WIDTH
        self._button_row.setSpacing(6 if has_icons else 3)
        for button in self._buttons:
            button.setIconSize(QSize(16 if has_icons else 0, 16))
        target_row = self._button_row if self.width() >= _SINGLE_ROW_WIDTH else self._data_row
        if target_row.indexOf(self.chooser) < 0:
            source_row = self._data_row if target_row is self._button_row else self._button_row
            for widget in (self.chooser, self.live_fields):
                source_row.removeWidget(widget)
                target_row.addWidget(widget, 100)
        is_wide = self.width() >= _DEVICES_WIDTH
        row = self._button_row if is_wide else self._data_row
        if row.indexOf(self._devices_box) < 0:
            (self._data_row if is_wide else self._button_row).removeWidget(self._devices_box)
            row.insertWidget(row.indexOf(self.epochs) + 1 or -1, self._devices_box)

    @property
    def field_problem(self) -> str:
        """The reason why the text of a field is invalid, "" if all are valid."""
        fields: tuple[NumberEdit, ...] = (self.epochs, self.devices)
        problems = (
            f"{each.accessibleName()}: {each.problem}" for each in fields if each.is_invalid
        )
        return next(problems, "")

    def refresh(
        self, disabled_reason: str, restart_disabled_reason: str, needs_data: bool = False
    ) -> None:
        """Show the data of the current document, and whether it can be trained.

        Args:
            disabled_reason: why the document can't be trained now, "" if it can.
            restart_disabled_reason: why the document could not be trained even if no run were in
                progress.
            needs_data: whether only data is missing; Train then stays enabled and asks for data.
        """
        self.chooser.refresh()
        self._restart_disabled_reason = restart_disabled_reason
        self.restart_button.setEnabled(self.state in LIVE_STATES and not restart_disabled_reason)
        self.train_button.setEnabled(not disabled_reason or needs_data)
        self.train_button.setToolTip(plain_tooltip(disabled_reason) or "Train the current network")

    def show_view_controls(self, visible: bool) -> None:
        """Show or hide the controls that change how the curves are displayed."""
        self._extent.setVisible(visible)
        self.view_button.setVisible(visible)

    def show_state(self, state: TrainingState, text: str) -> None:
        """Show the state of the training and a status text."""
        was_active, self.state = self.state != "idle", state
        is_active, is_live = state != "idle", state in LIVE_STATES
        # Qt would move the focus of a field that is hidden to the next field, a live setting.
        focus = self.focusWidget()
        if focus is not None and focus.hasFocus() and is_active != was_active:
            self.setFocus()
        for button in (self.stop_button, self.save_button):
            button.setVisible(is_active)
        for widget in (self._epochs_label, self.epochs, self._devices_box):
            widget.setVisible(not is_active)
        self._train_stack.setCurrentWidget(self.restart_button if is_active else self.train_button)
        self._show_resume()
        for button in (self.pause_button, self.save_button):
            button.setEnabled(is_live)
        # Restart is disabled while starting: it replaces Train, which may be double-clicked.
        self.restart_button.setEnabled(is_live and not self._restart_disabled_reason)
        self.live_fields.setVisible(is_live)
        self.chooser.setVisible(not is_live)  # the data of a run is fixed
        self._update_button_texts(state)
        self._progress.setVisible(is_active)
        self.show_status(text)
        if is_active and not was_active:
            self._progress.show_steps(0, 0)

    def _update_button_texts(self, state: TrainingState) -> None:
        paused, stopping = state == "paused", state == "stopping"
        self.pause_button.setText("Continue" if paused else "Pause")
        self.pause_button.setIcon(icons.icon(self._theme, "play" if paused else "pause"))
        tooltip = "Continue with the next step" if paused else "Pause after this step"
        self.pause_button.setToolTip(tooltip)
        self.stop_button.setText("Stop now…" if stopping else "Stop")
        tooltip = "Stop at once, without saving" if stopping else "Stop after this step and save"
        self.stop_button.setToolTip(tooltip)

    def set_resumable_run(self, run_name: str) -> None:
        """Show the Resume button for the ended run `run_name`; "" hides the button."""
        self._resumable_run = run_name
        self._show_resume()
        self.resume_button.setToolTip(plain_tooltip(f"Resume {run_name} from its last checkpoint"))

    def _show_resume(self) -> None:
        can_resume = self._resumable_run and self.state == "idle"
        self._pause_stack.setCurrentWidget(self.resume_button if can_resume else self.pause_button)

    def show_progress(self, fraction: float, text: str) -> None:
        """Show the progress of the training run: a fraction from 0 to 1, and a text."""
        self._progress.show_steps(round(fraction * _PROGRESS_STEPS), _PROGRESS_STEPS)
        prefix = {"stopping": "Stopping after this step...", "paused": "Paused"}.get(self.state)
        if prefix:
            text = f"{prefix}  \N{MIDDLE DOT}  {text}"
        if text:
            self.show_status(text)

    def show_status(self, text: str) -> None:
        """Show a status text."""
        self._set_status(text, "dim")

    def show_error(self, text: str) -> None:
        """Show an error text."""
        self._set_status(text, "error")

    def _set_status(self, text: str, role: str) -> None:
        self._status.set_text(text)
        set_property(self._status, "role", role)

    def _show_extent(self) -> None:
        options = self._options.options
        with QSignalBlocker(self._extent):
            self._extent.clear()
            for text, steps in _EXTENTS:
                self._extent.addItem(text, steps)
            if options.zoom_range is not None:
                first, last = options.zoom_range
                self._extent.addItem(f"Steps {first:,} to {last:,}", None)
                self._extent.setCurrentIndex(self._extent.count() - 1)
            else:
                self._extent.setCurrentIndex(self._extent.findData(options.last_steps))
        self._extent.setToolTip(
            f"{self._extent.currentText()}. Drag over a curve to zoom; double-click it to reset"
        )

    def _on_extent_chosen(self) -> None:
        steps = self._extent.currentData()
        if steps is not None:
            self._options.update(last_steps=int(steps), zoom_range=None)


def _stack_of(*buttons: QPushButton) -> QStackedWidget:
    """Return a stack of buttons, as wide as the widest, so that switching moves nothing else."""
    stack = page_stack(*buttons)
    stack.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return stack
