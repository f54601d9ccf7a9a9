"""Beside the table: curves over one another, what differs between two runs, and a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.controls import EmptyState
from app.controls.display.elided_label import Elided
from app.runs.note import NoteEdit
from app.runs.run_diff import Difference
from app.text.phrases import to_sentence
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.runs.comparison.run_comparison import Comparison
from engine.runs.comparison.run_table import Entry
from engine.runs.comparison.score_summary import in_unit

if TYPE_CHECKING:
    from app.runs.score_chart import Overlay

CURVES, COMPARE, NOTE = range(3)
_MOST = 100  # runs that are drawn


class Detail(QTabWidget):
    """Shows more of the runs that are chosen.

    Signals:
        canvas_asked: a `Comparison` whose graphs are wanted on the canvas.
    """

    canvas_asked = Signal(Comparison)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._overlay: Overlay | None = None
        self._entries: Sequence[Entry] = ()
        self.tabBar().setAccessibleName("More of the chosen runs")
        self.setDocumentMode(True)
        self.divided = Elided()
        self.divided.setProperty("role", "dim")
        self.score = QComboBox()
        self.score.setAccessibleName("Score to draw")
        self.score.setToolTip("Which score of the runs is drawn")
        self.score.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.score.currentIndexChanged.connect(self._draw)
        self.log = QCheckBox("Log scale")
        self.log.toggled.connect(self._draw)
        self.difference = Difference(theme)
        self.note = NoteEdit()
        self.canvas_button = QPushButton(icons.icon(theme, "layers"), "Show on the canvas")
        self.canvas_button.setToolTip(
            "Open the second run's graph, with frames around what is new and what is changed"
        )
        self.canvas_button.clicked.connect(self._on_canvas_clicked)
        self._compared = QStackedWidget()
        self._unready = EmptyState(
            theme, "table", "Nothing to compare yet", "Choose two runs in the table."
        )
        self.addTab(self._make_curves(), "Curves")
        self.addTab(self._make_compared(), "Compare")
        self.addTab(self.note, "Note")
        self.currentChanged.connect(self._draw)

    def _make_curves(self) -> QWidget:
        page = QWidget()
        label = QLabel("Score")
        label.setBuddy(self.score)
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget in (label, self.score, self.log):
            line.addWidget(widget)
        line.addStretch(1)
        self._canvas = QVBoxLayout(page)
        self._canvas.setContentsMargins(0, 8, 0, 0)
        self._canvas.addLayout(line)
        self._canvas.addWidget(self.divided)
        return page

    def _make_compared(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 8, 0, 0)
        rows.addWidget(self.difference, 1)
        line = QHBoxLayout()
        line.addWidget(self.canvas_button)
        line.addStretch(1)
        rows.addLayout(line)
        self._compared.addWidget(self._unready)
        self._compared.addWidget(page)
        return self._compared

    def show_runs(self, entries: Sequence[Entry]) -> None:
        """Draw these runs over one another."""
        self._entries = entries[:_MOST]
        self.divided.set_text(split_of(self._entries))
        self.divided.setVisible(bool(self.divided.text()))
        scores = dict.fromkeys(name for entry in self._entries for name in entry.scores)
        wanted = [*(["loss"] if "loss" in scores else []), *(s for s in scores if s != "loss")]
        heads = [head for entry in self._entries for head in entry.state.heads]
        named = {in_unit(heads, score): score for score in wanted}
        if list(named) != [self.score.itemText(at) for at in range(self.score.count())]:
            before = self.score.currentData()
            with QSignalBlocker(self.score):
                self.score.clear()
                for text, score in named.items():
                    self.score.addItem(text, score)
                self.score.setCurrentIndex(max(0, self.score.findData(before)))
        self._draw()

    def show_comparison(self, found: object) -> None:
        """Show what differs between two runs, or why that can't be told."""
        if isinstance(found, Comparison):
            self.difference.show_comparison(found)
            self._compared.setCurrentIndex(1)
        else:
            why = found.diagnostics[0].message if isinstance(found, DiagnosticError) else str(found)
            self.say_unready("These runs can't be compared", to_sentence(why))

    def say_unready(self, title: str, text: str) -> None:
        """Say why nothing is compared."""
        self._unready.set_message(title, text)
        self._compared.setCurrentIndex(0)

    @property
    def overlay(self) -> Overlay | None:
        """The curves, None before the first were drawn."""
        return self._overlay

    def _draw(self) -> None:
        if self.currentIndex() != CURVES or not self.isVisible():
            return
        if self._overlay is None:
            if not self._entries:
                return
            from app.runs.score_chart import Overlay

            self._overlay = Overlay(self._theme)
            self._canvas.addWidget(self._overlay, 1)
        self._overlay.show_runs(self._entries, self.score.currentData() or "", self.log.isChecked())

    def _on_canvas_clicked(self) -> None:
        if self.difference.comparison is not None:
            self.canvas_asked.emit(self.difference.comparison)


def split_of(entries: Sequence[Entry]) -> str:
    """Return how the rows of runs were divided, which goes beside their scores."""
    said = dict.fromkeys(entry.split for entry in entries)
    if len(said) > 1:
        return (
            "These runs divide their rows in different ways, so their scores differ by that, too."
        )
    return to_sentence(next(iter(said))) if any(said) else ""
