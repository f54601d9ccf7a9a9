"""Asks where an export goes, and writes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.files.disk.file_stamp import require_writable
from app.files.prompts.prompts import Desk
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception

FILTERS = {
    ".py": "Python files (*.py)",
    ".png": "PNG pictures (*.png)",
    ".svg": "SVG pictures (*.svg)",
    ".csv": "Tables (*.csv)",
    ".html": "Pages (*.html)",
}
Write = Callable[[Path], str]


class Exporter(QObject):
    """Writes files for other programs; one that is there is replaced only when asked.

    Signals:
        told: a sentence for the status bar.
        failed: a Diagnostic that was shown.
    """

    told = Signal(str)
    failed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk

    def ask(self, title: str, start: Path, write: Write) -> None:
        """Let the person choose a place, and write there.

        Args:
            title: of the dialog, such as "Export as PyTorch".
            start: the place to begin with; its ending is that of what is written.
            write: answers a sentence about what it wrote; raises Refused.
        """
        if not self._desk.is_busy():
            self._ask(title, start, write)

    def write(self, path: Path, write: Write) -> bool:
        """Write to a place; answer whether that went well."""
        try:
            require_writable(path)
            self.told.emit(write(path))
        except (DiagnosticError, MemoryError, RecursionError) as error:
            found = diagnostic_from_exception(error)
            self._desk.report(f"{path.name} was not written", found)
            self.failed.emit(found)
            return False
        return True

    def _ask(self, title: str, start: Path, write: Write) -> None:
        chosen = partial(self._on_place_chosen, title, start, write)
        self._desk.ask_for_place(title, str(start), chosen, FILTERS[start.suffix])

    def _on_place_chosen(self, title: str, start: Path, write: Write, path: Path | None) -> None:
        if path is None:
            return
        if path.suffix.lower() != start.suffix:
            path = path.with_name(path.name + start.suffix)
        do = partial(self.write, path, write)
        if path.is_file():
            self._desk.ask_to_replace(path, partial(self._ask, title, start, write), do)
        else:
            do()
