"""The controller for requests of the source panel: export its text, or show the problems."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.shell.actions.action_manager import ActionManager
from app.shell.dock_layout import DockLayout
from app.source.panel import SourcePanel


class SourceController(QObject):
    """Handles requests of the source panel: exports its text, or shows the Problems panel."""

    def __init__(
        self,
        source: SourcePanel,
        workspace: Workspace,
        files: DocumentManager,
        actions: ActionManager,
        docks: DockLayout,
    ) -> None:
        super().__init__(source)
        self._workspace, self._files = workspace, files
        self._actions, self._docks = actions, docks
        source.export_requested.connect(self._on_export_requested)
        source.problems_requested.connect(self._on_problems_requested)

    def _on_export_requested(self, export_format: str) -> None:
        if export_format == "file":
            self._files.save_as(self._workspace.session)
        else:
            self._actions.actions[f"export-{export_format}"].trigger()

    def _on_problems_requested(self) -> None:
        self._docks.show_panel("Problems")
