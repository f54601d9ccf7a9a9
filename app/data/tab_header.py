"""What stands above the views of the data: tabs, and beside or below them the data's name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QTabBar, QWidget

from app.data.source_bar import DataBar


class Above(QWidget):
    """Tabs and bar in one line, or in two where they would crowd each other."""

    def __init__(self, tabs: QTabBar, bar: DataBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tabs, self._bar = tabs, bar
        self._beside = True
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Go into two lines, or back into one."""
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """Look again whether all fits into one line, after a text has changed."""
        tabs = self._tabs.sizeHint().width()
        beside = tabs + self._bar.least() <= self.width()
        self._bar.tell_within(self.width() - tabs if beside else self.width())
        if beside != self._beside:
            self._beside = beside
            self._place()

    def _place(self) -> None:
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(self._tabs, 0, 0, left | Qt.AlignmentFlag.AlignBottom)
        if self._beside:
            self._grid.addWidget(self._bar, 0, 1, right)
        else:
            self._grid.addWidget(self._bar, 1, 0, 1, 2)
