"""Background loading of the run table and of the comparison of two runs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.background_job import BackgroundWorker, ReportResult
from engine.core.diagnostic import DiagnosticError
from engine.runs.comparison.run_comparison import compare_runs
from engine.runs.comparison.run_table import RunEntry, read_run_table

_POLL_INTERVAL = 2000  # milliseconds, while the table is visible


class RunLoader(QObject):
    """Reads the runs of one folder in a worker thread, repeatedly while polling is on.

    Signals:
        listed: folder or runs have changed; sends the folder and its list of `RunEntry`.
        compared: sends a `RunComparison`, or a `DiagnosticError` if two runs can't be compared.
    """

    listed = Signal(Path, list)
    compared = Signal(object)  # RunComparison | DiagnosticError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._known: list[RunEntry] = []
        self._is_reload_pending = False
        self._list_worker, self._compare_worker = BackgroundWorker(self), BackgroundWorker(self)
        self._list_worker.result_ready.connect(self._on_listed)
        self._list_worker.finished.connect(self._on_list_finished)
        self._compare_worker.result_ready.connect(self.compared)
        self._timer = QTimer(self, interval=_POLL_INTERVAL, timeout=self.refresh)

    def watch(self, on: bool) -> None:
        """Start or stop polling the folder. The panel polls only while it is visible."""
        if on:
            self._timer.start()
            self.refresh()
        else:
            self._timer.stop()

    def set_folder(self, folder: Path) -> None:
        """Set the folder whose runs are listed."""
        if folder != self._folder:
            self._list_worker.cancel()
            self._folder, self._known = folder, []
            self.listed.emit(folder, [])
            if self._timer.isActive():
                self.refresh()

    def refresh(self) -> None:
        """Read the runs with changed files, at once or after the read that is in progress."""
        if self._folder is None:
            return
        self._is_reload_pending = self._list_worker.is_running
        if not self._is_reload_pending:
            folder, known = self._folder, list(self._known)
            self._list_worker.run(lambda report: report(read_run_table(folder, known)))

    def compare_runs(self, before: Path, after: Path) -> None:
        """Compare two runs; the result is emitted as `compared`."""

        def work(report: ReportResult) -> None:
            try:
                result: object = compare_runs(before, after)
            except DiagnosticError as error:
                result = error
            report(result)

        self._compare_worker.run(work)

    def _on_listed(self, result: object) -> None:
        assert isinstance(result, list)
        changed = list(map(_version, result)) != list(map(_version, self._known))
        if self._folder is not None and changed:
            self._known = result
            self.listed.emit(self._folder, result)

    def _on_list_finished(self) -> None:
        if self._is_reload_pending:
            self.refresh()


def _version(entry: RunEntry) -> tuple[object, ...]:
    """Return a value that changes if the row of a run must be redrawn."""
    return (entry.folder.path, entry.fingerprint, entry.changes)
