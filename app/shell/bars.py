"""Menu bar, tool bar and status bar of the main window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import QObject, Qt
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
from app.controls.layout.boxes import row_layout
from app.documents.workspace import Workspace
from app.settings import Settings
from app.shell.actions.action_manager import MENUS, ActionManager
from app.shell.document_tabs import DocumentTabs
from app.shell.panel_layouts import LAYOUT_NAMES
from app.shell.status_chip import StatusChip
from app.text.phrases import status_message
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.formatting.counts import count_noun

_TOOL_GROUPS = (("train", "pause", "stop"), ("undo", "redo"), ("add", "tidy", "fit"), ("save",))
_BOTTOM_AREA = Qt.DockWidgetArea.BottomDockWidgetArea
_ICON_ONLY = ("undo", "redo")
# Mnemonics that are not the first letter. Each must be unique among the menus, and must differ from
# the letters of canvas shortcuts with Alt, such as Alt+D.
_MNEMONICS = {"Arrange": "n", "Data": "a"}
_MESSAGE_TIMEOUT = 8000  # milliseconds


def fill_menu_bar(
    window: QMainWindow, actions: ActionManager, recent: RecentMenu, views: Iterable[QAction]
) -> MenuBar:
    """Create the menu bar, with a menu for each group of actions.

    `recent` is added to the File menu, and a menu of `views` to the View menu: each shows a panel.
    """
    bar = MenuBar()
    window.setMenuBar(bar)
    for group in MENUS:
        letter = _MNEMONICS.get(group, group[0])
        menu = Menu(group.replace(letter, f"&{letter}", 1), window)
        bar.addMenu(menu)
        actions.fill_menu(menu, group)
        menu.aboutToShow.connect(actions.refresh)
        if group == "File":
            entries = menu.actions()
            after = entries[entries.index(actions.actions["open"]) + 1]
            menu.insertMenu(after, recent)
        if group == "View":
            panel_menu = Menu("Panels", window)
            for _, panels in groupby(views, key=lambda view: _is_bottom_panel(window, view)):
                panel_menu.addSeparator()
                panel_menu.addActions(list(panels))
            menu.insertMenu(actions.actions["maximize-panel"], panel_menu)
    return bar


def _is_bottom_panel(window: QMainWindow, view: QAction) -> bool:
    dock = view.parent()
    return isinstance(dock, QDockWidget) and window.dockWidgetArea(dock) == _BOTTOM_AREA


class ToolBar(QToolBar):
    """The tool bar: the most used actions in groups, and the status chip."""

    def __init__(self, actions: ActionManager, theme: Theme) -> None:
        super().__init__("Tools", objectName="tools", movable=False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for group, ids in enumerate(_TOOL_GROUPS):
            if group:
                self.addSeparator()
            for id in ids:
                self.addAction(actions.actions[id])
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self.chip = StatusChip(theme)
        self.addWidget(self.chip)
        for id in _ICON_ONLY:
            button = self._button(actions.actions[id])
            button.setAccessibleName(id.capitalize())
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._theme, self._can_train = theme, True
        self._train = actions.actions["train"]
        self.train_button = self._button(self._train)
        self.train_button.setProperty("role", "primary")
        # Whenever the action changes, Qt copies its icon and enabled state to the button.
        self._train.changed.connect(self._on_train_changed)
        self._on_train_changed()

    def set_can_train(self, can_train: bool) -> None:
        """Enable or disable the Train button.

        The Train action stays enabled: its shortcut then shows why training is not possible.
        """
        self._can_train = can_train
        self._on_train_changed()

    def _on_train_changed(self) -> None:
        self.train_button.setIcon(icon(self._theme, "play", "on_accent"))
        self.train_button.setEnabled(self._train.isEnabled() and self._can_train)

    def _button(self, action: QAction) -> QToolButton:
        button = self.widgetForAction(action)
        assert isinstance(button, QToolButton)
        return button


class LayoutSwitcher(QWidget):
    """Buttons at the end of the menu bar, one for each layout of the panels."""

    def __init__(self, actions: ActionManager) -> None:
        super().__init__(objectName="layout-switcher", accessibleName="Layouts")
        row = row_layout(parent=self, margins=(0, 0, 8, 0), spacing=2)
        for name in LAYOUT_NAMES:
            action = actions.actions[f"layout-{name}"]
            action.setIconText(name.capitalize())
            button = QToolButton(accessibleName=f"{name.capitalize()} layout")
            button.setDefaultAction(action)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button)


class RecentMenu(Menu):
    """A submenu of recently opened or saved files.

    The Qt parent is the window, because a menu does not own its submenus.
    """

    def __init__(
        self, settings: Settings, open_file: Callable[[Path], object], window: QWidget
    ) -> None:
        super().__init__("Open recent", window)
        self._settings, self._open = settings, open_file
        self.triggered.connect(self._on_chosen)

    def populate(self) -> None:
        """List the recent files."""
        self.clear()
        for path in self._settings.recent_files:
            self.addAction(str(path).replace("&", "&&")).setData(path)
        if self.isEmpty():
            self.addAction("No files yet").setEnabled(False)

    def _on_chosen(self, entry: QAction) -> None:
        path = entry.data()
        if isinstance(path, Path):
            self._open(path)


class StatusBarContents(QObject):
    """The contents of the status bar: message, network size, problems, data errors and zoom.

    Messages of all parts of the window arrive by `Workspace.message`.
    """

    def __init__(
        self, bar: QStatusBar, workspace: Workspace, tabs: DocumentTabs, actions: ActionManager
    ) -> None:
        super().__init__(bar)
        self._bar, self._workspace, self._tabs = bar, workspace, tabs
        self._has_nodes = self._has_no_problems = False
        self._data_errors = 0
        bar.setSizeGripEnabled(False)
        self.size_label = QLabel()
        self.problems_button = _flat_button("Problems", "Show problems")
        self.data_errors_button = _flat_button("Data errors", "Show data errors")
        self.zoom_button = _flat_button("Zoom", "Zoom. Click for 100 %.")
        for widget in (
            self.size_label,
            self.problems_button,
            self.data_errors_button,
            self.zoom_button,
        ):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            bar.addPermanentWidget(widget)
        self.zoom_button.clicked.connect(actions.actions["zoom-100"].trigger)
        workspace.message.connect(self._on_message)
        workspace.report_changed.connect(self._on_report_changed)
        tabs.view_changed.connect(self._on_view_changed)
        self.show_data_errors(0)
        self._on_report_changed()
        self._on_view_changed()

    def _on_message(self, text: str) -> None:
        """Show a message for some seconds."""
        session = self._workspace.session
        message = status_message(text, {session.title, *session.graph.by_name})
        self._bar.showMessage(message, _MESSAGE_TIMEOUT)

    def _on_report_changed(self) -> None:
        """Show the size of the network and the number of its problems."""
        session = self._workspace.session
        severities = [found.severity for found in session.diagnostics]
        counts = {word: severities.count(word) for word in ("error", "warning")}
        words = [count_noun(count, word) for word, count in counts.items() if count]
        self.problems_button.setText(" · ".join(words) or "No problems")
        self._has_nodes, self._has_no_problems = len(session.graph) > 0, not words
        self._update_problems()
        nodes, total = len(session.graph), session.report.costs.total_count
        size = f"{count_noun(nodes, 'node')} · {count_noun(total, 'parameter')}"
        self.size_label.setText(size if nodes else "Empty graph")

    def show_data_errors(self, count: int) -> None:
        """Show the number of known data errors."""
        self._data_errors = count
        self.data_errors_button.setText(f"Data: {count_noun(count, 'error')}")
        self.data_errors_button.setVisible(count > 0)
        self._update_problems()

    def _update_problems(self) -> None:
        """Show the problems button, except for an empty graph or if only the data has errors."""
        only_data_errors = self._has_no_problems and self._data_errors
        self.problems_button.setVisible(self._has_nodes and not only_data_errors)

    def _on_view_changed(self) -> None:
        self.zoom_button.setText(f"{self._tabs.canvas.viewer.zoom * 100:.0f} %")


def _flat_button(name: str, tip: str) -> QToolButton:
    return QToolButton(autoRaise=True, accessibleName=name, toolTip=tip)
