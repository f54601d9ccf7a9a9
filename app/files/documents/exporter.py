"""Export of files, with a save dialog and error messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.documents.workspace import Workspace
from app.files.disk.file_stamp import require_writable
from app.files.prompts.prompts import Prompts
from app.settings import Settings
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception

FILTERS = {
    ".py": "Python files (*.py)",
    ".png": "PNG images (*.png)",
    ".svg": "SVG images (*.svg)",
    ".csv": "CSV files (*.csv)",
    ".html": "HTML files (*.html)",
}
WriteFile = Callable[[Path], str]


class Exporter(QObject):
    """Writes exported files. Proposes the folder of the active document.

    Asks before an existing file is replaced.
    """

    def __init__(self, workspace: Workspace, settings: Settings, prompts: Prompts) -> None:
        super().__init__(prompts)
        self._workspace, self._settings, self._prompts = workspace, settings, prompts

    @property
    def folder(self) -> Path:
        """The proposed folder: the folder of a saved document, otherwise the last used folder."""
        path = self._workspace.session.path
        return path.parent if path else self._settings.last_folder

    def ask(self, title: str, name: str, write: WriteFile, suffixes: Sequence[str] = ()) -> None:
        """Open a save dialog, and write to the chosen path.

        Args:
            title: the title of the dialog, such as "Export as PyTorch".
            name: the proposed file name; its suffix determines the default file type.
            write: a function that writes the file at a path and returns a status message. It may
                raise `DiagnosticError`, which is then shown.
            suffixes: those of the formats to choose from; () if there is only that of `name`.
        """
        if not self._prompts.raise_active_dialog():
            self._open_dialog(title, self.folder / name, write, suffixes)

    def write(self, path: Path, write: WriteFile) -> bool:
        """Call `write` with a path, and show the error if this fails. Return whether it worked."""
        try:
            require_writable(path)
            self._workspace.message.emit(write(path))
        except (DiagnosticError, MemoryError, RecursionError) as error:
            diagnostic = diagnostic_from_exception(error)
            self._prompts.report(f"{path.name} was not written", diagnostic)
            return False
        return True

    def _open_dialog(
        self, title: str, start: Path, write: WriteFile, suffixes: Sequence[str]
    ) -> None:
        tables = f"Tables ({' '.join(f'*{suffix}' for suffix in suffixes)})"
        filter_ = tables if suffixes else FILTERS[start.suffix]
        on_chosen = partial(self._on_path_chosen, title, start, write, suffixes)
        self._prompts.ask_for_save_path(title, str(start), on_chosen, filter_)

    def _on_path_chosen(
        self, title: str, start: Path, write: WriteFile, suffixes: Sequence[str], path: Path | None
    ) -> None:
        if path is None:
            return
        if path.suffix.lower() not in (start.suffix, *suffixes):
            path = path.with_name(path.name + start.suffix)
        write_file = partial(self.write, path, write)
        if path.is_file():
            choose_again = partial(self._open_dialog, title, start, write, suffixes)
            self._prompts.ask_to_replace(path, choose_again, write_file)
        else:
            write_file()
