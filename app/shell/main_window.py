"""The main window: canvas, panels in docks, menus and bars, and their saved layout.

Controllers and handlers of actions implement the behavior. They do not depend on `MainWindow`, but
on its base class `WindowParts`. `app.shell.composition` creates the controllers.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent

from app.documents.workspace import Workspace
from app.settings import Settings
from app.shell.handlers import connect_window
from app.shell.window_parts import WindowParts
from app.theme.theme import Theme


class MainWindow(WindowParts):
    """The main window, which shows the open documents and the panels."""

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        super().__init__(workspace, theme, settings)
        self._was_shown = False
        self.controllers = connect_window(self)
        self.controllers.welcome.shown.connect(self._on_welcome_shown)
        self.tabs.welcome_hidden.connect(self._on_welcome_hidden)
        workspace.file_changed.connect(self._on_file_changed)
        workspace.active_changed.connect(self.dock_layout.show_canvas)
        workspace.reveal_requested.connect(self.dock_layout.show_canvas)
        self._restore_layout()
        self._on_file_changed()

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

    # Keys, show, resize and close.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """On an Escape that a panel does not use, restore the layout, or else go to the canvas."""
        if event.key() == Qt.Key.Key_Escape and not self.dock_layout.restore_maximized():
            self.tabs.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)
        super().keyPressEvent(event)

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
        self.dock_layout.heights.limit(event.oldSize().height())

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
            self.layouts.save()
            self.settings.flush()
            self.controllers.finish()
            self.panels.results.stop_processes()
