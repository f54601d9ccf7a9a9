"""The height of the docks in the bottom area of the main window."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.controls.layout.scroll_panel import ScrollPanel

_INITIAL_SHARE = 0.4  # maximum initial height of the bottom area, as a fraction
_INITIAL_HEIGHT = 207  # minimum initial height of the bottom area in pixels
_MAX_SHARE = 0.49  # maximum height set by the program later, as a fraction; the user may exceed it


class DockHeights(QObject):
    """Sets the height of the bottom area, which is shared with the canvas.

    Args:
        window: the main window; nothing is done while its central widget is hidden.
        docks: the docks of the window by title.
    """

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self._previous_height = 0
        self._resize_timer = QTimer(window, singleShot=True, interval=0)
        self._resize_timer.timeout.connect(self._on_window_resized)

    def ensure(self, title: str, min_height: int) -> None:
        """Increase the height of a bottom panel to at least `min_height` logical pixels.

        The panel gets at most half of the height of canvas and panel together.
        """
        dock = self._docks[title]
        height = min(min_height, int(self._available_height(dock) * _MAX_SHARE))
        if dock.height() < height and not dock.isFloating():
            self._set_height(dock, height)

    def set_share(self, title: str, share: float) -> None:
        """Set the height of a bottom panel, as a fraction of the height of canvas and panel."""
        dock = self._docks[title]
        self._set_height(dock, round(self._available_height(dock) * share))

    def ensure_contents(self, title: str) -> None:
        """Increase the height of a bottom panel that becomes visible, so that its contents fit."""
        if self._window.isVisible():
            self.ensure(title, _content_height(self._docks[title]))

    def limit(self, previous_height: int) -> None:
        """Reduce the bottom area to half of the height, after the window became lower.

        Do nothing if the bottom area had more than half before, at the window height
        `previous_height`, because the user made it so large.
        """
        if not self._resize_timer.isActive():
            self._previous_height = previous_height
        self._resize_timer.start()  # after Qt has laid out the children

    def apply_initial(self) -> None:
        """Set the initial height of the bottom area."""
        dock = self._visible_bottom_dock()
        if dock is not None:
            height = max(_INITIAL_HEIGHT, _content_height(dock))
            max_height = round(self._available_height(dock) * _INITIAL_SHARE)
            self._set_height(dock, min(height, max_height))

    def _on_window_resized(self) -> None:
        dock = self._visible_bottom_dock()
        if dock is None:
            return
        available = self._available_height(dock)
        available_before = available + self._previous_height - self._window.height()
        if available * _MAX_SHARE < dock.height() <= available_before * _MAX_SHARE:
            self._set_height(dock, round(available * _MAX_SHARE))

    def _set_height(self, dock: QDockWidget, height: int) -> None:
        """Set the height of a bottom panel; `height` does not include the tab bar below the panel.

        `resizeDocks` expects a height with the tab bar, so the height of the tab bar is added.
        """
        if self._window.centralWidget().isHidden():  # a panel is maximized
            return
        tab_height = self._window.statusBar().y() - dock.geometry().bottom() - 1
        self._window.resizeDocks([dock], [height + tab_height], Qt.Orientation.Vertical)

    def _visible_bottom_dock(self) -> QDockWidget | None:
        bottom = Qt.DockWidgetArea.BottomDockWidgetArea
        for dock in self._docks.values():
            in_area = self._window.dockWidgetArea(dock) == bottom and not dock.isFloating()
            if in_area and is_seen(dock):
                return dock
        return None

    def _available_height(self, dock: QDockWidget) -> int:
        return self._window.centralWidget().height() + dock.height()


def _content_height(dock: QDockWidget) -> int:
    """Return the height at which a bottom panel is shown without scrolling, with its title."""
    panel = dock.widget()
    assert isinstance(panel, ScrollPanel)
    return panel.content_height + dock.height() - panel.viewport().height()


def is_seen(dock: QDockWidget) -> bool:
    """Return whether a dock is visible, and not behind another tab."""
    return dock.isVisible() and not dock.visibleRegion().isEmpty()
