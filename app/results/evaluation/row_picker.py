"""The bar above the prediction form: number of the table row that fills the form, and buttons."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget

from app.controls import NumberEdit
from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import row_layout
from app.results.evaluation.rows_table import ROW_NUMBER_HINT
from app.text.phrases import capitalize
from app.theme import icons
from app.theme.style import set_property
from app.theme.theme import Theme

_FILE_OPTIONS = {
    "--probabilities": "With the probability of each class",
    "--interval 0.9": "With 90% prediction intervals",
}


class RowPicker(QWidget):
    """A bar with the field for a row number and the buttons of the prediction page.

    Signals:
        row_chosen: the index of the table row that the user typed.
        clear_requested: the user asks to clear all fields.
        predict_file_requested: the user asks for predictions for a file.
    """

    row_chosen = Signal(int)
    clear_requested = Signal()
    predict_file_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._file_options: dict[str, QAction] = {}
        self._data: Path | None = None
        self.row_field = NumberEdit(0, integer=True, minimum=0)
        self.row_field.setAccessibleName("Row to fill in")
        # The label that says so is elided in a narrow window.
        self.row_field.setToolTip(capitalize(ROW_NUMBER_HINT))
        self.row_field.setFixedWidth(96)
        self.row_field.committed.connect(self._on_committed)
        self.row_field.rejected.connect(self._show_problem)
        for signal in (self.row_field.textEdited, self.row_field.reverted):
            signal.connect(lambda: self._show_problem(""))
        self._name = QLabel("Fill in row")
        self._name.setBuddy(self.row_field)
        self._source = ElidedLabel(role="dim")
        self.clear_button = QPushButton("Clear", toolTip="Clear all fields")
        self.clear_button.setProperty("role", "quiet")
        self.clear_button.clicked.connect(self.clear_requested)
        self.file_button = QPushButton(icons.icon(theme, "table"), "Predict a file…")
        self.file_button.setToolTip("Write predictions for all rows of a table to a new file")
        self.file_button.setMenu(self._make_file_menu())
        items = (self._name, self.row_field, self._source, self.clear_button, self.file_button)
        row_layout(*items, parent=self, spacing=8, stretch=self._source)

    def _make_file_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Choose a file…", self.predict_file_requested.emit)
        menu.addSeparator()
        for option, text in _FILE_OPTIONS.items():
            self._file_options[option] = QAction(text, menu, checkable=True)
        menu.addActions([*self._file_options.values()])
        return menu

    @property
    def file_options(self) -> list[str]:
        """The checked options of `engine predict` for a file."""
        checked = [option for option, action in self._file_options.items() if action.isChecked()]
        return [word for option in checked for word in option.split()]

    def set_table(self, data: Path | None) -> None:
        """Set the data table whose rows can be copied to the prediction form.

        If `data` is None, hide the field for the number of the row.
        """
        for widget in (self._name, self.row_field):
            widget.setVisible(data is not None)
        if data != self._data:
            self.row_field.revert()
        self._data = data
        self._show_problem("")

    def _show_problem(self, problem: str) -> None:
        """Show why the row number is invalid; "" shows the table instead."""
        set_property(self._source, "role", "error" if problem else "dim")
        if problem or self._data is None:
            self._source.set_text(problem)
            return
        folder = "the folder " if self._data.is_dir() else ""
        self._source.set_text(f"of {folder}{self._data.name}, counting from 0", str(self._data))

    def _on_committed(self, row: object) -> None:
        if isinstance(row, int):
            self.row_chosen.emit(row)
