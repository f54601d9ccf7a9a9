"""Keeps what is known of the data of the document in front up to date.

Who needs the data goes to the session, never here. `session.data` is the file or folder that was
chosen; it is the one owner, and setting it chooses. `session.contents` is an
`app.documents.table_contents.Contents`, None before anybody looked. `session.want_contents()` says that somebody
looks: the table is read in a thread, and each step of that arrives as another value.
`contents_changed` tells of it: that of the session, or of the workspace for the one in front,
also when another document comes there.

1. `head` with some hundred rows, so that `columns` are known; within a second, whatever the size;
2. `table` with all rows (None where it is too large: then `sampled`), its `dialect` and `notes`;
3. `facts`, one column more in each step;
4. `reading` is False. `problem` holds why it could not be read, and may come with a `head`.

A step never changes what it replaces, so a thread may work on the table of any of them:
`app.documents.background_job.Background` runs such work and brings its results back. The table is read again when
its file has changed, when another one is chosen, and when the document says otherwise how a CSV is
written (`data.file`, changed by the edit `engine.graph.edits.node_edits.set_file`).
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

_LOOK_EVERY = 1_000  # milliseconds between two looks whether the file has changed


class TableSource(QObject):
    """Reads the data of the document in front as soon as somebody looks at it."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._reads: Session | None = None  # whose data is being read
        self._changed: DataStamp = ()  # what a changed file was like at the last look
        self._background = BackgroundWorker(self)
        self._background.result_ready.connect(self._on_told)
        self._timer = QTimer(self, interval=_LOOK_EVERY)
        self._timer.timeout.connect(self._on_look)
        workspace.contents_requested.connect(self._on_wanted)
        workspace.active_changed.connect(self._on_switched)
        workspace.data_changed.connect(self._on_data_changed)
        workspace.project_changed.connect(self._on_project_changed)
        workspace.closed.connect(self._on_closed)

    def _read(self, session: Session) -> None:
        """Read the data of a document from its first row."""
        self._background.cancel()
        self._reads = session
        assert session.data is not None
        self._background.run(partial(read_contents, session.data, project_dialect(session.project)))
        self._timer.start()

    def _on_told(self, contents: object) -> None:
        assert isinstance(contents, TableContents)
        assert self._reads is not None
        self._reads.set_contents(contents)

    def _on_wanted(self) -> None:
        """Read, unless that was done or is being done already."""
        session = self._workspace.session
        busy = self._reads is session and self._background.is_running
        if session.data is not None and session.contents is None and not busy:
            self._read(session)

    def _on_data_changed(self) -> None:
        """Read other data if somebody looked at what there was before."""
        session = self._workspace.session
        if self._reads is session:
            self._read(session)

    def _on_project_changed(self) -> None:
        """Read again if the document says otherwise how its file is written."""
        session = self._workspace.session
        known = session.contents
        if known is not None and known.requested_dialect != project_dialect(session.project):
            self._read(session)

    def _on_switched(self) -> None:
        """Leave the other document's data; what is not known whole is forgotten."""
        session = self._workspace.session
        if self._reads is not None and self._reads is not session:
            self._leave(self._reads)
        if session.contents is not None:
            self._reads = session
            self._timer.start()

    def _on_closed(self, session: object) -> None:
        if self._reads is not None and session is self._reads:
            self._leave(self._reads)

    def _leave(self, session: Session) -> None:
        if self._background.is_running:
            self._background.cancel()
            session.set_contents(None)
        self._reads = None
        self._timer.stop()

    def _on_look(self) -> None:
        """Read a changed file again once nobody writes to it any more."""
        session = self._reads
        known = session.contents if session is not None else None
        if session is None or known is None or self._background.is_running:
            return
        stamp = data_stamp(known.path)
        if stamp != known.stamp and stamp == self._changed:
            self._read(session)
        self._changed = stamp
