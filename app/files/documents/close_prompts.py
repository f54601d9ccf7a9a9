"""Closing of tabs and of the window, with questions about unsaved changes."""

from __future__ import annotations

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.disk.file_watcher import FileWatcher
from app.files.documents.saver import SaveCallback, Saver, ignore_result
from app.files.prompts.message_box import PromptChoice
from app.files.prompts.prompts import Prompts
from app.files.recovery.autosave import Autosave
from app.settings import Settings


class ClosePrompts:
    """Asks about unsaved documents before they are closed."""

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        file_watcher: FileWatcher,
        prompts: Prompts,
        saver: Saver,
        autosave: Autosave,
    ) -> None:
        self._workspace, self._settings = workspace, settings
        self._file_watcher, self._prompts = file_watcher, prompts
        self._saver, self._autosave = saver, autosave

    def close(self, session: Session, then: SaveCallback = ignore_result) -> None:
        """Ask about unsaved changes and close a tab. Pass to `then` whether the tab was closed."""

        def close(is_confirmed: bool) -> None:
            if is_confirmed:
                self._autosave.forget(session)
                self._workspace.close(session)
            then(is_confirmed)

        self._ask(session, close)

    def close_all(self, then: SaveCallback) -> None:
        """Ask about all unsaved documents. Pass to `then` whether the window may close now.

        The tabs stay open. If the window may close, the paths of the open files are stored in the
        settings, and the recovery copies are removed.
        """
        self._ask_next(list(self._workspace.sessions), then)

    def _ask_next(self, pending: list[Session], then: SaveCallback) -> None:
        while pending and self._file_watcher.is_safe(pending[0]):
            pending.pop(0)
        if not pending:
            self._store_open_files()
            self._autosave.finish()
            then(True)
            return
        session, *rest = pending
        self._ask(session, lambda ok: self._ask_next(rest, then) if ok else then(False))

    def _ask(self, session: Session, then: SaveCallback) -> None:
        if self._file_watcher.is_safe(session):
            then(True)
            return
        if self._prompts.raise_active_dialog():
            then(False)
            return
        self._workspace.activate(session)
        is_dirty = session.undo_history.is_dirty
        self._prompts.ask(
            f"Save {session.title} before closing?",
            "Your changes will be lost if you don't save them."
            if is_dirty
            else "Its file was moved or deleted.",
            PromptChoice("Save", lambda: self._saver.save(session, then)),
            PromptChoice("Don't save", lambda: then(True)),
            PromptChoice("Cancel", lambda: then(False)),
        )

    def _store_open_files(self) -> None:
        paths = [session.path for session in self._workspace.sessions if session.path]
        self._settings.open_files = paths
        self._settings.active_file = self._workspace.session.path
        self._settings.flush()
