"""Asks where an export of the active document is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.documents.workspace import Workspace
from app.files.documents.exporter import Exporter
from app.settings import Settings


class ExportPrompt:
    """Asks for the path of an exported file, beside the active document at first."""

    def __init__(self, workspace: Workspace, settings: Settings, exporter: Exporter) -> None:
        self._workspace, self._settings, self._exporter = workspace, settings, exporter

    @property
    def folder(self) -> Path:
        """The folder that is proposed."""
        path = self._workspace.session.path
        return path.parent if path else self._settings.last_folder

    def ask(self, title: str, name: str, write: Callable[[Path], str]) -> None:
        """Ask for a path; `write` writes the file and returns a message about it."""
        self._exporter.export(title, self.folder / name, write)
