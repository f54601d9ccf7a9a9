"""The open documents, and the one in front. Its signals are those of the session in front."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, SignalInstance

from app.documents.session import Session


class Workspace(QObject):
    """Open sessions, one of them in front.

    A panel subscribes here once: after `switched` and whenever the session in front says so, the
    signals of that session are emitted from here too. There is always a session in front.
    `data_changed` is the exception: it says that data was chosen, so `switched` does not bring it.

    Signals:
        opened, closed: a session came or went.
        switched: another session is in front; all other signals follow it.
        project_changed, report_changed, selection_changed, file_changed, data_changed,
            contents_changed, contents_wanted, told: see `Session`.
    """

    opened = Signal(Session)
    closed = Signal(Session)
    switched = Signal()
    project_changed = Signal()
    report_changed = Signal()
    selection_changed = Signal()
    file_changed = Signal()
    data_changed = Signal()
    contents_changed = Signal()
    contents_wanted = Signal()
    told = Signal(str)

    _FORWARDED = (
        "project_changed", "report_changed", "selection_changed", "file_changed", "data_changed",
        "contents_changed", "contents_wanted", "told",
    )  # fmt: skip

    def __init__(self, first: Session | None = None) -> None:
        super().__init__()
        self._sessions: list[Session] = []
        self._front = first or Session()
        self.open(self._front)

    @property
    def session(self) -> Session:
        """The session in front."""
        return self._front

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All open sessions in the order of their tabs."""
        return tuple(self._sessions)

    def open(self, session: Session) -> None:
        """Add a session and bring it to the front."""
        session.setParent(self)
        self._sessions.append(session)
        for name in self._FORWARDED:
            getattr(session, name).connect(getattr(self, f"_on_{name}"))
        self._front = session  # so that panels that come into sight with it show it at once
        self.opened.emit(session)
        self.show(session)

    def show(self, session: Session) -> None:
        """Bring a session to the front."""
        self._front = session
        self.switched.emit()
        self.project_changed.emit()
        self.report_changed.emit()
        self.selection_changed.emit()
        self.file_changed.emit()
        self.contents_changed.emit()

    def close(self, session: Session) -> None:
        """Take a session out; the last one is followed by an empty one."""
        at = self._sessions.index(session)
        self._sessions.remove(session)
        # The next one comes to the front first, so that nobody asks for what is gone.
        if not self._sessions:
            self.open(Session())
        elif session is self._front:
            self.show(self._sessions[min(at, len(self._sessions) - 1)])
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

    def _on_contents_changed(self) -> None:
        self._forward(self.contents_changed)

    def _on_contents_wanted(self) -> None:
        self._forward(self.contents_wanted)

    def _on_told(self, text: str) -> None:
        self.told.emit(text)

    def _forward(self, signal: SignalInstance[tuple[()]]) -> None:
        if self.sender() is self._front:
            signal.emit()
