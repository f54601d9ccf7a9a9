"""The document manager: new, open, save, close, reload and recover."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.disk.file_stamp import FileStamp, same_file
from app.files.disk.file_watcher import FileWatcher
from app.files.documents.close_prompts import ClosePrompts
from app.files.documents.exporter import Exporter
from app.files.documents.saver import SaveCallback, Saver, ignore_result
from app.files.prompts.message_box import PromptChoice
from app.files.prompts.prompts import Prompts
from app.files.recovery.autosave import Autosave
from app.files.recovery.recovery import RecoverableDocument, RecoverySlots, recovery_folder
from app.settings import Settings
from app.text.node_names import table_name
from app.text.phrases import to_sentence
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.graph import templates
from engine.graph.model import Project
from engine.graph.serialization.file import LoadedProject, parse, read


class DocumentManager(QObject):
    """Opens, saves, closes and recovers the documents of a window.

    No method blocks. A method that asks questions opens dialogs. After the answers, it calls its
    argument `then` with True if the action was done, else with False.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        theme: Theme,
        window: QWidget | None = None,
        recovery: Path | None = None,
    ) -> None:
        super().__init__(window or workspace)
        self._workspace, self._settings = workspace, settings
        self.prompts = Prompts(settings, theme, window)
        self.file_watcher = watcher = FileWatcher(workspace)
        self.exporter = Exporter(workspace, settings, self.prompts)
        self.saver = Saver(workspace, settings, watcher, self.prompts)
        self._slots = RecoverySlots(recovery or recovery_folder())
        self.autosave = Autosave(workspace, watcher, self._slots, settings.autosave_seconds)
        self.close_prompts = ClosePrompts(
            workspace, settings, watcher, self.prompts, self.saver, self.autosave
        )

    def new(self, template: str | None = None) -> bool:
        """Open a new document, empty or from the named template; return whether this succeeded."""
        try:
            data = templates.read_template(template) if template else b""
            project = parse(data).project if data else Project()
        except DiagnosticError as error:
            self.prompts.report("The template can't be opened", diagnostic_from_exception(error))
            return False
        title = self._free_title(template or "untitled")
        self._add_session(Session(project, title=title))
        return True

    def open_starter(self, project: Project, data: Path) -> Session:
        """Open a starter project as an unsaved document, with `data` as the training data.

        Undo restores an empty document.
        """
        session = Session(title=self._free_title(table_name(data) or "untitled"))
        session.apply("Start from data", project)
        session.current_report()  # so that the errors of an empty document are never shown
        session.data_path = data
        self._add_session(session)
        return session

    def open(self, path: Path) -> bool:
        """Open a file, or activate its tab if the file is open. Return whether this succeeded."""
        path = Path(os.path.abspath(path))
        if session := self._session_at(path):
            self._workspace.activate(session)
            self.file_watcher.check(session)
            return True
        result = self._read(path)
        if result is None:
            return False
        stamp, loaded = result
        session = Session(loaded.project, path)
        self._add_session(session)
        self.file_watcher.record_synced(session, stamp, loaded.diagnostics)
        self._settings.add_recent(path)
        self._settings.last_folder = path.parent
        self._workspace.message.emit(f"Opened {path.name}.")
        self._show_notes(path, loaded, session)
        return True

    def show_open_dialog(self) -> None:
        """Open the file dialog, and open the chosen files."""
        self.prompts.ask_for_files(self.open_all)

    def open_all(self, paths: list[Path]) -> None:
        """Open files in order. The first file that can't be opened ends the series."""
        for path in paths:
            if not self.open(path):
                return

    def reload(self, session: Session) -> bool:
        """Reload a session's file; Undo restores the previous state. Return whether it was read."""
        result = self._read(session.path) if session.path else None
        if result is None:
            return False
        stamp, loaded = result
        session.apply("Reload", loaded.project)
        session.undo_history.mark_saved(loaded.project)
        self.file_watcher.record_synced(session, stamp, loaded.diagnostics)
        text = f"{session.title} was reloaded. Undo restores the previous state."
        self._workspace.message.emit(text)
        return True

    def restore(self) -> None:
        """Open the existing files of the last session: those open when the window was closed."""
        active_file = self._settings.active_file
        for path in self._settings.open_files:
            if path.is_file() and not self.open(path):
                return
        for session in self._workspace.sessions:
            if active_file is not None and session.path == active_file:
                self._workspace.activate(session)

    def recoverable_documents(self) -> list[RecoverableDocument]:
        """Return the recovery copies that crashed processes left, newest first."""
        found, notes = self._slots.recoverable_documents()
        for note in notes:
            self._workspace.message.emit(note)
        return found

    def recover(self, item: RecoverableDocument) -> None:
        """Open a recovery copy as an unsaved document with the path of the original document.

        If the file at this path is open, its tab gets the content of the copy as an undo step. The
        copy stays on disk until this process has written a new copy of the recovered document.
        """
        stamp, base = item.base_state()
        opened = self._session_at(item.copy.path)
        session = opened or Session(base, item.copy.path, item.copy.title)
        session.apply("Recover", item.project)  # before a new tab fits the network into the view
        if opened is None:
            self._add_session(session)
        else:
            self._workspace.activate(session)
        self.file_watcher.record_synced(session, stamp)
        session.external_runs = (*dict.fromkeys((*session.external_runs, *item.copy.runs)),)
        if item.copy.data is not None and session.data_path is None:
            session.data_path = item.copy.data
        if any(item.copy.splits) and not any(session.split_paths):
            session.split_paths = item.copy.splits
        self.file_watcher.check(session)
        self.autosave.adopt(session, item)
        self._workspace.message.emit(f"{session.title} was recovered. Save it to keep it.")

    def discard(self, item: RecoverableDocument, then: SaveCallback = ignore_result) -> None:
        """Delete a recovery copy if the user confirms. Pass to `then` whether it was deleted."""

        def remove() -> None:
            item.remove()
            then(True)

        self.prompts.ask(
            f"Discard the changes to {item.copy.title}?",
            "They were never saved, and can't be restored.",
            PromptChoice("Discard", remove),
            PromptChoice("Keep", lambda: then(False)),
            is_destructive=True,
        )

    def _read(self, path: Path) -> tuple[FileStamp | None, LoadedProject] | None:
        """Return the stamp and content of a file. If reading fails, show the error; return None."""
        try:
            return FileStamp.read(path), read(path)
        except (DiagnosticError, MemoryError) as error:
            self.prompts.report(f"{path.name} can't be opened", diagnostic_from_exception(error))
            return None

    def _session_at(self, path: Path | None) -> Session | None:
        for session in self._workspace.sessions:
            if path and session.path and same_file(session.path, path):
                return session
        return None

    def _add_session(self, session: Session) -> None:
        active = self._workspace.session
        replaces_active = is_untouched(active)
        self._workspace.open(session)
        if replaces_active:
            self._workspace.close(active)

    def _free_title(self, title: str) -> str:
        used = {session.title for session in self._workspace.sessions if not is_untouched(session)}
        names = (title, *(f"{title} {number}" for number in range(2, len(used) + 3)))
        return next(name for name in names if name not in used)

    def _show_notes(self, path: Path, loaded: LoadedProject, session: Session) -> None:
        if self.file_watcher.state(session).is_read_only:
            text = f"{path.name} is read-only. Save it under another name to keep changes."
            self._workspace.message.emit(text)
        elif loaded.diagnostics:
            self._workspace.message.emit(to_sentence(loaded.diagnostics[0].message))


def is_untouched(session: Session) -> bool:
    """Return whether a session is new and unchanged, so that an opened file may replace it."""
    history = session.undo_history
    has_history = history.undo_label is not None or history.redo_label is not None
    is_changed = has_history or history.is_dirty or session.has_chosen_data or len(session.graph)
    return session.path is None and not is_changed
