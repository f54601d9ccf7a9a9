"""Background jobs in a thread, with results delivered to the thread of the window."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from queue import Empty, SimpleQueue
from threading import Event, Thread

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

_POLL_INTERVAL = 15  # milliseconds between polls of the result queue
_COLLECT_INTERVAL = 50  # milliseconds between garbage collections while a thread runs

ReportResult = Callable[[object], None]
Job = Callable[[ReportResult], None]


class JobCancelledError(Exception):  # noqa: N818 - control flow: it ends a job whose results are not needed
    """Raised when a cancelled or replaced job reports a result, so that the job ends."""


class BackgroundWorker(QObject):
    """Runs one job at a time in a thread; a new job cancels the previous one.

    Signals:
        result_ready: a result of the job, emitted in the thread of the window.
        finished: the job has ended without an error, and all its results were emitted.

    Why: results are delivered by signals, so that a job needs no Qt object and can't access a
    deleted widget. The thread is not a daemon because a daemon thread that is stopped inside
    pyarrow crashes the process at exit.
    """

    result_ready = Signal(object)  # whatever the job reports
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: _Run | None = None
        self._timer = QTimer(self, interval=_POLL_INTERVAL, timeout=self._on_poll)

    @property
    def is_running(self) -> bool:
        """Whether a job is running, or some of its results were not emitted yet."""
        return self._run is not None

    def run(self, job: Job) -> None:
        """Call `job(report)` in a thread. The job calls `report` with each of its results.

        After the job is cancelled, `report` raises `JobCancelledError`. Any other exception of the
        job is raised again in the thread of the window.
        """
        self.cancel()
        self._run = _Run(job)
        self._timer.start()

    def cancel(self) -> None:
        """Cancel the job and ignore further results. The job ends when it reports a result."""
        if self._run is not None:
            self._run.cancelled.set()
            self._run = None
            self._timer.stop()

    def _on_poll(self) -> None:
        run = self._run
        # A slot may cancel or replace the job, so check after each result that it is still current.
        while run is not None and run is self._run:
            try:
                result = run.results.get_nowait()
            except Empty:
                return
            if not isinstance(result, _End):
                self.result_ready.emit(result)
                continue
            self.cancel()
            if result.error is not None:
                raise result.error
            self.finished.emit()


class _End:
    """The end marker in the result queue; `error` is the exception that ended the job, or None."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


class _Run:
    def __init__(self, job: Job) -> None:
        self.results: SimpleQueue[object] = SimpleQueue()
        self.cancelled = Event()
        self._job = job
        thread = Thread(target=self._work, name="background")
        _collector().suspend_until_end(thread)
        thread.start()

    def _work(self) -> None:
        error = None
        try:
            self._job(self._put)
        except JobCancelledError:
            return
        except Exception as raised:  # noqa: BLE001 - raised again in the thread of the window
            error = raised
        self.results.put(_End(error))

    def _put(self, result: object) -> None:
        if self.cancelled.is_set():
            raise JobCancelledError
        self.results.put(result)


def enable_garbage_collection() -> None:
    """Enable automatic garbage collection, now or when all running background jobs have ended."""
    _collector().enable()


class _GarbageCollector(QObject):
    """Restricts garbage collection to the thread of the window while other threads run.

    Why: Python collects in the thread that allocates, and destroying a widget outside the thread
    of the window crashes the process.
    """

    def __init__(self) -> None:
        super().__init__(QCoreApplication.instance())
        self._threads: set[Thread] = set()
        self._was_enabled = True  # whether collection was automatic before the first thread
        self._timer = QTimer(self, interval=_COLLECT_INTERVAL, timeout=self._on_timeout)

    def suspend_until_end(self, thread: Thread) -> None:
        """Disable automatic collection until a thread ends. Call this before the thread starts."""
        if not self._threads:
            self._was_enabled = gc.isenabled()
        self._threads.add(thread)
        gc.disable()
        self._timer.start()

    def enable(self) -> None:
        self._was_enabled = True
        if not self._threads:
            gc.enable()

    def _on_timeout(self) -> None:
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        # Collect the youngest generation when Python would have done so automatically.
        if gc.get_count()[0] > gc.get_threshold()[0]:
            gc.collect(0)
        if not self._threads:
            self._timer.stop()
            if self._was_enabled:
                gc.enable()


@cache
def _collector() -> _GarbageCollector:
    return _GarbageCollector()
