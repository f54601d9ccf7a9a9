"""The layout of the dock panels around the canvas, and its saved state."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Literal

from PySide6.QtCore import QByteArray, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabBar, QWidget

from app.controls.layout.scroll_panel import ScrollPanel

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
_CONTENT_HEIGHTS: dict[PanelTitle, int] = {"Training": 360, "Results": 360, "Data": 330}
_VERSION = 1  # increase it when saved states become incompatible
_NARROW_WIDTH = 1_100  # pixels; in narrower windows the bottom area includes the corner on the left
_INITIAL_WIDTHS = {"Layers": 230, "Inspector": 320}
_CORNER = Qt.Corner.BottomLeftCorner
_DIRECT_CHILDREN = Qt.FindChildOption.FindDirectChildrenOnly
_INITIAL_HEIGHT = 207  # initial height of the bottom area in pixels
_INITIAL_SHARE = 0.4  # maximum initial height of the bottom area, as a fraction
_MAX_SHARE = 0.49  # maximum height set by the program later, as a fraction; the user may exceed it


class DockLayout(QObject):
    """The dock widgets of the main window, each of which contains a panel.

    Args:
        window: the main window.
        panels: pairs of title and panel. Panels in the same area become its tabs, in this order.
        saved_state: the result of `save_state` in the last session, empty if there was none.

    Signals:
        visibility_changed: sends the title of a panel and whether the panel is visible now.
    """

    visibility_changed = Signal(str, bool)

    def __init__(
        self,
        window: QMainWindow,
        panels: Iterable[tuple[PanelTitle, QWidget]],
        saved_state: bytes,
    ) -> None:
        super().__init__(window)
        self._window, self._saved_state = window, saved_state
        self._state_before_hiding: QByteArray | None = None
        self._previous_height = 0
        self._resize_timer = QTimer(window, singleShot=True, interval=0)
        self._resize_timer.timeout.connect(self._on_height_changed)
        self.docks: dict[str, QDockWidget] = {}
        first: dict[Qt.DockWidgetArea, QDockWidget] = {}
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
            self._restore(QByteArray(saved_state))

    def _add(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = self.docks[title] = QDockWidget(title)
        dock.setObjectName(f"dock-{title.lower()}")
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
        self.docks[title].show()
        self.docks[title].raise_()

    def show_expanded(self, title: PanelTitle) -> None:
        """Show a panel, and make it high enough for its contents."""
        self.show_panel(title)
        self.ensure_height(title, _CONTENT_HEIGHTS[title])

    def show_count(self, title: PanelTitle, count: int) -> None:
        """Show a number, such as the number of errors, in the title of a panel; 0 hides it."""
        self.docks[title].setWindowTitle(f"{title} ({count})" if count else title)

    def ensure_height(self, title: str, min_height: int, max_share: float = _MAX_SHARE) -> None:
        """Increase the height of a bottom panel to at least `min_height` logical pixels.

        The panel gets at most the fraction `max_share` of the height of canvas and panel together.
        """
        dock = self.docks[title]
        height = min(min_height, int(self._available_height(dock) * max_share))
        if dock.height() < height and not dock.isFloating():
            self._set_height(dock, height)

    def _on_visibility_changed(self, title: str, is_visible: bool) -> None:
        """When a panel becomes visible, increase its height so that its contents fit."""
        dock, panel = self.docks[title], self.docks[title].widget()
        if is_visible and isinstance(panel, ScrollPanel) and self._window.isVisible():
            height = panel.content_height + dock.height() - panel.height()
            self.ensure_height(title, height, _INITIAL_SHARE)

    def assign_corner(self) -> None:
        """Assign the bottom left corner to the bottom area in a narrow window, else to the left."""
        area = BOTTOM_AREA if self._window.width() < _NARROW_WIDTH else LEFT_AREA
        if self._window.corner(_CORNER) != area:
            self._window.setCorner(_CORNER, area)

    def limit_bottom_height(self, previous_height: int) -> None:
        """Reduce the bottom area to half of the height, after the window became lower.

        Do nothing if the bottom area had more than half before, at the window height
        `previous_height`, because the user made it so large.
        """
        if not self._resize_timer.isActive():
            self._previous_height = previous_height
        self._resize_timer.start()  # after Qt has laid out the children

    def _on_height_changed(self) -> None:
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
        tab_height = self._window.statusBar().y() - dock.geometry().bottom() - 1
        self._window.resizeDocks([dock], [height + tab_height], Qt.Orientation.Vertical)

    def _visible_bottom_dock(self) -> QDockWidget | None:
        for dock in self.docks.values():
            if _is_visible(dock) and self._window.dockWidgetArea(dock) == BOTTOM_AREA:
                return dock
        return None

    def _available_height(self, dock: QDockWidget) -> int:
        return self._window.centralWidget().height() + dock.height()

    def focus_next_panel(self, *others: QWidget) -> None:
        """Move the keyboard focus to the next visible panel, or from the last one to `others`."""
        panels = [dock.widget() for dock in self.docks.values() if _is_visible(dock)]
        panels.extend(other for other in others if other.isVisible())
        focus = QApplication.focusWidget()
        has_focus = [p is focus or (focus is not None and p.isAncestorOf(focus)) for p in panels]
        index = has_focus.index(True) if True in has_focus else -1
        _focus_first(panels[(index + 1) % len(panels)])

    def panel_or_tab(self, title: PanelTitle) -> tuple[QWidget, QRect]:
        """Return a panel's dock and its rectangle; if it is behind others, bar and tab instead."""
        dock = self.docks[title]
        if not _is_visible(dock):
            for bar in self._window.findChildren(QTabBar, options=_DIRECT_CHILDREN):
                for index in range(bar.count()):
                    if bar.tabText(index) == dock.windowTitle() and bar.isVisible():
                        return bar, bar.tabRect(index)
        return dock, dock.rect()

    def save_state(self) -> bytes:
        """Return the layout as bytes, to restore it at the next start."""
        state = self._state_before_hiding
        if state is None:
            state = self._window.saveState(_VERSION)
        return bytes(state.data())

    def _restore(self, state: QByteArray) -> None:
        self._window.restoreState(state, _VERSION)
        self.assign_corner()  # the restored state includes the corners

    def reset(self) -> None:
        """Restore the default layout."""
        self._restore(self._default_state)
        QTimer.singleShot(0, self._apply_initial_sizes)  # Qt ignores sizes before its layout pass

    def hide_all(self) -> None:
        """Hide all panels until `restore_hidden` is called."""
        if self._state_before_hiding is None:
            self._state_before_hiding = self._window.saveState(_VERSION)
        for dock in self.docks.values():
            dock.hide()
        self._hide_tabs()

    def restore_hidden(self) -> None:
        """Restore the panels hidden by `hide_all`."""
        state, self._state_before_hiding = self._state_before_hiding, None
        if state is not None:
            self._restore(state)
            self._apply_initial_sizes_later()

    def apply_initial_layout(self) -> None:
        """Set the initial sizes when the window is first shown. Qt ignores sizes set earlier."""
        if self._state_before_hiding is None:
            self._apply_initial_sizes_later()
        else:
            self._hide_tabs()

    def _hide_tabs(self) -> None:
        """Hide all tab bars of panels. Qt leaves some visible when all panels are hidden."""
        for bar in self._window.findChildren(QTabBar, options=_DIRECT_CHILDREN):
            bar.hide()

    def _apply_initial_sizes_later(self) -> None:
        if not self._saved_state:
            QTimer.singleShot(0, self._apply_initial_sizes)

    def _apply_initial_sizes(self) -> None:
        docks = [self.docks[title] for title in _INITIAL_WIDTHS]
        self._window.resizeDocks(docks, list(_INITIAL_WIDTHS.values()), Qt.Orientation.Horizontal)
        dock = self._visible_bottom_dock()
        if dock is not None:
            height = round(self._available_height(dock) * _INITIAL_SHARE)
            self._set_height(dock, min(_INITIAL_HEIGHT, height))


def _is_visible(dock: QDockWidget) -> bool:
    return dock.isVisible() and not dock.visibleRegion().isEmpty()


def _focus_first(widget: QWidget) -> None:
    """Set the keyboard focus to a widget, or to its first descendant that accepts the focus."""
    for candidate in (widget, *widget.findChildren(QWidget)):
        is_focusable = candidate.focusPolicy() & Qt.FocusPolicy.TabFocus
        if is_focusable and candidate.isVisible() and candidate.isEnabled():
            candidate.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
