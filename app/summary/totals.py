"""The totals below the layer table, in as many columns as fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.summary.rows import Figure
from app.theme.theme import Theme

_MIN_COLUMN_WIDTH = 140  # pixels


class Figures(QFrame):
    """A grid of totals, whose number of columns depends on its width."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._blocks: list[_FigureLabel] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 8, 10, 8)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)

    def show_figures(self, figures: Sequence[Figure]) -> None:
        while len(self._blocks) > len(figures):
            block = self._blocks.pop()
            self._grid.removeWidget(block)
            block.deleteLater()
        while len(self._blocks) < len(figures):
            self._blocks.append(_FigureLabel(self._theme, self))
            self._columns = 0
        for block, figure in zip(self._blocks, figures, strict=True):
            block.show_figure(figure)
        self._lay_out()

    def minimumSizeHint(self) -> QSize:
        return QSize(_MIN_COLUMN_WIDTH, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        """Arrange the totals if the number of columns has to change."""
        columns = max(1, min(len(self._blocks), self.width() // _MIN_COLUMN_WIDTH))
        if columns == self._columns:
            return
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, int(column < columns))
        self._columns = columns
        for index, block in enumerate(self._blocks):
            row, column = divmod(index, columns)
            self._grid.addWidget(block, row, column, Qt.AlignmentFlag.AlignTop)
            block.show()


class _FigureLabel(QWidget):
    """A number with its caption below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._value, self._caption = plain_label(wrap=False), plain_label("", "dim")
        for label in (self._value, self._caption):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column_layout(self._value, self._caption, parent=self, spacing=0)
        self._on_theme_changed()
        theme.changed.connect(self._on_theme_changed)

    def show_figure(self, figure: Figure) -> None:
        self._value.setText(figure.value)
        self._caption.setText(figure.caption)

    def _on_theme_changed(self) -> None:
        self._value.setFont(self._theme.mono_font(12))
        self._caption.setFont(self._theme.ui_font(9))
