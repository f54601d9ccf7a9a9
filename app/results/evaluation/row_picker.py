"""The bar above the prediction form: a row of the table to fill in, and predictions for a file."""

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
    """A bar with a row field and the buttons of the prediction page.

    Signals:
        row_chosen: index of the chosen row.
        clear_requested: all fields should be cleared.
        file_requested: predictions for a file were requested.
    """

    row_chosen = Signal(int)
    clear_asked = Signal()
    file_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.row = NumberEdit(0, whole=True, minimum=0)
        self.row.setAccessibleName("Row to fill in")
        self.row.setToolTip(capitalize(FROM_0))  # the label is elided in a narrow window
        self.row.setFixedWidth(96)
        self.row.committed.connect(self._on_committed)
        self._name = QLabel("Fill in row")
        self._name.setBuddy(self.row)
        self._source = Elided("")
        self._source.setProperty("role", "dim")
        self.clear_button = QPushButton("Clear")
        self.clear_button.setToolTip("Clear all fields")
        self.clear_button.setProperty("role", "quiet")
        self.clear_button.clicked.connect(self.clear_asked)
        self.file_button = QPushButton(icons.icon(theme, "table"), "Predict a file…")
        self.file_button.setToolTip("Write predictions for all rows of a table to a new file")
        self.file_button.clicked.connect(self.file_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self._name, self.row):
            layout.addWidget(widget)
        layout.addWidget(self._source, 1)
        for button in (self.clear_button, self.file_button):
            layout.addWidget(button)

    def show_data(self, data: Path | None) -> None:
        """Set the table that rows are taken from; None hides the row field."""
        for widget in (self._name, self.row):
            widget.setVisible(data is not None)
        if data is None:
            self._source.set_text("")
            return
        folder = "the folder " if data.is_dir() else ""
        self._source.set_text(f"of {folder}{data.name}, counting from 0", str(data))

    def _on_committed(self, row: object) -> None:
        if isinstance(row, int):
            self.row_chosen.emit(row)
