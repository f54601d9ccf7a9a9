"""The scores of an evaluation, with notes and the details needed to reproduce them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
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

from app.controls import Heading, InlineMessage
from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import column_layout, row_layout
from app.results.charts.result_chart import to_tsv
from app.results.phrases import evaluation_details
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.theme import Theme
from engine.runs.evaluation import EvaluationRecord
from engine.runs.score_table import NUMBER_TITLES, score_legend, score_rows

_MIN_HORIZONTAL = 640  # pixels; a narrower page has the details below the scores
_MIN_HEIGHT = 850  # pixels; a lower window has one line in place of the notes
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ScoreTree(QTreeWidget):
    """A tree of outputs and their scores; Ctrl+C copies them."""

    def __init__(self, theme: Theme, results: EvaluationRecord) -> None:
        super().__init__(accessibleName="Scores", uniformRowHeights=True, indentation=14)
        self._results = results
        titles, *rows = score_rows(results)
        shown = list(titles[1:])  # outputs, the first column of the table, are the groups
        self._number_columns = [shown.index(title) for title in NUMBER_TITLES if title in shown]
        self.setHeaderLabels(shown)
        groups: dict[str, QTreeWidgetItem] = {}
        for score, (output, *texts) in zip(results.scores, rows, strict=True):
            if not score.output:  # the total loss, a single row
                self._add(self.invisibleRootItem(), [f"total {texts[0]}", *texts[1:]], theme)
                continue
            if output not in groups:
                groups[output] = QTreeWidgetItem(self, [output])
                groups[output].setFont(0, theme.ui_font(9.5, bold=True))
            self._add(groups[output], texts, theme)
        for column in self._number_columns:
            self.headerItem().setTextAlignment(column, _RIGHT)
        self.expandAll()
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def _add(self, group: QTreeWidgetItem, texts: list[str], theme: Theme) -> None:
        item = QTreeWidgetItem(group, texts)
        item.setToolTip(0, plain_tooltip(f"{group.text(0)} {texts[0]}".strip()))
        for column in range(2, len(texts)):
            item.setForeground(column, theme.color("dim"))
        for column in self._number_columns:
            item.setTextAlignment(column, _RIGHT)
            item.setFont(column, theme.mono_font(9))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(to_tsv(score_rows(self._results)))
        else:
            super().keyPressEvent(event)


class ScoreNotes(QWidget):
    """The notes of an evaluation; in a low window, one line until the user expands it."""

    def __init__(self, theme: Theme, notes: Sequence[str]) -> None:
        super().__init__()
        self._line, self._texts = QWidget(), QWidget()
        self.toggle = QPushButton("Show", checkable=True)
        self.toggle.setProperty("role", "quiet")
        self.toggle.toggled.connect(self.fit_to_window)
        line = ElidedLabel(" ".join(notes), "dim")
        row_layout(line, self.toggle, parent=self._line, stretch=line)
        messages = [InlineMessage(theme, "info", note) for note in notes]
        column_layout(*messages, parent=self._texts, spacing=8)
        column_layout(self._line, self._texts, parent=self, spacing=8)

    def fit_to_window(self) -> None:
        """Show one line or all notes, depending on the height of the window and on the button."""
        is_low, is_expanded = self.window().height() < _MIN_HEIGHT, self.toggle.isChecked()
        self._line.setVisible(is_low)
        self._texts.setVisible(is_expanded or not is_low)
        self.toggle.setText("Hide" if is_expanded else "Show")
        self.toggle.setAccessibleName(f"{self.toggle.text()} the notes")


class ScoresPage(QWidget):
    """A page with the scores and details of one evaluation."""

    def __init__(self, theme: Theme, results: EvaluationRecord, run: Path) -> None:
        super().__init__()
        self._results, self._run = results, run
        self.scores = ScoreTree(theme, results)
        self.notes = ScoreNotes(theme, (*results.notes, " ".join(score_legend(results))))
        self._copy = QPushButton(icons.icon(theme, "copy", "dim"), "Copy with details")
        self._copy.setProperty("role", "quiet")
        self._copy.setToolTip("Copy all scores with run, data, versions and device")
        self._copy.clicked.connect(self.copy)
        content = QWidget()
        content.setLayout(self._make_details())
        details = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        details.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        details.setAccessibleName("Evaluation details")
        details.setWidget(content)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._splitter.addWidget(self.scores)
        self._splitter.addWidget(details)
        self._splitter.setSizes([640, 300])
        column_layout(self._splitter, parent=self, margins=(0, 8, 0, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= _MIN_HORIZONTAL
        orientation = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        self._splitter.setOrientation(orientation)
        self.notes.fit_to_window()

    def _make_details(self) -> QVBoxLayout:
        layout = column_layout(self.notes, margins=(8, 0, 6, 4), spacing=8)
        heading = Heading("Evaluation details")
        heading.setWordWrap(True)
        layout.addLayout(row_layout(heading, self._copy, stretch=heading))
        form = QFormLayout(horizontalSpacing=14, verticalSpacing=4)
        for name, text in evaluation_details(self._results, self._run):
            title, value = QLabel(name), ElidedLabel(text)
            title.setProperty("role", "dim")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(title, value)
        layout.addLayout(form)
        layout.addStretch(1)
        return layout

    def copy(self) -> None:
        """Copy scores and details to the clipboard, as tab-separated text."""
        details = [[name, text] for name, text in evaluation_details(self._results, self._run)]
        QGuiApplication.clipboard().setText(to_tsv([*score_rows(self._results), [], *details]))
