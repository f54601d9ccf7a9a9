"""Closing tabs and the window: nothing that would be lost goes unasked."""

from __future__ import annotations

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.disk.file_watcher import Ledger
from app.files.documents.saver import Saver, Then
from app.files.prompts.message_box import Choice
from app.files.prompts.prompts import Desk
from app.files.recovery.autosave import Autosave
from app.settings import Settings


class Leaving:
    """Asks about each document that the disk does not hold, then lets it go."""

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        ledger: Ledger,
        desk: Desk,
        saver: Saver,
        autosave: Autosave,
    ) -> None:
        self._workspace, self._settings = workspace, settings
        self._ledger, self._desk = ledger, desk
        self._saver, self._autosave = saver, autosave

    def close(self, session: Session, then: Then) -> None:
        """Close a tab, asking first if something would be lost."""

        def shut(go_on: bool) -> None:
            if go_on:
                self._autosave.forget(session)
                self._workspace.close(session)
            then(go_on)

        self._ask(session, shut)

    def close_all(self, then: Then) -> None:
        """Ask for every document that would be lost, one after the other."""
        self._ask_next(list(self._workspace.sessions), then)

    def _ask_next(self, waiting: list[Session], then: Then) -> None:
        while waiting and self._ledger.is_safe(waiting[0]):
            waiting.pop(0)
        if not waiting:
            self._remember_tabs()
            self._autosave.finish()
            then(True)
            return
        session, *rest = waiting
        self._ask(session, lambda go_on: self._ask_next(rest, then) if go_on else then(False))

    def _ask(self, session: Session, then: Then) -> None:
        if self._ledger.is_safe(session):
            then(True)
            return
        if self._desk.is_busy():
            then(False)
            return
        self._workspace.activate(session)
        dirty = session.document.is_dirty
        self._desk.ask(
            f"Save {session.title} before it is closed?",
            "Without saving, your changes are lost." if dirty else "Its file is gone.",
            Choice("Save", lambda: self._saver.save(session, then)),
            Choice("Don't save", lambda: then(True)),
            Choice("Cancel", lambda: then(False)),
        )

    def _remember_tabs(self) -> None:
        paths = [session.path for session in self._workspace.sessions if session.path]
        self._settings.open_files = paths
        self._settings.active_file = self._workspace.session.path
        self._settings.flush()
