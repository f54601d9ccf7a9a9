"""Reads runs beside the window's own thread: their table, and what differs between two."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.background_job import BackgroundWorker, ReportResult
from engine.core.diagnostic import DiagnosticError
from engine.runs.comparison.run_comparison import compare
from engine.runs.comparison.run_table import Entry, entries

_EVERY = 2000  # milliseconds between two looks while the table is seen


class Reader(QObject):
    """Keeps a table of one folder's runs up to date; one reading at a time.

    Signals:
        listed: the folder, and its `Entry`s; only if they are others than before.
        compared: a `Comparison`, or the `Refused` that says why there is none.
    """

    listed = Signal(Path, list)
    compared = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._place: Path | None = None
        self._known: list[Entry] = []
        self._again = False
        self._listing, self._comparing = BackgroundWorker(self), BackgroundWorker(self)
        self._listing.result_ready.connect(self._on_listed)
        self._listing.finished.connect(self._on_ended)
        self._comparing.result_ready.connect(self.compared)
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self.look)

    def watch(self, on: bool) -> None:
        """Look now and then while somebody sees it."""
        if on:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()

    def set_place(self, place: Path) -> None:
        """List the runs of another folder."""
        if place != self._place:
            self._listing.cancel()
            self._place, self._known = place, []
            self.listed.emit(place, [])
            if self._timer.isActive():
                self.look()

    def look(self) -> None:
        """List the runs again; what said nothing since is not read again."""
        if self._place is None:
            return
        self._again = self._listing.is_running
        if not self._again:
            place, known = self._place, list(self._known)
            self._listing.run(lambda tell: tell(entries(place, known)))

    def compare(self, before: Path, after: Path) -> None:
        """Work out what differs between two runs."""

        def work(tell: ReportResult) -> None:
            try:
                found: object = compare(before, after)
            except DiagnosticError as refusal:
                found = refusal
            tell(found)

        self._comparing.run(work)

    def _on_listed(self, found: object) -> None:
        assert isinstance(found, list)
        if self._place is not None and list(map(_face, found)) != list(map(_face, self._known)):
            self._known = found
            self.listed.emit(self._place, found)

    def _on_ended(self) -> None:
        if self._again:
            self.look()


def _face(entry: Entry) -> tuple[object, ...]:
    return (entry.folder.path, entry.stamp, entry.changed)
