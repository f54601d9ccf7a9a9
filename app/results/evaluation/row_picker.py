"""The line above the form: which row of the table is filled in, and what else can be asked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.controls import NumberEdit
from app.controls.display.elided_label import Elided
from app.results.evaluation.rows_table import FROM_0
from app.text.phrases import capitalize
from app.theme import icons
from app.theme.theme import Theme


class RowLine(QWidget):
    """A row of the table to fill in.

    Signals:
        row_chosen: a row was chosen; its number.
        clear_asked: all fields are to be emptied.
        file_asked: predictions for a whole table are wanted.
    """

    row_chosen = Signal(int)
    clear_asked = Signal()
    file_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.row = NumberEdit(0, whole=True, minimum=0)
        self.row.setAccessibleName("Row to fill in")
        self.row.setToolTip(capitalize(FROM_0))  # the words beside it give way in a narrow window
        self.row.setFixedWidth(96)
        self.row.committed.connect(self._on_committed)
        self._name = QLabel("Fill in row")
        self._name.setBuddy(self.row)
        self._of = Elided("")
        self._of.setProperty("role", "dim")
        self.clear_button = QPushButton("Clear")
        self.clear_button.setToolTip("Empty all fields")
        self.clear_button.setProperty("role", "quiet")
        self.clear_button.clicked.connect(self.clear_asked)
        self.file_button = QPushButton(icons.icon(theme, "table"), "Predict a file…")
        self.file_button.setToolTip("Write the answers to all rows of a table into a new one")
        self.file_button.clicked.connect(self.file_asked)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for widget in (self._name, self.row):
            line.addWidget(widget)
        line.addWidget(self._of, 1)
        for button in (self.clear_button, self.file_button):
            line.addWidget(button)

    def show_data(self, data: Path | None) -> None:
        """Say of which table rows are taken; None if none is at hand."""
        for widget in (self._name, self.row):
            widget.setVisible(data is not None)
        if data is None:
            self._of.set_text("")
            return
        folder = "the folder " if data.is_dir() else ""
        self._of.set_text(f"of {folder}{data.name}, counting from 0", str(data))

    def _on_committed(self, row: object) -> None:
        if isinstance(row, int):
            self.row_chosen.emit(row)
