"""The layout of the dock panels around the canvas, and its saved state."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Literal

from PySide6.QtCore import QByteArray, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from app.controls.layout.scroll_panel import ScrollPanel
from app.controls.layout.tab_order import focus_first
from app.shell.dock_heights import DockHeights, is_seen
from app.shell.dock_tabs import filled_tab_bars, find_tab, hide_tab_bars
from app.shell.panel_dock import PanelDock
from app.theme.theme import Theme

PanelTitle = Literal[
    "Layers", "Outline", "Inspector", "Problems", "Data", "Training", "Runs", "Results", "Summary",
    "Source",
]  # fmt: skip
LEFT_AREA = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT_AREA = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM_AREA = Qt.DockWidgetArea.BottomDockWidgetArea
_AREAS: dict[PanelTitle, Qt.DockWidgetArea] = {
    "Layers": LEFT_AREA, "Outline": LEFT_AREA, "Inspector": RIGHT_AREA, "Problems": BOTTOM_AREA,
    "Data": BOTTOM_AREA, "Training": BOTTOM_AREA, "Runs": BOTTOM_AREA, "Results": BOTTOM_AREA,
    "Summary": BOTTOM_AREA, "Source": BOTTOM_AREA,
}  # fmt: skip
# The height in logical pixels that the contents of a panel need, such as the curves of three
# outputs.
_CONTENT_HEIGHTS: dict[PanelTitle, int] = {
    "Training": 360, "Results": 360, "Data": 330, "Runs": 330,
}  # fmt: skip
_VERSION = 1  # increase it when saved states become incompatible
_NARROW_WIDTH = 1_400  # pixels; in narrower windows the bottom area includes the corner on the left
_INITIAL_WIDTHS = {"Layers": 240, "Inspector": 320}
_CORNER = Qt.Corner.BottomLeftCorner


class DockLayout(QObject):
    """The dock widgets of the main window, each of which contains a panel.

    Args:
        window: the main window.
        panels: pairs of title and panel. Panels in the same area become its tabs, in this order.
        saved_state: the result of `save_state` in the last session, empty if there was none.
        theme: the colors of the title bars.

    Signals:
        visibility_changed: sends the title of a panel and whether the panel is visible now.
        panel_requested: the contents of a panel are about to be shown; sends its title.
    """

    visibility_changed = Signal(str, bool)
    panel_requested = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        panels: Iterable[tuple[PanelTitle, QWidget]],
        saved_state: bytes,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window, self._saved_state = window, saved_state
        self._theme = theme
        self._state_before_hiding: QByteArray | None = None
        self._is_maximized = self._is_restoring = False
        self.docks: dict[str, PanelDock] = {}
        self.heights = DockHeights(window, self.docks)
        first: dict[Qt.DockWidgetArea, PanelDock] = {}
        for title, panel in panels:
            area = _AREAS[title]
            dock = self._add(title, panel, area)
            if area in first:
                window.tabifyDockWidget(first[area], dock)
            first.setdefault(area, dock)
        for dock in first.values():
            dock.raise_()
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT_AREA)
        self.assign_corner()
        self._default_state = window.saveState(_VERSION)
        if saved_state:
            self.restore(saved_state)

    def _add(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> PanelDock:
        dock = self.docks[title] = PanelDock(title, self._theme)
        dock.maximize_requested.connect(partial(self._toggle_maximized, dock))
        dock.toggleViewAction().triggered.connect(partial(self._on_view_triggered, dock))
        panel.setAccessibleName(title)
        if area == BOTTOM_AREA:
            dock.setWidget(ScrollPanel(panel))
            dock.visibilityChanged.connect(partial(self._on_visibility_changed, title))
        else:
            dock.setWidget(panel)
        dock.visibilityChanged.connect(partial(self.visibility_changed.emit, title))
        self._window.addDockWidget(area, dock)
        return dock

    def show_panel(self, title: PanelTitle) -> None:
        """Show a panel and raise it above the other tabs of its area."""
        if not self.docks[title].isVisible():
            self.restore_maximized()
        self.docks[title].show()
        self.docks[title].raise_()

    def show_expanded(self, title: PanelTitle) -> None:
        """Show a panel, and make it high enough for its contents."""
        self.panel_requested.emit(title)
        self.show_panel(title)
        self.heights.ensure(title, _CONTENT_HEIGHTS[title])

    def show_count(self, title: PanelTitle, count: int) -> None:
        """Show a number, such as the number of errors, in the title of a panel; 0 hides it."""
        self.docks[title].setWindowTitle(f"{title} ({count})" if count else title)

    def _on_visibility_changed(self, title: str, is_visible: bool) -> None:
        if is_visible and not self._is_restoring:
            self.heights.ensure_contents(title)

    def assign_corner(self) -> None:
        """Assign the bottom left corner to the bottom area in a narrow window, else to the left."""
        area = BOTTOM_AREA if self._window.width() < _NARROW_WIDTH else LEFT_AREA
        if self._window.corner(_CORNER) != area:
            self._window.setCorner(_CORNER, area)

    def focus_next_panel(self, *others: QWidget) -> None:
        """Move the keyboard focus to the next visible panel, or from the last one to `others`."""
        panels = [dock.widget() for dock in self.docks.values() if is_seen(dock)]
        panels.extend(other for other in others if other.isVisible())
        focus = QApplication.focusWidget()
        has_focus = [p is focus or (focus is not None and p.isAncestorOf(focus)) for p in panels]
        index = has_focus.index(True) if True in has_focus else -1
        focus_first(panels[(index + 1) % len(panels)])

    def panel_or_tab(self, title: PanelTitle) -> tuple[QWidget, QRect]:
        """Return a panel's dock and its rectangle; if it is behind others, bar and tab instead."""
        dock = self.docks[title]
        tab = None if is_seen(dock) else find_tab(self._window, dock)
        return tab or (dock, dock.rect())

    def save_state(self) -> bytes:
        """Return the layout as bytes, to restore it at the next start."""
        state = self._state_before_hiding
        if state is None:
            state = self._window.saveState(_VERSION)
        return bytes(state.data())

    def restore(self, state: bytes | QByteArray) -> None:
        """Restore a saved layout; panels that become visible keep their saved height."""
        self._is_restoring = True
        stale_bars = filled_tab_bars(self._window)
        self._window.restoreState(QByteArray(state), _VERSION)
        self.assign_corner()  # the restored state includes the corners
        for bar in stale_bars:  # Qt has created others, and leaves these visible
            bar.hide()
        QTimer.singleShot(0, self, self._on_restored)

    def reset(self) -> None:
        """Restore the default layout."""
        self.restore_maximized()
        self.restore(self._default_state)
        QTimer.singleShot(0, self._apply_initial_sizes)  # Qt ignores sizes before its layout pass

    @property
    def are_all_hidden(self) -> bool:
        """Whether `hide_all` has hidden the panels."""
        return self._state_before_hiding is not None and not self._is_maximized

    def hide_all(self) -> None:
        """Hide all panels until `restore_hidden` is called."""
        self._is_maximized = False
        self._window.centralWidget().show()
        self._hide_all_except(None)

    def _hide_all_except(self, shown: QDockWidget | None) -> None:
        if self._state_before_hiding is None:
            self._state_before_hiding = self._window.saveState(_VERSION)
        for dock in self.docks.values():
            dock.setVisible(dock is shown)
        hide_tab_bars(self._window)

    def toggle_maximized(self) -> None:
        """Maximize what the pointer or else the focus is in: a panel or the canvas; or restore."""
        parts = [*self.docks.values(), self._window.centralWidget()]
        focus = QApplication.focusWidget()
        pointed = next((part for part in parts if part.isVisible() and part.underMouse()), None)
        focused = next((part for part in parts if focus and part.isAncestorOf(focus)), None)
        dock = pointed or focused
        if isinstance(dock, PanelDock):
            dock.toggle_maximized()
        else:
            self._toggle_maximized(None)

    def _toggle_maximized(self, dock: PanelDock | None) -> None:
        """Maximize a docked panel, or the canvas for None; or restore the layout."""
        if self._state_before_hiding is not None:
            self.restore_maximized()
            return
        self._hide_all_except(dock)
        self._is_maximized = True
        if dock is not None:
            self._window.centralWidget().hide()
            focus_first(dock.widget())

    def restore_maximized(self) -> bool:
        """Restore the layout before a panel or the canvas was maximized; return whether one was."""
        was_maximized, self._is_maximized = self._is_maximized, False
        if was_maximized:
            self._window.centralWidget().show()
            self._restore_hidden_state()
        return was_maximized

    def show_canvas(self) -> None:
        """Restore the layout if a maximized panel hides the canvas."""
        if self._window.centralWidget().isHidden():
            self.restore_maximized()

    def _on_view_triggered(self, dock: PanelDock) -> None:
        """Show or hide a panel that the user has chosen in the menu, and restore the layout before.

        Qt would hide a panel behind another tab; it is raised instead.
        """
        is_shown = dock.toggleViewAction().isChecked() or dock.was_covered
        self.restore_maximized()
        dock.setVisible(is_shown)
        if is_shown:
            dock.raise_()
            QTimer.singleShot(0, dock, lambda: focus_first(dock.widget()))

    def restore_hidden(self) -> None:
        """Restore the panels hidden by `hide_all`."""
        if self._restore_hidden_state():
            self._apply_initial_sizes_later()

    def _restore_hidden_state(self) -> bool:
        state, self._state_before_hiding = self._state_before_hiding, None
        if state is not None:
            self.restore(state)
        return state is not None

    def _on_restored(self) -> None:
        self._is_restoring = False

    def apply_initial_layout(self) -> None:
        """Set the initial sizes when the window is first shown. Qt ignores sizes set earlier."""
        if self._state_before_hiding is None:
            self._apply_initial_sizes_later()
        else:
            hide_tab_bars(self._window)

    def _apply_initial_sizes_later(self) -> None:
        if not self._saved_state:
            QTimer.singleShot(0, self._apply_initial_sizes)

    def _apply_initial_sizes(self) -> None:
        docks = [self.docks[title] for title in _INITIAL_WIDTHS]
        self._window.resizeDocks(docks, list(_INITIAL_WIDTHS.values()), Qt.Orientation.Horizontal)
        self.heights.apply_initial()
