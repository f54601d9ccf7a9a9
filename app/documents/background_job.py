"""Work that takes a while, done beside the window, which never waits for it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from queue import Empty, SimpleQueue
from threading import Event, Thread

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

_EVERY = 15  # milliseconds between two looks at what was handed over
_SWEEP = 50  # milliseconds between two looks for garbage while a thread runs

Tell = Callable[[object], None]
Job = Callable[[Tell], None]


class Superseded(Exception):  # noqa: N818 - it ends a job that nobody waits for any more
    """Raised by `tell` in a job that was cancelled or whose place another one took."""


class Background(QObject):
    """Runs one job at a time in a thread; a new one takes the place of the old.

    Signals:
        told: what the job handed to `tell`, in the thread of the window and in order.
        ended: the job has done all that it had to do; what it told has arrived before.

    Why: a job holds no Qt object, so nothing of it can reach a widget that is gone. The thread is
    no daemon, since one that is stopped within pyarrow at the end of the process crashes that.
    """

    told = Signal(object)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: _Run | None = None
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._on_look)

    @property
    def running(self) -> bool:
        """True until the job has ended and all that it told has arrived."""
        return self._run is not None

    def run(self, job: Job) -> None:
        """Start a job; it calls `tell` with each result, which also ends it once it is cancelled.

        What the job raises is raised again in the thread of the window.
        """
        self.cancel()
        self._run = _Run(job)
        self._timer.start()

    def cancel(self) -> None:
        """Pass over what the job still tells; it ends at its next `tell`."""
        if self._run is not None:
            self._run.cancelled.set()
            self._run = None
            self._timer.stop()

    def _on_look(self) -> None:
        run = self._run
        while run is not None and run is self._run:
            try:
                found = run.results.get_nowait()
            except Empty:
                return
            if not isinstance(found, _End):
                self.told.emit(found)
                continue
            self.cancel()
            if found.fault is not None:
                raise found.fault
            self.ended.emit()


class _End:
    """The last result of a job: that there is no more, and why if that is a fault."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault


class _Run:
    """One job in its thread."""

    def __init__(self, job: Job) -> None:
        self.results: SimpleQueue[object] = SimpleQueue()
        self.cancelled = Event()
        self._job = job
        thread = Thread(target=self._work, name="background")
        _sweeper().hold(thread)
        thread.start()

    def _work(self) -> None:
        fault = None
        try:
            self._job(self._tell)
        except Superseded:
            return
        except Exception as raised:  # noqa: BLE001 - it is raised again where it can be told
            fault = raised
        self.results.put(_End(fault))

    def _tell(self, result: object) -> None:
        if self.cancelled.is_set():
            raise Superseded
        self.results.put(result)


def look_for_garbage() -> None:
    """Let Python look for garbage by itself again; where threads run, once they have ended."""
    _sweeper().allow()


class _Sweeper(QObject):
    """Lets Python look for garbage in the thread of the window only, while other threads run.

    Why: it looks in whichever thread has allocated most, and a widget among the garbage that is
    destroyed in another thread than its own takes the process down.
    """

    def __init__(self) -> None:
        super().__init__(QCoreApplication.instance())
        self._threads: set[Thread] = set()
        self._looked = True  # by itself, before the first thread
        self._timer = QTimer(self, interval=_SWEEP)
        self._timer.timeout.connect(self._on_look)

    def hold(self, thread: Thread) -> None:
        """Stop it from looking until a thread has ended, which is about to start."""
        if not self._threads:
            self._looked = gc.isenabled()
        self._threads.add(thread)
        gc.disable()
        self._timer.start()

    def allow(self) -> None:
        """Let it look by itself, at once or after the last thread."""
        self._looked = True
        if not self._threads:
            gc.enable()

    def _on_look(self) -> None:
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        if gc.get_count()[0] > gc.get_threshold()[0]:
            gc.collect(0)
        if not self._threads:
            self._timer.stop()
            if self._looked:
                gc.enable()


@cache
def _sweeper() -> _Sweeper:
    return _Sweeper()
