"""Menu bar, tool bar and status bar of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QMainWindow,
    QSizePolicy,
    QStatusBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from app.controls.dialogs.menu import Menu, MenuBar
from app.documents.session import Session
from app.shell.qt_actions import MENUS, Commands
from app.shell.status_chip import Chip
from app.text.phrases import counted
from app.theme.icons import icon
from app.theme.theme import Theme

_TOOLS = (("train", "pause", "stop"), ("undo", "redo"), ("add", "tidy", "fit"), ("save",))
_BELOW = Qt.DockWidgetArea.BottomDockWidgetArea
_ONLY_ICONS = ("undo", "redo")
# No letter twice, and none that a key of the canvas has with Alt, as D has.
_LETTERS = {"Arrange": "n", "Data": "a"}
_TOLD_FOR = 8000  # milliseconds


def fill_menu_bar(
    window: QMainWindow, commands: Commands, recent: RecentMenu, views: Iterable[QAction]
) -> MenuBar:
    """Make a menu of each group of the table, with recent files and panels where they belong."""
    bar = MenuBar()
    window.setMenuBar(bar)
    for group in MENUS:
        letter = _LETTERS.get(group, group[0])
        menu = Menu(group.replace(letter, f"&{letter}", 1), window)
        bar.addMenu(menu)
        commands.fill(menu, group)
        menu.aboutToShow.connect(commands.refresh)
        if group == "File":
            entries = menu.actions()
            after = entries[entries.index(commands.actions["open"]) + 1]
            menu.insertMenu(after, recent)
        if group == "View":
            for _, panels in groupby(views, key=lambda view: _is_below(window, view)):
                menu.addSeparator()
                menu.addActions(list(panels))
    return bar


def _is_below(window: QMainWindow, view: QAction) -> bool:
    """Return whether a panel stands below the canvas, by the action that shows and hides it."""
    dock = view.parent()
    return isinstance(dock, QDockWidget) and window.dockWidgetArea(dock) == _BELOW


class ToolBar(QToolBar):
    """What is needed most, in groups.

    Args:
        commands: the actions.
        theme: the colours of icons.
    """

    def __init__(self, commands: Commands, theme: Theme) -> None:
        super().__init__("Tools")
        self.setObjectName("tools")
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for group, ids in enumerate(_TOOLS):
            if group:
                self.addSeparator()
            for id in ids:
                self.addAction(commands.actions[id])
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)
        self.chip = Chip(theme)
        self.addWidget(self.chip)
        for id in _ONLY_ICONS:
            button = self._button(commands.actions[id])
            button.setAccessibleName(id.capitalize())
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._theme, self._can_train = theme, True
        self._train = commands.actions["train"]
        self._button(self._train).setProperty("role", "primary")
        # Qt makes the button equal to the action again whenever that changes.
        self._train.changed.connect(self._on_train_changed)
        self._on_train_changed()

    def show_ready(self, can_train: bool) -> None:
        """Grey Train out as the training panel does; by key it still tells why it can't."""
        self._can_train = can_train
        self._on_train_changed()

    def _on_train_changed(self) -> None:
        button = self._button(self._train)
        button.setIcon(icon(self._theme, "play", "on_accent"))
        button.setEnabled(self._train.isEnabled() and self._can_train)

    def _button(self, action: QAction) -> QToolButton:
        button = self.widgetForAction(action)
        assert isinstance(button, QToolButton)
        return button


class RecentMenu(Menu):
    """The files that were opened or saved last.

    Args:
        recent: answers them when the menu opens.
        open_file: opens one.
        window: what it goes with; the menu that it stands in does not own it.
    """

    def __init__(
        self,
        recent: Callable[[], list[Path]],
        open_file: Callable[[Path], object],
        window: QWidget,
    ) -> None:
        super().__init__("Open recent", window)
        self._recent, self._open = recent, open_file
        self.triggered.connect(self._on_chosen)

    def fill(self) -> None:
        """List the files."""
        self.clear()
        for path in self._recent():
            self.addAction(str(path).replace("&", "&&")).setData(path)
        if self.isEmpty():
            self.addAction("No files yet").setEnabled(False)

    def _on_chosen(self, entry: QAction) -> None:
        path = entry.data()
        if isinstance(path, Path):
            self._open(path)


class StatusLine:
    """What the status bar says: the newest message, the size of the network, problems, zoom.

    Args:
        bar: the status bar.
        to_problems: shows the problems.
        to_full_size: zooms to 100 %.
    """

    def __init__(
        self, bar: QStatusBar, to_problems: Callable[[], object], to_full_size: Callable[[], object]
    ) -> None:
        self._bar = bar
        self._drawn = self._sound = False
        self._data_errors = 0
        bar.setSizeGripEnabled(False)
        self.size = QLabel()
        self.problems = _quiet_button("Problems", "Show the problems.")
        self.problems.clicked.connect(to_problems)
        self.data = _quiet_button("Data errors", "Show what is wrong with the data.")
        self.zoom = _quiet_button("Zoom", "Zoom. Click for 100 %.")
        self.zoom.clicked.connect(to_full_size)
        for widget in (self.size, self.problems, self.data, self.zoom):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            bar.addPermanentWidget(widget)
        self.show_data_errors(0)

    def tell(self, text: str) -> None:
        """Say something for a while."""
        self._bar.showMessage(text, _TOLD_FOR)

    def show_report(self, session: Session) -> None:
        """Say how large the network is, and how many problems it has."""
        severities = [found.severity for found in session.findings]
        counts = {word: severities.count(word) for word in ("error", "warning")}
        words = [counted(count, word) for word, count in counts.items() if count]
        self.problems.setText(" · ".join(words) or "No problems")
        self._drawn, self._sound = len(session.graph) > 0, not words
        self._show_problems()
        nodes, total = len(session.graph), session.report.costs.total
        size = f"{counted(nodes, 'node')} · {counted(total, 'parameter')}"
        self.size.setText(size if nodes else "Nothing drawn yet")

    def show_data_errors(self, count: int) -> None:
        """Say how many errors are known in the data."""
        self._data_errors = count
        self.data.setText(f"Data: {counted(count, 'error')}")
        self.data.setVisible(count > 0)
        self._show_problems()

    def _show_problems(self) -> None:
        """Leave out that there are none where the data has some."""
        self.problems.setVisible(self._drawn and not (self._sound and self._data_errors))

    def show_zoom(self, zoom: float) -> None:
        """Say how large the canvas is shown."""
        self.zoom.setText(f"{zoom * 100:.0f} %")


def _quiet_button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    return button
