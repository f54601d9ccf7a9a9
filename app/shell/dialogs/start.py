"""The dialogs that create a document: from a template, or from the columns of a data file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.controls.dialogs.file_dialog import open_data_dialog
from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.settings import Settings
from app.theme.theme import Theme
from engine.graph.model import Project


class StartDialogs:
    """Opens the dialogs that create a document."""

    def __init__(
        self,
        parent: QWidget,
        theme: Theme,
        settings: Settings,
        workspace: Workspace,
        files: DocumentManager,
    ) -> None:
        self._parent, self._theme, self._settings = parent, theme, settings
        self._workspace, self._files = workspace, files

    def new_from_template(self) -> None:
        """Show the dialog of graph templates."""
        from app.files.start.template_gallery import NewDocumentDialog

        dialog = NewDocumentDialog(self._theme, self._parent)
        dialog.chosen.connect(self._files.new)
        dialog.data_requested.connect(self.start_from_data)
        dialog.open()

    def start_from_data(self, data: Path | None = None) -> None:
        """Show the dialog for a starter network. If `data` is None, ask for the data file first."""
        from app.files.start.start_from_data import StartFromDataDialog

        parent = self._parent
        if data is None:
            title, folder = "Choose the data to start from", self._settings.last_folder
            open_data_dialog(parent, title, folder, self.start_from_data)
            return
        if any(dialog.isVisible() for dialog in parent.findChildren(StartFromDataDialog)):
            return  # several files were dropped at once; start from the first only
        dialog = StartFromDataDialog(self._theme, data, parent)
        dialog.project_created.connect(self._on_starter_created)
        dialog.open()

    def _on_starter_created(self, project: Project, data: Path) -> None:
        self._files.open_starter(project, data)
        self._workspace.message.emit("Created a starter network. Review it, then press Train.")
