"""New, open, save, close, reload and recover: all that the window does with files of graphs."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.disk.file_stamp import Stamp, same_file
from app.files.disk.file_watcher import Ledger
from app.files.documents.close_prompts import Leaving
from app.files.documents.exporter import Exporter
from app.files.documents.saver import Saver, Then, ignore
from app.files.prompts.message_box import Choice
from app.files.prompts.prompts import Desk
from app.files.recovery.autosave import Autosave
from app.files.recovery.recovery import Recoverable, Slots, recovery_folder
from app.settings import Settings
from app.text.node_names import table_name
from app.text.phrases import to_sentence, with_period
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.graph import templates
from engine.graph.model import Project
from engine.graph.serialization.file import LoadedProject, parse, read


class Files(QObject):
    """The open documents' way from and to the disk.

    Nothing here waits: what has to be asked first is asked in a dialog, and `then` hears the end.

    Signals:
        opened, saved: a session came from, or went to, a file.
        failed: a Diagnostic that was shown.
        told: a sentence for the status bar.
    """

    opened = Signal(object)
    saved = Signal(object)
    failed = Signal(object)
    told = Signal(str)

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
        self.desk = Desk(settings, theme, window)
        self.ledger = Ledger(workspace)
        self.exporter = Exporter(self.desk)
        self._saver = Saver(workspace, settings, self.ledger, self.desk)
        self._slots = Slots(recovery or recovery_folder())
        self.autosave = Autosave(workspace, self.ledger, self._slots, settings.autosave_seconds)
        self._leaving = Leaving(
            workspace, settings, self.ledger, self.desk, self._saver, self.autosave
        )
        self._saver.saved.connect(self._on_saved)
        self._saver.failed.connect(self.failed)
        self.exporter.told.connect(self.told)
        self.exporter.failed.connect(self.failed)
        self.autosave.failed.connect(self._on_autosave_failed)

    @property
    def recent(self) -> list[Path]:
        """Files opened or saved last, those that are there first."""
        return self._settings.recent_files

    def new(self, template: str | None = None) -> bool:
        """Open an empty document, or a copy of a template without a file of its own yet."""
        try:
            data = templates.read_template(template) if template else b""
            project = parse(data).project if data else Project()
        except DiagnosticError as error:
            return self._say_failed("The template can't be opened", error)
        title = self._free_title(template or "untitled")
        self._bring(Session(project, title=title), is_blank(self._workspace.session))
        return True

    def start(self, project: Project, data: Path) -> Session:
        """Open a first network for data as a document that is not saved yet, the data chosen.

        Undo leads back to an empty document.
        """
        session = Session(title=self._free_title(table_name(data) or "untitled"))
        session.apply("Start from data", project)
        session.current_report()  # else it would be shown with the errors of an empty document
        session.data = data
        self._bring(session, is_blank(self._workspace.session))
        return session

    def open(self, path: Path) -> bool:
        """Open a file, or bring its tab to the front; answer whether it is in front now."""
        path = Path(os.path.abspath(path))
        if there := self._session_at(path):
            self._workspace.activate(there)
            self.ledger.look_at(there)
            return True
        found = self._read(path)
        if found is None:
            return False
        stamp, loaded = found
        session = Session(loaded.project, path)
        self._bring(session, is_blank(self._workspace.session))
        self.ledger.took(session, stamp, loaded.diagnostics)
        self._settings.add_recent(path)
        self._settings.last_folder = path.parent
        self.opened.emit(session)
        self._tell(path, loaded, session)
        return True

    def ask_open(self) -> None:
        """Let the person choose files, and open them."""
        self.desk.ask_for_file(self.open_all)

    def open_all(self, paths: list[Path]) -> None:
        """Open files until one can't be."""
        for path in paths:
            if not self.open(path):
                return

    def reload(self, session: Session) -> bool:
        """Take over what the disk holds, as a step that undo takes back."""
        found = self._read(session.path) if session.path else None
        if found is None:
            return False
        stamp, loaded = found
        session.apply("Reload", loaded.project)
        session.document.mark_saved(loaded.project)
        self.ledger.took(session, stamp, loaded.diagnostics)
        self.told.emit(f"{session.title} was reloaded. Undo brings back what was here.")
        return True

    def restore(self) -> None:
        """Open the files that were open when the window was closed, as far as they are there."""
        front = self._settings.active_file
        for path in self._settings.open_files:
            if path.is_file() and not self.open(path):
                return
        for session in self._workspace.sessions:
            if front is not None and session.path == front:
                self._workspace.activate(session)

    def save(self, session: Session, then: Then = ignore) -> bool:
        """Save a session to its file, asking for one first if it has none."""
        if self.desk.is_busy():
            then(False)
            return False
        return self._saver.save(session, then)

    def save_as(self, session: Session) -> None:
        """Ask for a file and save a session there."""
        if not self.desk.is_busy():
            self._saver.save_as(session)

    def save_to(self, session: Session, path: Path, then: Then = ignore) -> None:
        """Save a session to a file that the person has chosen."""
        self._saver.save_to(session, path, then)

    def close(self, session: Session, then: Then = ignore) -> None:
        """Close a tab, asking first if something would be lost; `then` hears whether it closed."""
        self._leaving.close(session, then)

    def close_all(self, then: Then) -> None:
        """Ask for every document that would be lost; `then` hears whether the window may go.

        The tabs stay, and are remembered; the recovery copies go once every answer is known.
        """
        self._leaving.close_all(then)

    def recoverable(self) -> list[Recoverable]:
        """Return what programs that ended without closing left behind, newest first."""
        found, notes = self._slots.left_behind()
        for note in notes:
            self.told.emit(note)
        return found

    def recover(self, left: Recoverable) -> None:
        """Open what was left behind as a document that is not saved yet, with its own path.

        If its file is open already, that tab takes it over, as a step that undo takes back. The old
        copy stays until this program has one of its own.
        """
        stamp, base = left.base()
        session = self._session_at(left.copy.path)
        if session is None:
            session = Session(base, left.copy.path, left.copy.title)
            self._bring(session, is_blank(self._workspace.session))
        else:
            self._workspace.activate(session)
        self.ledger.took(session, stamp)
        session.apply("Recover", left.project)
        session.external_runs = (*dict.fromkeys((*session.external_runs, *left.copy.runs)),)
        self.ledger.look_at(session)
        self.autosave.adopt(session, left)
        self.opened.emit(session)
        self.told.emit(f"{session.title} was recovered. Save it to keep it.")

    def discard(self, left: Recoverable, then: Then = ignore) -> None:
        """Ask, then throw away what was left behind."""

        def gone() -> None:
            left.remove()
            then(True)

        self.desk.ask(
            f"Discard the changes to {left.copy.title}?",
            "They were never saved, and can't be brought back.",
            Choice("Discard", gone),
            Choice("Keep", lambda: then(False)),
            careful=True,
        )

    def _read(self, path: Path) -> tuple[Stamp | None, LoadedProject] | None:
        """Return a file's stamp and what it holds; None if it can't be opened, which is told."""
        try:
            return Stamp.of(path), read(path)
        except (DiagnosticError, MemoryError) as error:
            self._say_failed(f"{path.name} can't be opened", error)
            return None

    def _session_at(self, path: Path | None) -> Session | None:
        """Return the session whose file this is, None without one."""
        return next(
            (
                session
                for session in self._workspace.sessions
                if path and session.path and same_file(session.path, path)
            ),
            None,
        )

    def _bring(self, session: Session, instead_of_front: bool) -> None:
        front = self._workspace.session
        self._workspace.open(session)
        if instead_of_front:
            self._workspace.close(front)

    def _free_title(self, wanted: str) -> str:
        taken = {each.title for each in self._workspace.sessions if not is_blank(each)}
        names = (wanted, *(f"{wanted} {number}" for number in range(2, len(taken) + 3)))
        return next(name for name in names if name not in taken)

    def _tell(self, path: Path, loaded: LoadedProject, session: Session) -> None:
        if self.ledger.of(session).read_only:
            self.told.emit(f"{path.name} is read-only. Save it under another name to keep changes.")
        elif loaded.diagnostics:
            self.told.emit(to_sentence(loaded.diagnostics[0].message))

    def _say_failed(self, title: str, error: BaseException) -> bool:
        found = diagnostic_from_exception(error)
        self.desk.report(title, found)
        self.failed.emit(found)
        return False

    def _on_saved(self, session: object) -> None:
        assert isinstance(session, Session)
        self.told.emit(f"Saved {session.path}")
        self.saved.emit(session)

    def _on_autosave_failed(self, found: object) -> None:
        assert isinstance(found, Diagnostic)
        self.failed.emit(found)
        self.told.emit(with_period(f"The recovery copy was not written: {found.message}"))


def is_blank(session: Session) -> bool:
    """Return whether nothing was ever done with a session, so that nobody misses it."""
    document = session.document
    past = document.undo_label is not None or document.redo_label is not None
    made = past or document.is_dirty or session.is_in_use or len(session.graph)
    return session.path is None and not made
