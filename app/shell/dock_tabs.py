"""The tab bars of the docks, which Qt creates and does not name."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

_DIRECT_CHILDREN = Qt.FindChildOption.FindDirectChildrenOnly


def filled_tab_bars(window: QMainWindow) -> list[QTabBar]:
    """Return the tab bars with tabs, also hidden ones. Qt keeps empty bars for later layouts."""
    bars = window.findChildren(QTabBar, options=_DIRECT_CHILDREN)
    return [bar for bar in bars if bar.count()]


def hide_tab_bars(window: QMainWindow) -> None:
    """Hide all tab bars. Qt leaves some visible when all docks are hidden."""
    for bar in filled_tab_bars(window):
        bar.hide()


def find_tab(window: QMainWindow, dock: QDockWidget) -> tuple[QTabBar, QRect] | None:
    """Return the visible tab bar with the tab of a dock, and the rectangle of the tab."""
    for bar in filled_tab_bars(window):
        for index in range(bar.count()):
            if bar.tabText(index) == dock.windowTitle() and bar.isVisible():
                return bar, bar.tabRect(index)
    return None
