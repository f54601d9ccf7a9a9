"""`Workspace`: holds the open documents, and forwards the signals of the active document."""

from __future__ import annotations

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
            table_contents_changed, table_contents_requested, reveal_requested, message: see
            `Session`.
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
    reveal_requested = Signal(list)
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
        session.project_changed.connect(self._on_project_changed)
        session.report_changed.connect(self._on_report_changed)
        session.selection_changed.connect(self._on_selection_changed)
        session.file_changed.connect(self._on_file_changed)
        session.data_changed.connect(self._on_data_changed)
        session.table_contents_changed.connect(self._on_table_contents_changed)
        session.table_contents_requested.connect(self._on_table_contents_requested)
        session.reveal_requested.connect(self.reveal_requested)
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

    def _on_project_changed(self) -> None:
        self._forward(self.project_changed)

    def _on_report_changed(self) -> None:
        self._forward(self.report_changed)

    def _on_selection_changed(self) -> None:
        self._forward(self.selection_changed)

    def _on_file_changed(self) -> None:
        self._forward(self.file_changed)

    def _on_data_changed(self) -> None:
        self._forward(self.data_changed)

    def _on_table_contents_changed(self) -> None:
        self._forward(self.table_contents_changed)

    def _on_table_contents_requested(self) -> None:
        self._forward(self.table_contents_requested)

    def _forward(self, signal: SignalInstance[tuple[()]]) -> None:
        if self.sender() is self._active:
            signal.emit()
