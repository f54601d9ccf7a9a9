"""The controller that chooses the folder whose runs the runs panel lists."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.controls.dialogs.file_dialog import open_folder_dialog
from app.documents.session import Session
from app.shell.window_parts import WindowParts
from app.training.process.run_finder import runs_folder
from engine.runs.folder.run_json import RUN_FILE


class RunsFolderController(QObject):
    """Lists the runs of the active document, or those of a folder that the user chose."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._runs, self._workspace = window, window.panels.runs, window.workspace
        self._document_folder: Path | None = None
        # The runs folder of each document that was opened from a listed run.
        self._origin_folders: dict[Session, Path | None] = {}
        self._workspace.active_changed.connect(self._on_document_changed)
        self._workspace.file_changed.connect(self._on_document_changed)
        self._workspace.closed.connect(self._on_closed)
        self._runs.folder_requested.connect(self.choose_folder)
        self._runs.message_posted.connect(self._workspace.message)
        self._on_document_changed()

    def choose_folder(self) -> None:
        """Ask for another runs folder to list, such as a copy from another machine."""
        self._window.dock_layout.show_panel("Runs")
        folder = self._runs.folder or Path.home()
        open_folder_dialog(self._window, "Open runs folder", folder, self._on_folder_chosen)

    def open_document(self, session: Session) -> None:
        """Open a document made from a run in the runs panel. The panel keeps its runs folder."""
        self._origin_folders[session] = self._runs.folder
        self._workspace.open(session)

    def _on_document_changed(self) -> None:
        """List the runs of the active document if its runs folder has changed.

        The runs folder changes when the user switches to a document in another folder, or saves the
        document to another folder. Otherwise, a folder that the user chose stays listed.
        """
        session = self._workspace.session
        origin = self._origin_folders.get(session) if session.path is None else None
        folder = origin or runs_folder(session)
        if folder != self._document_folder:
            self._document_folder = folder
            self._runs.set_folder(folder)

    def _on_folder_chosen(self, folder: Path) -> None:
        subfolder = folder / "runs"
        if (folder / RUN_FILE).is_file():  # the user chose the folder of a single run
            folder = folder.parent
        self._runs.set_folder(subfolder if subfolder.is_dir() else folder)

    def _on_closed(self, session: Session) -> None:
        self._origin_folders.pop(session, None)
