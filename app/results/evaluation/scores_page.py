"""The scores of an evaluation, what has to be known to judge them, and their stamp."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.controls import Heading, Note
from app.controls.display.elided_label import Elided
from app.results.charts.chart_base import Table, tabbed
from app.results.phrases import score, stamp
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.theme import Theme
from engine.runs.evaluation import Results

_NARROW = 640  # pixels, below which the stamp stands below the scores
_NUMBERS = (1, 3)  # columns of numbers
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ScoreTree(QTreeWidget):
    """Scores by output; Ctrl+C copies them."""

    def __init__(self, theme: Theme, results: Results) -> None:
        super().__init__()
        self._results = results
        self.setAccessibleName("Scores")
        head, *rows = score_table(results)
        self.setHeaderLabels(list(head[1:]))
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        groups: dict[str, QTreeWidgetItem] = {}
        for output, *texts in rows:
            if output not in groups:
                groups[output] = QTreeWidgetItem(self, [output])
                groups[output].setFont(0, theme.ui_font(9.5, bold=True))
            self._add(groups[output], texts, theme)
        for column in _NUMBERS[: len(head) - 3]:
            self.headerItem().setTextAlignment(column, _RIGHT)
        self.expandAll()
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _add(self, group: QTreeWidgetItem, texts: list[str], theme: Theme) -> None:
        item = QTreeWidgetItem(group, texts)
        item.setToolTip(0, plain_tooltip(f"{group.text(0)} {texts[0]}"))
        item.setForeground(2, theme.color("dim"))
        for column in _NUMBERS[: len(texts) - 2]:
            item.setTextAlignment(column, _RIGHT)
            item.setFont(column, theme.mono_font(9))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(tabbed(score_table(self._results)))
        else:
            super().keyPressEvent(event)


class ScoresPage(QWidget):
    """Shows one evaluation as a whole."""

    def __init__(self, theme: Theme, results: Results, run: Path) -> None:
        super().__init__()
        self._results, self._run = results, run
        self.scores = ScoreTree(theme, results)
        self._copy = QPushButton(icons.icon(theme, "copy", "dim"), "Copy with stamp")
        self._copy.setProperty("role", "quiet")
        self._copy.setToolTip("Copy all scores, with what has to be equal for them to come out so")
        self._copy.clicked.connect(self.copy)
        inside = QWidget()
        inside.setLayout(self._side(theme))
        side = QScrollArea(widgetResizable=True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setAccessibleName("What the scores hang on")
        side.setWidget(inside)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.scores)
        self._split.addWidget(side)
        self._split.setSizes([560, 380])
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 8, 0, 0)
        rows.addWidget(self._split)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the stamp below the scores where there is no room beside them."""
        super().resizeEvent(event)
        wide = self.width() >= _NARROW
        self._split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def _side(self, theme: Theme) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setContentsMargins(8, 0, 6, 4)
        side.setSpacing(8)
        for note in self._results.notes:
            side.addWidget(Note(theme, "info", note))
        head = QHBoxLayout()
        heading = Heading("What these scores hang on")
        heading.setWordWrap(True)
        head.addWidget(heading, 1)
        head.addWidget(self._copy)
        side.addLayout(head)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(4)
        for name, text in stamp(self._results, self._run):
            title, words = QLabel(name), Elided(text)
            title.setProperty("role", "dim")
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(title, words)
        side.addLayout(form)
        side.addStretch(1)
        return side

    def copy(self) -> None:
        """Copy scores and stamp, as a text for a spreadsheet or a note."""
        told = [[name, text] for name, text in stamp(self._results, self._run)]
        QGuiApplication.clipboard().setText(tabbed([*score_table(self._results), [], *told]))


def score_table(results: Results) -> Table:
    """Return the scores, the best that can be reached beside them where that is known."""
    known = any(each.best is not None for each in results.scores)
    head = ["Output", "Score", "Value", "Unit", *(["Best reachable"] if known else [])]
    rows = [
        [
            each.output or "total",
            each.name,
            score(each.value),
            each.unit,
            *([score(each.best) if each.best is not None else ""] if known else []),
        ]
        for each in results.scores
    ]
    return [head, *rows]
