"""The toolbar of the results panel: the run, the list of evaluations, the Evaluate menu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.controls.display.elided_label import ElidedLabel
from app.controls.display.progress_bar import ProgressBar
from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import row_layout
from app.results.evaluation.checkpoint_choice import CheckpointChoice, available_weights
from app.results.evaluation.evaluation import RowSource, available_splits
from app.results.phrases import evaluation_title, rows_description
from app.theme import icons
from app.theme.theme import Theme
from engine.core.formatting.counts import count_noun
from engine.graph.model import Project
from engine.runs.evaluation import EvaluationRecord

_PROGRESS = 140  # width in pixels
_SPLIT_NOUNS = {
    "test": ("test row", "held out"),
    "validation": ("validation row", "used to choose the best epoch"),
    "train": ("training row", "used for training"),
}


class ResultsToolbar(QWidget):
    """A toolbar to select and start evaluations, with a progress bar.

    Signals:
        evaluation_selected: the index of the evaluation that the user selected.
        evaluate_requested: the training, validation or test rows that the user wants to evaluate.
        weights_changed: the user selected other weights of the run for the next evaluation.
        file_requested: the user asks to choose a file to evaluate.
        cancel_requested: the user cancels the evaluation in progress.
        report_requested: the user asks for an HTML report.
    """

    evaluation_selected = Signal(int)
    evaluate_requested = Signal(RowSource)
    weights_changed = Signal()
    file_requested = Signal()
    cancel_requested = Signal()
    report_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._run: Path | None = None
        self._choice = CheckpointChoice("final", "")
        self._selected_name = ""  # name of the weights that the user has selected
        self._choices: list[CheckpointChoice] = []
        self._name = ElidedLabel(role="heading")
        self.evaluation_box = ComboBox()
        self.evaluation_box.setAccessibleName("Displayed evaluation")
        self.evaluation_box.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
        self.evaluation_box.activated.connect(self.evaluation_selected)
        self.menu = QMenu(self, aboutToShow=self._fill_menu)
        self.evaluate_button = QPushButton(icons.icon(theme, "play"), "Evaluate")
        self.evaluate_button.setToolTip("Evaluate: choose rows and weights")
        self.evaluate_button.setMenu(self.menu)
        self._progress = ProgressBar(theme)
        self._progress.setFixedWidth(_PROGRESS)
        self._progress.setAccessibleName("Evaluated rows")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.report_button = QPushButton(icons.icon(theme, "file"), "Report…")
        self.report_button.setToolTip("Export an HTML report of the run")
        self.report_button.clicked.connect(self.report_requested)
        evaluation = (self._name, self.evaluation_box, self.evaluate_button)
        progress = (self._progress, self.cancel_button)
        row_layout(*evaluation, *progress, None, self.report_button, parent=self, spacing=8)
        self.show_progress(-1, 0)

    def set_run(self, run: Path, project: Project | None) -> None:
        """Set the run and its project, which is None if the graph of the run can't be read."""
        # A default of a run in progress, such as the latest checkpoint, is not kept at its end.
        self._selected_name = self._selected_name if run == self._run else ""
        self._run = run
        self._name.set_text(run.name, str(run))
        self._choices = available_weights(run, project)
        matching = (choice for choice in self._choices if choice.name == self._selected_name)
        self._choice = next(matching, self._choices[0])

    def set_evaluations(self, evaluations: Sequence[EvaluationRecord], index: int) -> None:
        """Set the saved evaluations, and the index of the displayed one (-1 if there is none)."""
        with QSignalBlocker(self.evaluation_box):
            self.evaluation_box.clear()
            for evaluation in evaluations:
                tooltip = f"{rows_description(evaluation)}, {evaluation.weights_description}"
                self.evaluation_box.add_item(evaluation_title(evaluation), evaluation.name, tooltip)
            self.evaluation_box.setCurrentIndex(index)
        self.evaluation_box.setVisible(bool(evaluations))

    def show_progress(self, done: int, total: int) -> None:
        """Show that `done` of `total` rows are evaluated.

        `done` is -1 if no evaluation is running. Both are 0 while the evaluation reads the data.
        """
        is_busy = done >= 0
        self._progress.setVisible(is_busy)
        self.cancel_button.setVisible(is_busy)
        self.evaluate_button.setVisible(not is_busy)
        self._progress.show_steps(max(done, 0), total if is_busy else 1)
        self._progress.setFormat("%p %" if total else "Reading…")

    @property
    def weights_name(self) -> str:
        """The name of the selected weights: final, best or last."""
        return self._choice.name

    @property
    def weights_choices(self) -> Sequence[CheckpointChoice]:
        """The weights that the run has saved, the default first."""
        return self._choices

    @property
    def default_weights(self) -> CheckpointChoice:
        """The weights that are used unless the user selects others."""
        return self._choices[0] if self._choices else self._choice

    @property
    def evaluate_hint(self) -> str:
        """A sentence that names the weights and rows that the Evaluate button evaluates."""
        rows = self.default_rows()
        described = "a data file" if rows is None else _describe(rows)
        return f"Evaluates {self._choice.text} on {described}."

    def default_rows(self) -> RowSource | None:
        """Return the first of test, validation and train that has rows; None if all are empty."""
        splits = [] if self._run is None else available_splits(self._run)
        return splits[0] if splits else None

    def _fill_menu(self) -> None:
        self.menu.clear()
        for rows in [] if self._run is None else available_splits(self._run):
            text = f"Evaluate {_describe(rows)}"
            self.menu.addAction(text, partial(self.evaluate_requested.emit, rows))
        self.menu.addAction("Evaluate a data file…", self.file_requested.emit)
        self.menu.addSeparator()
        group = QActionGroup(self.menu)
        for choice in self._choices:
            checked = choice == self._choice
            action = QAction(f"Use {choice.text}", group, checkable=True, checked=checked)
            action.triggered.connect(partial(self._select_weights, choice))
            self.menu.addAction(action)

    def _select_weights(self, weights: CheckpointChoice) -> None:
        self._choice = weights
        self._selected_name = weights.name
        self.weights_changed.emit()


def _describe(rows: RowSource) -> str:
    """Return a text with the number of rows and how the training run used these rows."""
    noun, role = _SPLIT_NOUNS[rows.split]
    return f"{count_noun(rows.count, noun)} ({role})"
