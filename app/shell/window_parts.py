"""The visible parts of the main window, to which controllers and dialogs are connected."""

from __future__ import annotations

from PySide6.QtWidgets import QMainWindow

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.files.documents.file_bars import FileBar
from app.files.documents.recovery_bar import RecoveryBar
from app.find.bar import FindBar
from app.settings import Settings
from app.shell.action_state_reader import ActionStateReader
from app.shell.actions.action_manager import ActionManager
from app.shell.bars import LayoutSwitcher, RecentMenu, StatusBarContents, ToolBar, fill_menu_bar
from app.shell.dock_layout import DockLayout
from app.shell.document_tabs import DocumentTabs
from app.shell.panel_layouts import PanelLayouts, active_layout
from app.shell.panels import Panels
from app.theme.icons import app_icon
from app.theme.theme import Theme


class WindowParts(QMainWindow):
    """The base class of the main window: its visible parts, and the objects that these show."""

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.workspace, self.theme, self.settings = workspace, theme, settings
        self.setWindowIcon(app_icon())
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks)
        theme.changed.connect(self._set_animated)
        self._set_animated()
        self.document_manager = DocumentManager(workspace, settings, theme, self)
        self.tabs = DocumentTabs(workspace, theme)
        self.setCentralWidget(self.tabs)
        self._build_document_bars()
        self.panels = Panels(workspace, theme, settings)
        panels = self.panels.by_title()
        state = settings.layout_state(active_layout(settings))
        self.dock_layout = DockLayout(self, panels, state, theme)
        self.docks = self.dock_layout.docks
        self.layouts = PanelLayouts(self.dock_layout, settings)
        state_reader = ActionStateReader(workspace, theme, self.tabs, self.panels, self.layouts)
        self.action_manager = ActionManager(
            theme, settings, state_reader.read, self, self.tabs.stack
        )
        state_reader.changed.connect(self.action_manager.refresh)
        self._build_bars()

    def _set_animated(self) -> None:
        """Slide docks to their places, unless motion is reduced."""
        self.setAnimated(not self.theme.reduced_motion)

    def _build_document_bars(self) -> None:
        """Add the bars between tabs and canvas. Each is hidden while it has nothing to show."""
        self.recovery_bar = RecoveryBar(self.document_manager, self.theme)
        self.file_bar = FileBar(self.document_manager, self.workspace, self.theme)
        self.find_bar = FindBar(self.workspace, self.theme)
        for bar in (self.recovery_bar, self.file_bar, self.find_bar):
            self.tabs.bars_layout.addWidget(bar)
        self.find_bar.hide()
        self.find_bar.closed.connect(self._on_find_closed)

    def _build_bars(self) -> None:
        self._recent_menu = RecentMenu(self.settings, self.document_manager.open, self)
        views = [dock.toggleViewAction() for dock in self.docks.values()]
        self.menu_bar = fill_menu_bar(self, self.action_manager, self._recent_menu, views)
        self.layout_switcher = LayoutSwitcher(self.action_manager)
        self.menu_bar.setCornerWidget(self.layout_switcher)
        self.tool_bar = ToolBar(self.action_manager, self.theme)
        self.addToolBar(self.tool_bar)
        self.status_bar = StatusBarContents(
            self.statusBar(), self.workspace, self.tabs, self.action_manager
        )

    def _on_find_closed(self) -> None:
        self.tabs.canvas.setFocus()
