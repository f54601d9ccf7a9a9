"""The line above the results: which run, which evaluation, and a new one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QPushButton, QWidget

from app.controls.display.elided_label import Elided
from app.controls.inputs.choice import Choice
from app.results.evaluation.checkpoint_choice import Weights, weights_of
from app.results.evaluation.evaluation import Rows, sides
from app.results.phrases import name_of, rows_of
from app.text.phrases import count_noun
from app.theme import icons
from app.theme.theme import Theme
from engine.graph.model import Project
from engine.runs.evaluation import Results

_PROGRESS = 140  # pixels
_SIDES = {
    "test": ("test row", "kept from the training"),
    "validation": ("validation row", "which told the best epoch"),
    "train": ("training row", "which it has learned from"),
}


class ResultsBar(QWidget):
    """What is evaluated, and how far that is.

    Signals:
        shown_changed: another evaluation was chosen; its place among those that are kept.
        evaluate_asked: `Rows` that are to be scored.
        weights_changed: other weights are to score them.
        file_asked: rows of a file are to be scored.
        cancel_asked: the evaluation that runs is not wanted any more.
        report_asked: the report page is wanted.
    """

    shown_changed = Signal(int)
    evaluate_asked = Signal(Rows)
    weights_changed = Signal()
    file_asked = Signal()
    cancel_asked = Signal()
    report_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._run: Path | None = None
        self._weights = Weights("final", "")
        self._choices: list[Weights] = []
        self._name = Elided()
        self._name.setProperty("role", "heading")
        self.kept = Choice()
        self.kept.setAccessibleName("Evaluation that is shown")
        self.kept.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.kept.activated.connect(self.shown_changed)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.evaluate_button = QPushButton(icons.icon(theme, "play"), "Evaluate")
        self.evaluate_button.setToolTip("Score rows: choose which, and with which weights")
        self.evaluate_button.setMenu(self.menu)
        self._progress = QProgressBar()
        self._progress.setFixedWidth(_PROGRESS)
        self._progress.setAccessibleName("Rows that are scored")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.cancel_asked)
        self.report_button = QPushButton(icons.icon(theme, "file"), "Report…")
        self.report_button.setToolTip("Write the run as one page that stands alone")
        self.report_button.clicked.connect(self.report_asked)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for widget in (
            self._name, self.kept, self.evaluate_button, self._progress, self.cancel_button,
        ):  # fmt: skip
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.report_button)
        self.show_progress(-1, 0)

    def show_run(self, run: Path, project: Project | None) -> None:
        """Say which run it is; its graph is None where that can't be read."""
        before = self._weights.name if run == self._run else ""
        self._run = run
        self._name.set_text(run.name, str(run))
        self._choices = weights_of(run, project)
        chosen = (each for each in self._choices if each.name == before)
        self._weights = next(chosen, self._choices[0])

    def show_kept(self, kept: Sequence[Results], at: int) -> None:
        """List the evaluations that are kept."""
        with QSignalBlocker(self.kept):
            self.kept.clear()
            for each in kept:
                tip = f"{rows_of(each)}, with {each.told_weights}"
                self.kept.add(name_of(each), each.name, tip)
            self.kept.setCurrentIndex(at)
        self.kept.setVisible(bool(kept))

    def show_progress(self, done: int, whole: int) -> None:
        """Say how far an evaluation is: -1 for none, 0 while it reads."""
        busy = done >= 0
        self._progress.setVisible(busy)
        self.cancel_button.setVisible(busy)
        self.evaluate_button.setVisible(not busy)
        self._progress.setRange(0, whole if busy else 1)
        self._progress.setValue(max(done, 0))
        self._progress.setFormat("%p %" if whole else "Reading…")

    @property
    def weights(self) -> str:
        """Which weights are evaluated, as the engine calls them."""
        return self._weights.name

    @property
    def usual_weights(self) -> Weights:
        """Those that are evaluated where nobody has chosen others."""
        return self._choices[0] if self._choices else self._weights

    @property
    def told(self) -> str:
        """What is scored where nothing else is chosen, in a sentence."""
        rows = self.usual()
        if rows is None:
            return f"Evaluate now scores the rows of a file with {self._weights.text}."
        return f"Evaluate now scores {_told(rows)}, with {self._weights.text}."

    def usual(self) -> Rows | None:
        """Return the rows that say most about others, None if the run has kept none apart."""
        found = [] if self._run is None else sides(self._run)
        return found[0] if found else None

    def _fill(self) -> None:
        """List rows, each of which begins an evaluation, and the weights it is done with."""
        self.menu.clear()
        for rows in [] if self._run is None else sides(self._run):
            self.menu.addAction(f"Score {_told(rows)}", partial(self.evaluate_asked.emit, rows))
        self.menu.addAction("Score the rows of a file…", self.file_asked.emit)
        self.menu.addSeparator()
        group = QActionGroup(self.menu)
        for each in self._choices:
            checked = each == self._weights
            action = QAction(f"With {each.text}", group, checkable=True, checked=checked)
            action.triggered.connect(partial(self._set_weights, each))
            self.menu.addAction(action)

    def _set_weights(self, weights: Weights) -> None:
        self._weights = weights
        self.weights_changed.emit()


def _told(rows: Rows) -> str:
    """Return how many rows they are, and what the training knew of them."""
    noun, known = _SIDES[rows.split]
    return f"{count_noun(rows.count, noun)}, {known}"
