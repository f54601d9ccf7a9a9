"""The tab bars of the docks, which Qt creates and does not name."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

_DIRECT_CHILDREN = Qt.FindChildOption.FindDirectChildrenOnly


class DockTabs:
    """The tab bars of the docks of a window.

    Args:
        window: the main window.
    """

    def __init__(self, window: QMainWindow) -> None:
        self._window = window

    @property
    def filled_bars(self) -> list[QTabBar]:
        """The tab bars with tabs, also hidden ones. Qt keeps empty bars for later layouts."""
        bars = self._window.findChildren(QTabBar, options=_DIRECT_CHILDREN)
        return [bar for bar in bars if bar.count()]

    def hide(self) -> None:
        """Hide all tab bars. Qt leaves some visible when all docks are hidden."""
        for bar in self.filled_bars:
            bar.hide()

    def find(self, dock: QDockWidget) -> tuple[QTabBar, QRect] | None:
        """Return the visible tab bar with the tab of a dock, and the rectangle of the tab."""
        for bar in self.filled_bars:
            for index in range(bar.count()):
                if bar.tabText(index) == dock.windowTitle() and bar.isVisible():
                    return bar, bar.tabRect(index)
        return None
