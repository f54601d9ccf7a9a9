"""The main window: canvas, panels in docks, menus and bars, and their saved layout.

The window contains only the visible parts. Controllers and handlers of actions implement the
behavior, and do not depend on the window. `app.shell.composition` creates the controllers.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.settings import Settings
from app.shell.actions.action_manager import ActionManager
from app.shell.bars import RecentMenu, StatusBarContents, ToolBar, fill_menu_bar
from app.shell.composition.parts import WindowParts
from app.shell.context_reader import ContextReader
from app.shell.dock_layout import DockLayout
from app.shell.document_bars import DocumentBars
from app.shell.document_tabs import DocumentTabs
from app.shell.handlers import connect_window
from app.shell.panel_display import PanelDisplay
from app.shell.panels import build_panels
from app.theme.icons import app_icon
from app.theme.theme import Theme


class MainWindow(QMainWindow):
    """The main window, which shows the open documents and the panels."""

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("window")
        self._was_shown = False
        self.workspace, self.theme, self.settings = workspace, theme, settings
        self.setWindowIcon(app_icon())
        options = QMainWindow.DockOption
        self.setDockOptions(options.AllowTabbedDocks | options.AnimatedDocks)
        self.document_manager = DocumentManager(workspace, settings, theme, self)
        self.tabs = DocumentTabs(workspace, theme)
        self.setCentralWidget(self.tabs)
        self.document_bars = DocumentBars(self.tabs, self.document_manager, workspace, theme)
        self.panels = build_panels(workspace, theme, settings)
        self.display = PanelDisplay()
        panels = self.panels.by_title()
        self.dock_layout = DockLayout(self, panels, self.display, settings.window_state)
        self.docks = self.dock_layout.docks
        context = ContextReader(workspace, theme, self.tabs, self.panels)
        self.action_manager = ActionManager(theme, settings, context.read, self, self.tabs.stack)
        context.changed.connect(self.action_manager.refresh)
        self._build_bars()
        self.controllers = connect_window(self._parts(), self)
        self.controllers.welcome.shown.connect(self._on_welcome_shown)
        self.tabs.welcome_hidden.connect(self._on_welcome_hidden)
        workspace.file_changed.connect(self._on_file_changed)
        self._restore_layout()
        self._on_file_changed()

    def _build_bars(self) -> None:
        self._recent_menu = RecentMenu(
            lambda: self.document_manager.recent_files, self.document_manager.open, self
        )
        views = [dock.toggleViewAction() for dock in self.docks.values()]
        self.menu_bar = fill_menu_bar(self, self.action_manager, self._recent_menu, views)
        self.tool_bar = ToolBar(self.action_manager, self.theme)
        self.addToolBar(self.tool_bar)
        self.status_bar = StatusBarContents(self.statusBar())

    def _parts(self) -> WindowParts:
        return WindowParts(
            self.workspace,
            self.theme,
            self.settings,
            self.document_manager,
            self.tabs,
            self.document_bars,
            self.panels,
            self.display,
            self.dock_layout,
            self.action_manager,
            self.menu_bar,
            self.tool_bar,
            self.status_bar,
        )

    def _on_welcome_shown(self) -> None:
        self.dock_layout.hide_all()
        self.tool_bar.hide()

    def _on_welcome_hidden(self) -> None:
        self.dock_layout.restore_hidden()
        self.tool_bar.show()

    def _on_file_changed(self) -> None:
        session = self.workspace.session
        prefix = "• " if session.undo_history.is_dirty else ""
        self.setWindowTitle(f"{prefix}{session.title} – Layerloom")

    # Show, resize and close.

    def showEvent(self, event: QShowEvent) -> None:
        """Apply the initial panel sizes when the window is shown for the first time."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.dock_layout.apply_initial_layout()
            self.tabs.canvas.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Limit the height of the bottom panels, so that the canvas keeps half of the height."""
        super().resizeEvent(event)
        self.dock_layout.assign_corner()
        self.dock_layout.limit_bottom_height(event.oldSize().height())

    def _restore_layout(self) -> None:
        screen = self.screen().availableSize()
        width, height = round(screen.width() * 0.92), round(screen.height() * 0.92)
        self.resize(min(width, 1700), min(height, 1060))
        if self.settings.window_geometry:
            self.restoreGeometry(QByteArray(self.settings.window_geometry))
        self.tabs.show_minimap(self.settings.flag("minimap", True))
        self.action_manager.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Store the window layout and close, but only after the user has confirmed all prompts."""
        event.setAccepted(self.controllers.close_guard.confirm_close())
        if event.isAccepted():
            self.settings.window_geometry = bytes(self.saveGeometry().data())
            self.settings.window_state = self.dock_layout.save_state()
            self.settings.flush()
            self.controllers.finish()
            self.panels.results.stop_processes()
