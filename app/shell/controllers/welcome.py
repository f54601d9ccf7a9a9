"""The controller that shows and hides the welcome page and connects its buttons."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.files.start.welcome_page import WelcomePage
from app.settings import Settings
from app.shell.actions.action_manager import ActionManager
from app.shell.document_tabs import DocumentTabs
from app.theme.theme import Theme


class WelcomeController(QObject):
    """Shows the welcome page instead of canvas, panels and tool bar until a graph exists.

    Signals:
        shown: the page is shown; panels and tool bar must be hidden.
    """

    shown = Signal()

    def __init__(
        self,
        tabs: DocumentTabs,
        workspace: Workspace,
        files: DocumentManager,
        actions: ActionManager,
        theme: Theme,
        settings: Settings,
    ) -> None:
        super().__init__(tabs)
        self._tabs, self._workspace, self._files = tabs, workspace, files
        self._actions, self._theme, self._settings = actions, theme, settings
        workspace.opened.connect(tabs.hide_welcome)
        files.opened.connect(tabs.hide_welcome)
        workspace.project_changed.connect(self._on_project_changed)

    def show(self) -> None:
        """Show the welcome page."""
        page = WelcomePage(self._theme, self._settings)
        page.new_requested.connect(self._on_new_requested)
        page.data_requested.connect(self._actions.actions["start-from-data"].trigger)
        page.tour_requested.connect(self._actions.actions["tour"].trigger)
        page.open_requested.connect(self._files.show_open_dialog)
        page.file_requested.connect(self._files.open)
        self.shown.emit()
        self._tabs.show_welcome(page)

    def _on_new_requested(self, template: object) -> None:
        self._files.new(template if isinstance(template, str) else None)
        self._tabs.hide_welcome()

    def _on_project_changed(self) -> None:
        if len(self._workspace.session.graph):
            self._tabs.hide_welcome()
