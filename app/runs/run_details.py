"""The details next to the run table: curves, the comparison of two runs, and a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QTabWidget,
    QWidget,
)

from app.controls import EmptyState
from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import column_layout, page_stack, row_layout
from app.runs.note_edit import NoteEdit
from app.runs.run_diff import RunDiffTree
from app.text.phrases import to_sentence
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.runs.comparison.run_comparison import RunComparison
from engine.runs.comparison.run_table import RunEntry
from engine.runs.comparison.score_summary import score_title

if TYPE_CHECKING:
    from app.runs.score_chart import ScoreChart

CURVES, COMPARE, NOTE = range(3)
_MAX_CURVES = 100


class RunDetails(QTabWidget):
    """Tabs with the details of the selected runs.

    Signals:
        canvas_requested: the user requests a `RunComparison` on the canvas.
    """

    canvas_requested = Signal(RunComparison)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.chart: ScoreChart | None = None  # until the curves are first shown
        self._entries: Sequence[RunEntry] = ()
        self.tabBar().setAccessibleName("Details of the selected runs")
        self.setDocumentMode(True)
        self.split_label = ElidedLabel(role="dim")
        self.score = QComboBox(accessibleName="Score to draw", toolTip="The score to draw")
        self.score.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.score.currentIndexChanged.connect(self._draw)
        self.log = QCheckBox("Log scale", toggled=self._draw)
        self.diff_tree = RunDiffTree(theme)
        self.note = NoteEdit()
        self.canvas_button = QPushButton(icons.icon(theme, "layers"), "Show on the canvas")
        tip = "Open the second run's graph, with frames around added and changed nodes"
        self.canvas_button.setToolTip(tip)
        self.canvas_button.clicked.connect(self._on_canvas_clicked)
        self._no_comparison = EmptyState(
            theme, "table", "Nothing to compare yet", "Select two runs in the table."
        )
        self.addTab(self._make_curves_page(), "Curves")
        self.addTab(self._make_comparison_page(), "Compare")
        self.addTab(self.note, "Note")
        self.setCornerWidget(self.canvas_button)
        self.currentChanged.connect(self._on_page_changed)
        self._comparison_pages.currentChanged.connect(self._on_page_changed)
        self._on_page_changed()

    def _make_curves_page(self) -> QWidget:
        page = QWidget()
        label = QLabel("Score")
        label.setBuddy(self.score)
        line = row_layout(label, self.score, self.log, None, spacing=8)
        self._curves_layout = column_layout(
            line, self.split_label, parent=page, margins=(0, 8, 0, 0)
        )
        return page

    def _make_comparison_page(self) -> QWidget:
        page = QWidget()
        column_layout(self.diff_tree, parent=page, margins=(0, 8, 0, 0))
        self._comparison_pages = page_stack(self._no_comparison, page)
        return self._comparison_pages

    def show_runs(self, entries: Sequence[RunEntry]) -> None:
        """Draw the curves of runs, and offer the scores of these runs for selection."""
        self._entries = entries[:_MAX_CURVES]
        self.split_label.set_text(split_of(self._entries))
        self.split_label.setVisible(bool(self.split_label.text()))
        scores = dict.fromkeys(name for entry in self._entries for name in entry.scores)
        ordered = sorted(scores, key=lambda score: score != "loss")  # the total loss first
        heads = [head for entry in self._entries for head in entry.state.outputs]
        named = {score_title(heads, score): score for score in ordered}
        if list(named) != [self.score.itemText(index) for index in range(self.score.count())]:
            previous = self.score.currentData()
            with QSignalBlocker(self.score):
                self.score.clear()
                for text, score in named.items():
                    self.score.addItem(text, score)
                self.score.setCurrentIndex(max(0, self.score.findData(previous)))
        self._draw()

    def show_comparison(self, result: object) -> None:
        """Show a `RunComparison` of two runs, or the error why they can't be compared."""
        if isinstance(result, RunComparison):
            self.diff_tree.show_comparison(result)
            self._comparison_pages.setCurrentIndex(1)
        else:
            error = result if isinstance(result, DiagnosticError) else None
            why = error.diagnostics[0].message if error else str(result)
            self.show_message("These runs can't be compared", to_sentence(why))

    def show_message(self, title: str, text: str) -> None:
        """Show a message in place of the comparison."""
        self._no_comparison.set_message(title, text)
        self._comparison_pages.setCurrentIndex(0)

    def _on_page_changed(self) -> None:
        is_compared = self._comparison_pages.currentIndex() == 1
        self.canvas_button.setVisible(self.currentIndex() == COMPARE and is_compared)
        self._draw()

    def _draw(self) -> None:
        if self.currentIndex() != CURVES or not self.isVisible():
            return
        if self.chart is None:
            if not self._entries:
                return
            from app.runs.score_chart import ScoreChart

            self.chart = ScoreChart(self._theme)
            self._curves_layout.addWidget(self.chart, 1)
        self.chart.show_runs(self._entries, self.score.currentData() or "", self.log.isChecked())

    def _on_canvas_clicked(self) -> None:
        if self.diff_tree.comparison is not None:
            self.canvas_requested.emit(self.diff_tree.comparison)


def split_of(entries: Sequence[RunEntry]) -> str:
    """Return a sentence about how the runs split their rows, "" if unknown."""
    splits = dict.fromkeys(entry.split for entry in entries)
    if len(splits) > 1:
        return "These runs split their rows in different ways, which also affects their scores."
    return to_sentence(next(iter(splits))) if any(splits) else ""
