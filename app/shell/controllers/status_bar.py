"""The controller of the status bar: messages, network size and zoom."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.documents.workspace import Workspace
from app.shell.actions.action_manager import ActionManager
from app.shell.bars import StatusBarContents
from app.shell.document_tabs import DocumentTabs
from app.text.phrases import status_message


class StatusBarController(QObject):
    """Shows messages, and the size and zoom of the active document.

    Messages of all parts of the window arrive by `Workspace.message`.
    """

    def __init__(
        self,
        status_bar: StatusBarContents,
        workspace: Workspace,
        tabs: DocumentTabs,
        actions: ActionManager,
    ) -> None:
        super().__init__(tabs)
        self._status_bar, self._workspace, self._tabs = status_bar, workspace, tabs
        workspace.message.connect(self._on_message)
        workspace.report_changed.connect(self._on_report_changed)
        tabs.view_changed.connect(self._on_view_changed)
        status_bar.zoom_button.clicked.connect(actions.actions["zoom-100"].trigger)
        self._on_report_changed()
        self._on_view_changed()

    def _on_message(self, text: str) -> None:
        session = self._workspace.session
        names = {session.title, *session.graph.by_name}
        self._status_bar.show_message(status_message(text, names))

    def _on_report_changed(self) -> None:
        self._status_bar.show_report(self._workspace.session)

    def _on_view_changed(self) -> None:
        self._status_bar.show_zoom(self._tabs.canvas.viewer.zoom)
