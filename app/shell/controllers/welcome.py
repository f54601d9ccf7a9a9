"""The controller that shows and hides the welcome page and connects its buttons."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.files.start.welcome_page import WelcomePage
from app.shell.window_parts import WindowParts


class WelcomeController(QObject):
    """Shows the welcome page instead of canvas, panels and tool bar until a graph exists.

    Signals:
        shown: the page is shown; panels and tool bar must be hidden.
    """

    shown = Signal()

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._tabs, self._files = window, window.tabs, window.document_manager
        window.workspace.opened.connect(self._tabs.hide_welcome)
        window.workspace.project_changed.connect(self._on_project_changed)

    def show(self) -> None:
        """Show the welcome page."""
        page = WelcomePage(self._window.theme, self._window.settings)
        actions = self._window.action_manager.actions
        page.new_requested.connect(self._on_new_requested)
        page.data_requested.connect(actions["start-from-data"].trigger)
        page.tour_requested.connect(actions["tour"].trigger)
        page.open_requested.connect(self._files.show_open_dialog)
        page.file_requested.connect(self._files.open)
        self.shown.emit()
        self._tabs.show_welcome(page)

    def _on_new_requested(self, template: object) -> None:
        self._files.new(template if isinstance(template, str) else None)
        self._tabs.hide_welcome()

    def _on_project_changed(self) -> None:
        if len(self._window.workspace.session.graph):
            self._tabs.hide_welcome()
