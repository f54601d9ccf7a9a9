"""The header of the data panel: the tabs and the source bar, in one or two lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QTabBar, QWidget

from app.data.source_bar import SourceBar


class DataPanelHeader(QWidget):
    """A header with the tabs and the source bar in one line, or in two lines if too narrow."""

    def __init__(self, tabs: QTabBar, bar: SourceBar) -> None:
        super().__init__()
        self._tabs, self._bar = tabs, bar
        self._is_one_line = True
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._update_grid()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update_layout()

    def update_layout(self) -> None:
        """Arrange tabs and source bar in one line or two. Called after a text or width change."""
        tabs = self._tabs.sizeHint().width()
        fits = tabs + self._bar.required_width() <= self.width()
        self._bar.fit_size_text(self.width() - tabs if fits else self.width())
        if fits != self._is_one_line:
            self._is_one_line = fits
            self._update_grid()

    def _update_grid(self) -> None:
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(self._tabs, 0, 0, left | Qt.AlignmentFlag.AlignBottom)
        if self._is_one_line:
            self._grid.addWidget(self._bar, 0, 1, right)
        else:
            self._grid.addWidget(self._bar, 1, 0, 1, 2)
