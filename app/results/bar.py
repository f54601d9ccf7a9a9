"""The line above the results: which run, which evaluation, and a new one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QPushButton, QWidget

from app import icons
from app.controls.choice import Choice
from app.controls.elided import Elided
from app.results.evaluation import WEIGHTS, Rows, sides
from app.results.words import name_of, rows_of
from app.theme import Theme
from app.words import counted
from engine.runs.results import Results

_PROGRESS = 140  # pixels
_SIDES = {"train": "Training rows", "validation": "Validation rows", "test": "Test rows"}


class ResultsBar(QWidget):
    """What is evaluated, and how far that is.

    Signals:
        shown_changed: another evaluation was chosen; its place among those that are kept.
        evaluate_asked: `Rows` that are to be scored.
        file_asked: rows of a file are to be scored.
        cancel_asked: the evaluation that runs is not wanted any more.
        report_asked: the report page is wanted.
    """

    shown_changed = Signal(int)
    evaluate_asked = Signal(Rows)
    file_asked = Signal()
    cancel_asked = Signal()
    report_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._run: Path | None = None
        self._weights = "final"
        self._name = Elided()
        self._name.setProperty("role", "heading")
        self.kept = Choice()
        self.kept.setAccessibleName("Evaluation that is shown")
        self.kept.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.kept.activated.connect(self.shown_changed)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.evaluate_button = QPushButton(icons.icon(theme, "play"), "Evaluate")
        self.evaluate_button.setToolTip("Score rows of this run, or of a file")
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

    def show_run(self, run: Path) -> None:
        """Say which run it is."""
        self._run = run
        self._name.set_text(run.name, str(run))

    def show_kept(self, kept: Sequence[Results], at: int) -> None:
        """List the evaluations that are kept."""
        with QSignalBlocker(self.kept):
            self.kept.clear()
            for each in kept:
                self.kept.add(name_of(each), each.name, rows_of(each))
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
        """Which weights are evaluated."""
        return self._weights

    def usual(self) -> Rows | None:
        """Answer the rows that say most about others, None if the run has kept none apart."""
        found = [] if self._run is None else sides(self._run)
        return found[0] if found else None

    def _fill(self) -> None:
        self.menu.clear()
        for rows in [] if self._run is None else sides(self._run):
            text = f"{_SIDES[rows.split]}  ({counted(rows.count, 'row')})"
            self.menu.addAction(text, partial(self.evaluate_asked.emit, rows))
        self.menu.addAction("Rows of a file…", self.file_asked.emit)
        self.menu.addSeparator()
        group = QActionGroup(self.menu)
        for name, text in WEIGHTS.items():
            action = QAction(text, group, checkable=True, checked=name == self._weights)
            action.triggered.connect(partial(self._set_weights, name))
            self.menu.addAction(action)

    def _set_weights(self, name: str) -> None:
        self._weights = name
