"""Loads the data of the active document in the background, and again when the data changes.

Other modules use the session instead of this module. Setting `session.data_path` selects a file or
folder, and `session.request_table_contents()` requests the contents, which arrive in several
updates. Each update sets `session.table_contents` to a new `TableContents` (None at first), and
emits `table_contents_changed` of the session, and of the workspace if the session is active:

1. `head` has the first rows, some hundreds, and `columns` is known. For any file size, this takes
   less than a second;
2. `table` has all rows, and `dialect` is known. If the table is too large for memory, `table` stays
   None, and `is_sampled` is True;
3. each update adds columns to `column_statistics`;
4. `is_reading` is False. If the data is unreadable, `errors` has the reasons; `head` may be set.

An update never mutates previous values, so their tables may be used in other threads, such as by a
`BackgroundWorker`. The data is read again when its file changes, when other data is chosen, and
when an edit (`field_edits.set_file`) sets the CSV dialect in `data.file` of the project.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.documents.background_job import BackgroundWorker
from app.documents.session import Session
from app.documents.table_contents import (
    DataStamp,
    TableContents,
    data_stamp,
    project_dialect,
    read_contents,
)
from app.documents.workspace import Workspace

_POLL_MS = 1_000  # interval of checks for a changed file


class TableLoader(QObject):
    """Reads the data of the active session on request, and again when the data changes."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session: Session | None = None  # the session whose data is read
        self._last_stamp: DataStamp = ()  # the stamp of the data at the last poll
        self._background = BackgroundWorker(self)
        self._background.result_ready.connect(self._on_contents)
        self._timer = QTimer(self, interval=_POLL_MS, timeout=self._on_poll)
        workspace.table_contents_requested.connect(self._on_requested)
        workspace.active_changed.connect(self._on_active_changed)
        workspace.data_changed.connect(self._on_data_changed)
        workspace.project_changed.connect(self._on_project_changed)
        workspace.closed.connect(self._on_closed)

    def _read(self, session: Session) -> None:
        self._background.cancel()
        self._session = session
        path = session.data_path
        assert path is not None
        self._background.run(partial(read_contents, path, project_dialect(session.project)))
        self._timer.start()

    def _on_contents(self, contents: object) -> None:
        assert isinstance(contents, TableContents)
        assert self._session is not None
        self._session.set_table_contents(contents)

    def _on_requested(self) -> None:
        session = self._workspace.session
        is_reading = self._session is session and self._background.is_running
        if session.data_path is not None and session.table_contents is None and not is_reading:
            self._read(session)

    def _on_data_changed(self) -> None:
        session = self._workspace.session
        if self._session is session:
            self._read(session)

    def _on_project_changed(self) -> None:
        session = self._workspace.session
        contents = session.table_contents
        if contents is not None and contents.requested_dialect != project_dialect(session.project):
            self._read(session)

    def _on_active_changed(self) -> None:
        """On a session switch, stop reading the old session's data; drop its partial contents."""
        session = self._workspace.session
        if self._session is not None and self._session is not session:
            self._stop(self._session)
        if session.table_contents is not None:
            self._session = session
            self._timer.start()

    def _on_closed(self, session: Session) -> None:
        if self._session is not None and session is self._session:
            self._stop(self._session)

    def _stop(self, session: Session) -> None:
        if self._background.is_running:
            self._background.cancel()
            session.set_table_contents(None)
        self._session = None
        self._timer.stop()

    def _on_poll(self) -> None:
        """Read changed data again when two polls in a row have found equal file sizes and times."""
        session = self._session
        contents = session.table_contents if session is not None else None
        if session is None or contents is None or self._background.is_running:
            return
        stamp = data_stamp(contents.path)
        if stamp != contents.stamp and stamp == self._last_stamp:
            self._read(session)
        self._last_stamp = stamp
