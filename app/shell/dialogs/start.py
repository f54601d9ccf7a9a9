"""The dialogs that create a document: from a template, or from the columns of a data file."""

from __future__ import annotations

from pathlib import Path

from app.controls.dialogs.file_dialog import open_data_dialog
from app.shell.window_parts import WindowParts
from engine.graph.model import Project


class StartDialogs:
    """Opens the dialogs that create a document."""

    def __init__(self, window: WindowParts) -> None:
        self._window, self._files = window, window.document_manager

    def new_from_template(self) -> None:
        """Show the dialog of graph templates."""
        from app.files.start.template_gallery import NewDocumentDialog

        dialog = NewDocumentDialog(self._window.theme, self._window)
        dialog.chosen.connect(self._files.new)
        dialog.data_requested.connect(self.start_from_data)
        dialog.open()

    def start_from_data(self, data: Path | None = None) -> None:
        """Show the dialog for a starter network. If `data` is None, ask for the data file first."""
        from app.files.start.start_from_data import StartFromDataDialog

        if data is None:
            title, folder = "Choose the data to start from", self._window.settings.last_folder
            open_data_dialog(self._window, title, folder, self.start_from_data)
            return
        if any(dialog.isVisible() for dialog in self._window.findChildren(StartFromDataDialog)):
            return  # several files were dropped at once; start from the first only
        dialog = StartFromDataDialog(self._window.theme, data, self._window)
        dialog.project_created.connect(self._on_starter_created)
        dialog.open()

    def _on_starter_created(self, project: Project, data: Path) -> None:
        self._files.open_starter(project, data)
        message = "Created a starter network. Review it, then press Train."
        self._window.workspace.message.emit(message)
