"""Where panels stand around the canvas, and how that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QByteArray, QRect, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabBar, QWidget

from app.controls.layout.scroll_panel import Room

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_VERSION = 1  # raise it where saved states no longer fit
_NARROW = 1_100  # pixels; in narrower windows the panels at the bottom reach below the left ones
_ACROSS = {"Layers": 230, "Inspector": 320}
_CORNER = Qt.Corner.BottomLeftCorner
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
_DOWN, _SHARE = 207, 0.4  # pixels that the panels at the bottom have at first, at most this part
_MOST = 0.49  # what they get later without being dragged; the canvas has the rest


class Docking:
    """The docks of a window, each with one panel, called by their titles.

    Args:
        window: the window.
        areas: by title, the panel and its place; panels of one place are tabs over one another.
        kept: what `state` answered when the window was closed last, empty at the first start.
    """

    def __init__(
        self,
        window: QMainWindow,
        areas: Sequence[tuple[str, QWidget, Qt.DockWidgetArea]],
        kept: bytes,
    ) -> None:
        self._window = window
        self._kept = kept
        self._cleared: QByteArray | None = None
        self._high = 0
        self._follow = QTimer(window, singleShot=True, interval=0)
        self._follow.timeout.connect(self._on_height_changed)
        self.docks: dict[str, QDockWidget] = {}
        first: dict[Qt.DockWidgetArea, QDockWidget] = {}
        for title, panel, area in areas:
            dock = self._add(title, panel, area)
            if area in first:
                window.tabifyDockWidget(first[area], dock)
            first.setdefault(area, dock)
        for dock in first.values():
            dock.raise_()
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        self.follow_width()
        self._first = window.saveState(_VERSION)
        if kept:
            self._restore(QByteArray(kept))

    def _add(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = self.docks[title] = QDockWidget(title)
        dock.setObjectName(f"dock-{title.lower()}")
        panel.setAccessibleName(title)
        if area == BOTTOM:
            dock.setWidget(Room(panel))
            dock.visibilityChanged.connect(partial(self._on_seen, title))
        else:
            dock.setWidget(panel)
        self._window.addDockWidget(area, dock)
        return dock

    def bring(self, title: str) -> None:
        """Show a panel in front of the others at its place."""
        self.docks[title].show()
        self.docks[title].raise_()

    def give_room(self, title: str, least: int, most: float = _MOST) -> None:
        """Make a panel at the bottom at least so high, as far as the canvas keeps its half."""
        dock = self.docks[title]
        least = min(least, int(self._height(dock) * most))
        if dock.height() < least and not dock.isFloating():
            self._make_high(dock, least)

    def _on_seen(self, title: str, seen: bool) -> None:
        """Let a panel that comes to the front be seen whole, if the window has the room."""
        dock, room = self.docks[title], self.docks[title].widget()
        if seen and isinstance(room, Room) and self._window.isVisible():
            self.give_room(title, room.needed + dock.height() - room.height(), _SHARE)

    def follow_width(self) -> None:
        """Let panels at the bottom have the room below those at the left, where width is scarce."""
        area = BOTTOM if self._window.width() < _NARROW else LEFT
        if self._window.corner(_CORNER) != area:
            self._window.setCorner(_CORNER, area)

    def follow_height(self, before: int) -> None:
        """Keep half of the height for the canvas in a window that has become lower.

        Where a person has given it less, that stays.

        Args:
            before: the height of the window until now.
        """
        if not self._follow.isActive():
            self._high = before
        self._follow.start()  # what is in the window gets its new sizes first

    def _on_height_changed(self) -> None:
        dock = next((dock for dock in self.docks.values() if self._at_bottom(dock)), None)
        if dock is None:
            return
        high, height = dock.height(), self._height(dock)
        if height * _MOST < high <= (height + self._high - self._window.height()) * _MOST:
            self._make_high(dock, round(height * _MOST))

    def _make_high(self, dock: QDockWidget, height: int) -> None:
        """Give a panel at the bottom this height; Qt counts the tabs below it as well."""
        place = dock.geometry()
        below = QRect(place.left(), place.bottom() + 1, place.width(), self._window.height())
        bars = self._window.findChildren(QTabBar, options=_DIRECT)
        tabs = [bar.height() for bar in bars if bar.isVisible() and below.contains(bar.pos())]
        self._window.resizeDocks([dock], [height + max(tabs, default=0)], Qt.Orientation.Vertical)

    def _at_bottom(self, dock: QDockWidget) -> bool:
        return _is_seen(dock) and self._window.dockWidgetArea(dock) == BOTTOM

    def _height(self, dock: QDockWidget) -> int:
        """Return what canvas and panels at the bottom have together."""
        return self._window.centralWidget().height() + dock.height()

    def next_panel(self, canvas: QWidget) -> None:
        """Give the keyboard to the next panel that is seen, and after the last to the canvas."""
        panels = [dock.widget() for dock in self.docks.values() if _is_seen(dock)]
        panels.append(canvas)
        focus = QApplication.focusWidget()
        holding = [p is focus or (focus is not None and p.isAncestorOf(focus)) for p in panels]
        at = holding.index(True) if True in holding else -1
        _focus_first(panels[(at + 1) % len(panels)])

    def state(self) -> bytes:
        """Return how the panels stand, for the next start."""
        state = self._window.saveState(_VERSION) if self._cleared is None else self._cleared
        return bytes(state.data())

    def _restore(self, state: QByteArray) -> None:
        self._window.restoreState(state, _VERSION)
        self.follow_width()  # a state holds what the corners were like

    def reset(self) -> None:
        """Put every panel where it was at first."""
        self._restore(self._first)
        QTimer.singleShot(0, self._share_room)  # Qt heeds sizes once it has laid out the panels

    def clear(self) -> None:
        """Hide all panels for a while."""
        if self._cleared is None:
            self._cleared = self._window.saveState(_VERSION)
        for dock in self.docks.values():
            dock.hide()
        self._hide_tabs()

    def unclear(self) -> None:
        """Show the panels again that were hidden for a while."""
        cleared, self._cleared = self._cleared, None
        if cleared is not None:
            self._restore(cleared)
            self._share_room_soon()

    def settle(self) -> None:
        """Give panels their sizes once the window is shown; before, Qt does not heed them."""
        if self._cleared is None:
            self._share_room_soon()
            return
        self._hide_tabs()

    def _hide_tabs(self) -> None:
        """Hide the tabs of panels that are hidden: Qt leaves some of them standing."""
        for bar in self._window.findChildren(QTabBar, options=_DIRECT):
            bar.hide()

    def _share_room_soon(self) -> None:
        if not self._kept:
            QTimer.singleShot(0, self._share_room)

    def _share_room(self) -> None:
        docks = [self.docks[title] for title in _ACROSS]
        self._window.resizeDocks(docks, list(_ACROSS.values()), Qt.Orientation.Horizontal)
        dock = next((dock for dock in self.docks.values() if self._at_bottom(dock)), None)
        if dock is not None:
            self._make_high(dock, min(_DOWN, round(self._height(dock) * _SHARE)))


def _is_seen(dock: QDockWidget) -> bool:
    return dock.isVisible() and not dock.visibleRegion().isEmpty()


def _focus_first(widget: QWidget) -> None:
    """Give the keyboard to a widget, or to the first thing in it that takes it."""
    for taker in (widget, *widget.findChildren(QWidget)):
        takes = taker.focusPolicy() & Qt.FocusPolicy.TabFocus
        if takes and taker.isVisible() and taker.isEnabled():
            taker.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
