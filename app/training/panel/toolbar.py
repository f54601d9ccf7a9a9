"""The top of the training panel: data, orders to a run, what can be turned, and how far it is."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSignalBlocker, QSize, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.controls.display.elided_label import Elided
from app.documents.workspace import Workspace
from app.text.phrases import plain_tip
from app.theme.theme import icons
from app.theme.theme.style import set_property
from app.theme.theme.theme import Theme
from app.training.charts.chart_grid.view_menu import ViewButton
from app.training.data.data_chooser.data_chooser import DataChooser
from app.training.panel.panel.epochs_field import EpochsField
from app.training.panel.panel.live_fields import Dials
from app.training.panel.panel.run_view import Results

State = Literal["idle", "starting", "running", "paused", "stopping"]
TURNABLE: tuple[State, ...] = ("running", "paused")  # of a run that takes requests
_PARTS = 1000  # of the progress bar
_LEAST, _ICONS, _WIDE = 380, 460, 740  # pixels; icons and all in one row from where on
_NEWEST = (("Whole run", 0), ("Last 1,000 steps", 1000), ("Last 100 steps", 100))


class TrainingBar(QWidget):
    """Takes orders and shows progress; it decides nothing.

    Signals:
        epochs_changed: other epochs were typed, or what can't be read.
        train_asked, resume_asked, pause_asked, stop_asked, restart_asked, save_asked: a button
            was pressed.
    """

    epochs_changed = Signal()
    train_asked = Signal()
    resume_asked = Signal()
    pause_asked = Signal()
    stop_asked = Signal()
    restart_asked = Signal()
    save_asked = Signal()

    def __init__(
        self, workspace: Workspace, theme: Theme, results: Results, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state: State = "idle"
        self._why_not_again = self._resumes = ""
        self.chooser = DataChooser(workspace, theme)
        self.train_button = self._make_button("Train", "train", "play", self.train_asked)
        self.train_button.setProperty("role", "primary")
        self.train_button.setIcon(icons.icon(theme, "play", "on_accent"))
        self.resume_button = self._make_button("Continue", "resume", "play", self.resume_asked)
        self.pause_button = self._make_button("Pause", "pause", "pause", self.pause_asked)
        self.stop_button = self._make_button("Stop", "stop", "stop", self.stop_asked)
        self.restart_button = self._make_button("Restart", "restart", "refresh", self.restart_asked)
        self.restart_button.setToolTip(
            "Stop this run, and train the network as it is drawn now anew, from new weights"
        )
        self.save_button = self._make_button("Save now", "save", "save", self.save_asked)
        self.save_button.setToolTip("Save a checkpoint after this step; the run goes on")
        self.dials = Dials()
        self.epochs = EpochsField(workspace)
        self.epochs.setFixedWidth(96)
        self.epochs.committed.connect(self._on_epochs_typed)
        self.epochs.rejected.connect(self._on_epochs_typed)
        self._progress = QProgressBar(maximum=_PARTS, textVisible=False)
        self._progress.setFixedHeight(6)
        self._progress.setAccessibleName("Progress of the training")
        self._status = Elided()
        self._status.setObjectName("training-status")
        self._view = results.view
        self._extent = QComboBox()
        self._extent.setAccessibleName("Steps to show")
        self._extent.setToolTip("How much of the run the curves show; drag over a curve to zoom")
        self._extent.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._extent.activated.connect(self._on_extent_chosen)
        self._view.changed.connect(self._show_extent)
        self.view_button = ViewButton(theme, results.view, results.subjects)
        self.view_button.export_asked.connect(results.export_asked)
        self._show_extent()
        self._lay_out()
        self.show_looks(False)
        self.show_state("idle", "")
        self.offer_resume("")

    def _make_button(
        self, text: str, name: str, icon: str, signal: SignalInstance[tuple[()]]
    ) -> QPushButton:
        button = QPushButton(icons.icon(self._theme, icon), text)
        button.setObjectName(f"training-{name}")
        button.setIconSize(QSize(16, 16))
        button.clicked.connect(signal)
        return button

    def _lay_out(self) -> None:
        self._epochs_label = QLabel("Epochs")
        self._epochs_label.setBuddy(self.epochs)
        orders = QHBoxLayout()
        orders.setSpacing(6)
        self._first = _in_one_place(self.train_button, self.restart_button)
        self._second = _in_one_place(self.pause_button, self.resume_button)
        for widget in (
            self._first, self._second, self.stop_button, self.save_button,
            self._epochs_label, self.epochs,
        ):  # fmt: skip
            orders.addWidget(widget)
        orders.addStretch(1)
        self._orders, self._data = orders, QHBoxLayout()
        looks = QHBoxLayout()
        looks.setSpacing(8)
        looks.addWidget(self._status, 1)
        looks.addWidget(self._extent)
        looks.addWidget(self.view_button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.addLayout(orders)
        rows.addLayout(self._data)
        rows.addLayout(looks)
        rows.addWidget(self._progress)
        self._data.addWidget(self.chooser)
        self._data.addWidget(self.dials)
        # Less than what stands in a row: where that does not fit, the data has a row of its own.
        self.setMinimumWidth(_LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put data and dials beside the orders, or below them where there is no room."""
        super().resizeEvent(event)
        roomy = self.width() >= _ICONS
        self._orders.setSpacing(6 if roomy else 3)
        for button in (
            self.train_button, self.restart_button, self.pause_button, self.resume_button,
            self.stop_button, self.save_button,
        ):  # fmt: skip
            button.setIconSize(QSize(16 if roomy else 0, 16))
        home = self._orders if self.width() >= _WIDE else self._data
        if home.indexOf(self.chooser) < 0:
            other = self._data if home is self._orders else self._orders
            for widget in (self.chooser, self.dials):
                other.removeWidget(widget)
                home.addWidget(widget, 100)

    @property
    def problem(self) -> str:
        """What is wrong with the epochs that were typed, "" if nothing is."""
        return f"Epochs: {self.epochs.problem}" if self.epochs.invalid else ""

    def refresh(self, why_not: str, why_not_again: str, lacks_data: bool = False) -> None:
        """Show the document in front, and whether it can be trained.

        Args:
            why_not: why it can't be trained now.
            why_not_again: why it couldn't be trained even if no training ran.
            lacks_data: data is all that is missing, and Train asks for it.
        """
        self.chooser.refresh()
        self._why_not_again = why_not_again
        self.restart_button.setEnabled(self._state in TURNABLE and not why_not_again)
        self.train_button.setEnabled(not why_not or lacks_data)
        self.train_button.setToolTip(plain_tip(why_not) or "Train the network as it is drawn now")

    def show_looks(self, shown: bool) -> None:
        """Offer other looks of the curves, where there are any."""
        self._extent.setVisible(shown)
        self.view_button.setVisible(shown)

    def show_state(self, state: State, text: str) -> None:
        """Show whether a training runs, and a line about it."""
        before, self._state = self._state, state
        going, obeys = state != "idle", state in TURNABLE
        for button in (self.stop_button, self.save_button):
            button.setVisible(going)
        for widget in (self._epochs_label, self.epochs):
            widget.setVisible(not going)
        self._first.setCurrentWidget(self.restart_button if going else self.train_button)
        self._show_resume()
        for button in (self.pause_button, self.save_button):
            button.setEnabled(obeys)
        # Not while it starts: it stands where Train was pressed, perhaps twice.
        self.restart_button.setEnabled(obeys and not self._why_not_again)
        self.dials.setVisible(obeys)
        self.chooser.setVisible(not obeys)  # a run keeps its data
        self._name_orders(state)
        self._progress.setVisible(going)
        self.say(text)
        if going and before == "idle":
            self._progress.setMaximum(0 if not self._theme.reduced_motion else _PARTS)
            self._progress.setValue(0)

    def _name_orders(self, state: State) -> None:
        """Say what a press of a button would do now."""
        paused, stopping = state == "paused", state == "stopping"
        self.pause_button.setText("Continue" if paused else "Pause")
        self.pause_button.setIcon(icons.icon(self._theme, "play" if paused else "pause"))
        tip = "Go on with the next step" if paused else "Finish this step, and wait"
        self.pause_button.setToolTip(tip)
        self.stop_button.setText("Stop now…" if stopping else "Stop")
        tip = "End it at once, without saving" if stopping else "Finish this step, save, and stop"
        self.stop_button.setToolTip(tip)

    def offer_resume(self, run: str) -> None:
        """Offer to go on with a run that has ended; "" offers nothing."""
        self._resumes = run
        self._show_resume()
        self.resume_button.setToolTip(
            plain_tip(f"Go on with {run} where it was last saved, with the weights that it has")
        )

    def _show_resume(self) -> None:
        resumes = self._resumes and self._state == "idle"
        self._second.setCurrentWidget(self.resume_button if resumes else self.pause_button)

    @property
    def state(self) -> State:
        """What is shown."""
        return self._state

    def show_progress(self, share: float, text: str) -> None:
        """Show how far the training is."""
        self._progress.setMaximum(_PARTS)
        self._progress.setValue(round(share * _PARTS))
        lead = {"stopping": "Stopping after this step...", "paused": "Paused"}.get(self._state)
        if lead:
            text = f"{lead}  \N{MIDDLE DOT}  {text}"
        if text:
            self.say(text)

    def say(self, text: str) -> None:
        """Say how it goes."""
        self._tell(text, "dim")

    def show_trouble(self, text: str) -> None:
        """Say what is not as it should be."""
        self._tell(text, "error")

    def _tell(self, text: str, role: str) -> None:
        self._status.set_text(text)
        set_property(self._status, "role", role)

    def _on_epochs_typed(self) -> None:
        self.epochs_changed.emit()

    def _show_extent(self) -> None:
        """Show which part of the run is in sight."""
        look = self._view.look
        with QSignalBlocker(self._extent):
            self._extent.clear()
            for text, steps in _NEWEST:
                self._extent.addItem(text, steps)
            if look.zoom is not None:
                first, last = look.zoom
                self._extent.addItem(f"Steps {first:,} to {last:,}", None)
                self._extent.setCurrentIndex(self._extent.count() - 1)
            else:
                self._extent.setCurrentIndex(self._extent.findData(look.newest))
        self._extent.setToolTip(
            f"{self._extent.currentText()}. Drag over a curve to zoom, double-click it to go back"
        )

    def _on_extent_chosen(self) -> None:
        steps = self._extent.currentData()
        if steps is not None:
            self._view.set(newest=int(steps), zoom=None)


def _in_one_place(*buttons: QPushButton) -> QStackedWidget:
    """Return a place as wide as the widest of some buttons, so that none beside it ever moves."""
    place = QStackedWidget()
    place.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    for button in buttons:
        place.addWidget(button)
    return place
