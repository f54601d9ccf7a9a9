"""Asks where an export of the active document is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.documents.workspace import Workspace
from app.files.documents.exporter import Exporter
from app.settings import Settings


class ExportPrompt:
    """Asks for the path of an exported file. Proposes the folder of the active document."""

    def __init__(self, workspace: Workspace, settings: Settings, exporter: Exporter) -> None:
        self._workspace, self._settings, self._exporter = workspace, settings, exporter

    @property
    def folder(self) -> Path:
        """The proposed folder: the folder of a saved document, otherwise the last used folder."""
        path = self._workspace.session.path
        return path.parent if path else self._settings.last_folder

    def ask(self, title: str, name: str, write: Callable[[Path], str]) -> None:
        """Ask for a path, with `name` as the proposed file name, and call `write` with the path.

        `write` writes the file and returns a message for the status bar.
        """
        self._exporter.export(title, self.folder / name, write)
