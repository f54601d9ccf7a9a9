"""Saving: a session to its file or another, and every way in which that can fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.disk.file_stamp import Stamp, require_writable, same_file, sha_of
from app.files.disk.file_watcher import Ledger
from app.files.prompts.message_box import Choice
from app.files.prompts.prompts import ENDING, Desk
from app.settings import Settings
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.graph.serialization.file import dumps, write

Then = Callable[[bool], object]


def ignore(_saved: bool) -> None:
    """Do nothing after a save."""


class Saver(QObject):
    """Writes sessions to files. A document whose save failed stays as it is, and stays dirty.

    Signals:
        saved: a session is in its file, whole.
        failed: why one is not.
    """

    saved = Signal(object)
    failed = Signal(object)

    def __init__(
        self, workspace: Workspace, settings: Settings, ledger: Ledger, desk: Desk
    ) -> None:
        super().__init__(workspace)
        self._workspace, self._settings = workspace, settings
        self._ledger, self._desk = ledger, desk

    def save(self, session: Session, then: Then = ignore) -> bool:
        """Save a session to its file; answer whether that is done already.

        Where a question has to be answered first, the answer is False and `then` hears the end.
        """
        path = session.path
        if path is None:
            self.save_as(session, then)
            return False
        if self._ledger.look_at(session).standing != "changed":
            return self._write(session, path, then)
        self._desk.ask(
            f"{path.name} was changed by another program",
            "Saving would replace what that program wrote.",
            Choice("Save as…", lambda: self.save_as(session, then)),
            Choice("Replace", lambda: self._write(session, path, then)),
            Choice("Cancel", lambda: then(False)),
        )
        return False

    def save_as(self, session: Session, then: Then = ignore) -> None:
        """Ask for a file and save a session there; from then on that is its file."""
        folder = session.data.parent if session.data is not None else self._settings.last_folder
        start = session.path or folder / f"{session.title}{ENDING}"
        self._desk.ask_for_place(
            "Save as", str(start), lambda path: self._place_chosen(session, path, then)
        )

    def save_to(self, session: Session, path: Path, then: Then = ignore) -> None:
        """Save a session to a file that was chosen; one that is there is replaced when asked."""
        path = with_ending(path)
        for other in self._workspace.sessions:
            if other is not session and other.path and same_file(other.path, path):
                self._taken(session, path, then)
                return
        known = session.path is not None and same_file(session.path, path)
        if path.is_file() and not (known and self._ledger.look_at(session).standing == "as-saved"):
            self._desk.ask_to_replace(
                path,
                lambda: self.save_as(session, then),
                lambda: self._write(session, path, then),
                lambda: then(False),
            )
        else:
            self._write(session, path, then)

    def _place_chosen(self, session: Session, path: Path | None, then: Then) -> None:
        if path is None:
            then(False)
        else:
            self.save_to(session, path, then)

    def _taken(self, session: Session, path: Path, then: Then) -> None:
        self._desk.ask(
            f"{path.name} is open in another tab",
            "Two documents can't be saved to one file. Choose another name, or close that tab.",
            Choice("Choose another name…", lambda: self.save_as(session, then)),
            Choice("Cancel", lambda: then(False)),
        )

    def _write(self, session: Session, path: Path, then: Then) -> bool:
        project = session.project
        try:
            require_writable(path)
            write(path, project)
        except (DiagnosticError, MemoryError, RecursionError) as error:
            self._say_failed(session, path, error, then)
            return False
        stamp = Stamp.of(path)
        whole = stamp is not None and stamp.sha == sha_of(dumps(project).encode())
        if session.path != path:
            session.path = path
        self._ledger.took(session, stamp, verified=whole)
        session.document.mark_saved(project)
        self._settings.add_recent(path)
        self._settings.last_folder = path.parent
        self.saved.emit(session)
        then(True)
        return True

    def _say_failed(self, session: Session, path: Path, error: BaseException, then: Then) -> None:
        found = diagnostic_from_exception(error)
        self._desk.report(
            f"{path.name} was not saved",
            found,
            Choice("Try again", lambda: self._write(session, path, then)),
            Choice("Save as…", lambda: self.save_as(session, then)),
            Choice("Cancel", lambda: then(False)),
        )
        self.failed.emit(found)


def with_ending(path: Path) -> Path:
    """Return a path that ends as graph files do; one that ends in .json is left as it is."""
    if path.name.lower().endswith(".json"):
        return path
    return path.with_name(path.name.removesuffix(".loom") + ENDING)
