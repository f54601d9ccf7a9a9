"""`Workspace`: holds the open documents, and forwards the signals of the active document."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, SignalInstance

from app.documents.session import Session


class Workspace(QObject):
    """The open sessions, one of which is active.

    A panel connects to the workspace instead of to each session: the signals of the active session
    are forwarded. When another session becomes active, all `..._changed` signals except
    `data_changed` are emitted. There is always an active session.

    Signals:
        opened, closed: a session was opened or closed.
        active_changed: another session is active; the `..._changed` signals follow.
        project_changed, report_changed, selection_changed, file_changed, data_changed,
            table_contents_changed, table_contents_requested, message: see `Session`.
    """

    opened = Signal(Session)
    closed = Signal(Session)
    active_changed = Signal()
    project_changed = Signal()
    report_changed = Signal()
    selection_changed = Signal()
    file_changed = Signal()
    data_changed = Signal()
    table_contents_changed = Signal()
    table_contents_requested = Signal()
    message = Signal(str)

    def __init__(self, first: Session | None = None) -> None:
        super().__init__()
        self._sessions: list[Session] = []
        self._active = first or Session()
        self.open(self._active)

    @property
    def session(self) -> Session:
        """The active session."""
        return self._active

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The open sessions, in tab order."""
        return tuple(self._sessions)

    def open(self, session: Session) -> None:
        """Add a session and make it active."""
        session.setParent(self)
        self._sessions.append(session)
        for signal, forwarded in (
            (session.project_changed, self.project_changed),
            (session.report_changed, self.report_changed),
            (session.selection_changed, self.selection_changed),
            (session.file_changed, self.file_changed),
            (session.data_changed, self.data_changed),
            (session.table_contents_changed, self.table_contents_changed),
            (session.table_contents_requested, self.table_contents_requested),
        ):
            signal.connect(partial(self._forward, session, forwarded))
        session.message.connect(self.message)
        self._active = session  # before `opened`, so that panels that become visible show it
        self.opened.emit(session)
        self.activate(session)

    def activate(self, session: Session) -> None:
        """Make a session active."""
        self._active = session
        self.active_changed.emit()
        self.project_changed.emit()
        self.report_changed.emit()
        self.selection_changed.emit()
        self.file_changed.emit()
        self.table_contents_changed.emit()

    def close(self, session: Session) -> None:
        """Remove a session. If no other session is open, an empty session replaces it."""
        index = self._sessions.index(session)
        self._sessions.remove(session)
        # Activate the next session first, so that no panel uses the closed one.
        if not self._sessions:
            self.open(Session())
        elif session is self._active:
            self.activate(self._sessions[min(index, len(self._sessions) - 1)])
        self.closed.emit(session)
        session.deleteLater()

    def _forward(self, session: Session, signal: SignalInstance[tuple[()]]) -> None:
        if session is self._active:
            signal.emit()
