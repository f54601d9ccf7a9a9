"""Saving of sessions: writes files, asks the user before overwriting, and reports errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.disk.file_stamp import FileStamp, require_writable, same_file, sha256_hex
from app.files.disk.file_watcher import FileWatcher
from app.files.prompts.message_box import PromptChoice
from app.files.prompts.prompts import FILE_EXTENSION, Prompts
from app.settings import Settings
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.graph.serialization.file import dumps, write

SaveCallback = Callable[[bool], object]


def ignore_result(_saved: bool) -> None:
    """Do nothing: the default callback of a save."""


class Saver(QObject):
    """Writes sessions to files. If a save fails, the document stays unsaved and unchanged.

    Nothing is saved while a dialog is open; the dialog is raised instead.

    Signals:
        saved: the session that was saved.
    """

    saved = Signal(Session)

    def __init__(
        self, workspace: Workspace, settings: Settings, file_watcher: FileWatcher, prompts: Prompts
    ) -> None:
        super().__init__(workspace)
        self._workspace, self._settings = workspace, settings
        self._file_watcher, self._prompts = file_watcher, prompts

    def save(self, session: Session, then: SaveCallback = ignore_result) -> bool:
        """Save a session to its file. Return whether the session is saved when the method returns.

        If the user has to answer a question, return False and save after the answer. In any case,
        `then` is called at the end: with True if the session was saved, else with False.
        """
        path = session.path
        if self._prompts.raise_active_dialog():
            then(False)
            return False
        if path is None:
            self.save_as(session, then)
            return False
        if self._file_watcher.check(session).disk_status != "changed":
            return self._write(session, path, then)
        self._prompts.ask(
            f"{path.name} was changed by another program",
            "Saving would replace what that program wrote.",
            PromptChoice("Save as…", lambda: self.save_as(session, then)),
            PromptChoice("Replace", lambda: self._write(session, path, then)),
            PromptChoice("Cancel", lambda: then(False)),
        )
        return False

    def save_as(self, session: Session, then: SaveCallback = ignore_result) -> None:
        """Save a session to a path that the user chooses, which becomes the path of the session."""
        if self._prompts.raise_active_dialog():
            then(False)
            return
        data = session.data_path
        folder = data.parent if data is not None else self._settings.last_folder
        start = session.path or folder / f"{session.title}{FILE_EXTENSION}"
        self._prompts.ask_for_save_path(
            "Save as", str(start), lambda path: self._on_path_chosen(session, path, then)
        )

    def save_to(self, session: Session, path: Path, then: SaveCallback = ignore_result) -> None:
        """Save a session to `path`; ask before overwriting. `then` gets whether it was saved."""
        path = with_graph_extension(path)
        for other in self._workspace.sessions:
            if other is not session and other.path and same_file(other.path, path):
                self._report_open_elsewhere(session, path, then)
                return
        is_own_file = session.path is not None and same_file(session.path, path)
        if path.is_file() and not (
            is_own_file and self._file_watcher.check(session).disk_status == "as-saved"
        ):
            self._prompts.ask_to_replace(
                path,
                lambda: self.save_as(session, then),
                lambda: self._write(session, path, then),
                lambda: then(False),
            )
        else:
            self._write(session, path, then)

    def _on_path_chosen(self, session: Session, path: Path | None, then: SaveCallback) -> None:
        if path is None:
            then(False)
        else:
            self.save_to(session, path, then)

    def _report_open_elsewhere(self, session: Session, path: Path, then: SaveCallback) -> None:
        self._prompts.ask(
            f"{path.name} is open in another tab",
            "Two documents can't share a file. Choose another name, or close that tab.",
            PromptChoice("Choose another name…", lambda: self.save_as(session, then)),
            PromptChoice("Cancel", lambda: then(False)),
        )

    def _write(self, session: Session, path: Path, then: SaveCallback) -> bool:
        project = session.project
        try:
            require_writable(path)
            write(path, project)
        except (DiagnosticError, MemoryError, RecursionError) as error:
            self._report(session, path, error, then)
            return False
        stamp = FileStamp.read(path)
        is_verified = stamp is not None and stamp.sha == sha256_hex(dumps(project).encode())
        if session.path != path:
            session.path = path
        self._file_watcher.record_synced(session, stamp, is_verified=is_verified)
        session.undo_history.mark_saved(project)
        self._settings.add_recent(path)
        self._settings.last_folder = path.parent
        self._workspace.message.emit(f"Saved {path}")
        self.saved.emit(session)
        then(True)
        return True

    def _report(self, session: Session, path: Path, error: Exception, then: SaveCallback) -> None:
        self._prompts.report(
            f"{path.name} was not saved",
            diagnostic_from_exception(error),
            PromptChoice("Try again", lambda: self._write(session, path, then)),
            PromptChoice("Save as…", lambda: self.save_as(session, then)),
            PromptChoice("Cancel", lambda: then(False)),
        )


def with_graph_extension(path: Path) -> Path:
    """Return a path with the extension ".loom.json". A path that ends in .json is unchanged."""
    if path.name.lower().endswith(".json"):
        return path
    return path.with_name(path.name.removesuffix(".loom") + FILE_EXTENSION)
