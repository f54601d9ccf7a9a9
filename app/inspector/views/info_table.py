"""A read-only table with a label, a value and a note in each row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.inspector.fields.node_docs import InfoRow
from app.inspector.form.field_row import LABEL_GAP, LABEL_WIDTH
from app.theme.theme import Theme


class InfoTable(QWidget):
    """A table of labels, values and notes. With words=True, the values are not monospaced."""

    def __init__(self, theme: Theme, words: bool = False) -> None:
        super().__init__()
        self._theme, self._words = theme, words
        self._shown: tuple[InfoRow, ...] = ()
        self._table: QWidget | None = None
        column_layout(parent=self, spacing=4)

    def show_rows(self, rows: Sequence[InfoRow]) -> None:
        """Show these rows; do nothing if they are shown already."""
        if tuple(rows) == self._shown:
            return
        self._shown = tuple(rows)
        if self._table is not None:
            self._table.hide()
            self._table.deleteLater()
        self._table = QWidget()
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(3)
        grid.setColumnMinimumWidth(0, 0 if self._words else LABEL_WIDTH + LABEL_GAP)
        grid.setColumnStretch(1, 1)
        for name, value, note in rows:
            self._add_row(grid, name, value, note)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._table)

    def _add_row(self, grid: QGridLayout, name: str, value: str, note: str) -> None:
        row = grid.rowCount()
        label = plain_label(value)
        if not self._words:
            label.setFont(self._theme.mono_font(9))
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if name:
            grid.addWidget(plain_label(name, "dim"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label, row, 1, Qt.AlignmentFlag.AlignTop)
        if note:
            grid.addWidget(plain_label(note, "dim"), row + 1, 1)
