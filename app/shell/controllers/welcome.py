"""The controller that shows and hides the welcome page and connects its buttons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.files.start.welcome import WelcomePage

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow


class WelcomeController(QObject):
    """Shows the welcome page instead of canvas, panels and tool bar until a graph exists."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.tabs.welcome_hidden.connect(self._on_welcome_hidden)
        window.workspace.opened.connect(self._on_opened)
        window.files.opened.connect(self._on_opened)
        window.workspace.project_changed.connect(self._on_project_changed)

    def show(self) -> None:
        """Show the welcome page."""
        window = self._window
        page = WelcomePage(window.theme, window.settings)
        page.new_asked.connect(self._on_new_asked)
        page.data_asked.connect(window.action_manager.actions["start-from-data"].trigger)
        page.open_asked.connect(window.files.ask_open)
        page.file_asked.connect(self._on_file_asked)
        window.dock_layout.hide_all()
        window.tool_bar.hide()
        window.tabs.show_welcome(page)

    def _on_welcome_hidden(self) -> None:
        self._window.dock_layout.restore_hidden()
        self._window.tool_bar.show()

    def _on_new_asked(self, template: object) -> None:
        self._window.files.new(template if isinstance(template, str) else None)
        self._window.tabs.hide_welcome()

    def _on_file_asked(self, path: object) -> None:
        if isinstance(path, Path):
            self._window.files.open(path)

    def _on_opened(self, _: object) -> None:
        self._window.tabs.hide_welcome()

    def _on_project_changed(self) -> None:
        if len(self._window.workspace.session.graph):
            self._window.tabs.hide_welcome()
