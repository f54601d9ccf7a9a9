"""Reads runs beside the window's own thread: their table, and what differs between two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from engine.core.diagnostic import Refused
from engine.runs.compare import compare
from engine.runs.listing import Entry, entries

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
        self._busy = self._again = False
        self._pair: tuple[Path, Path] | None = None
        self._tasks: list[_Task] = []  # kept alive while they run
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
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
            self._place, self._known = place, []
            self.listed.emit(place, [])
            if self._timer.isActive():
                self.look()

    def look(self) -> None:
        """List the runs again; what said nothing since is not read again."""
        if self._place is None:
            return
        if self._busy:
            self._again = True
            return
        self._busy = True
        place, known = self._place, list(self._known)
        self._run(lambda: (place, entries(place, known)), self._on_listed)

    def compare(self, before: Path, after: Path) -> None:
        """Work out what differs between two runs."""
        self._pair = (before, after)
        pair = self._pair

        def work() -> tuple[tuple[Path, Path], object]:
            try:
                return pair, compare(*pair)
            except Refused as refusal:
                return pair, refusal

        self._run(work, self._on_compared)

    def finish(self) -> None:
        """Wait for what is being read, as a test or the end does."""
        self._pool.waitForDone()

    def _run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        task = _Task(work)
        task.done.done.connect(then)
        self._tasks = [each for each in self._tasks if not each.over]
        self._tasks.append(task)
        self._pool.start(task)

    def _on_listed(self, answer: object) -> None:
        self._busy = False
        if isinstance(answer, tuple):
            place, found = answer
            if place == self._place and [_face(e) for e in found] != [
                _face(e) for e in self._known
            ]:
                self._known = found
                self.listed.emit(place, found)
        if self._again:
            self._again = False
            self.look()

    def _on_compared(self, answer: object) -> None:
        if isinstance(answer, tuple) and answer[0] == self._pair:
            self.compared.emit(answer[1])


class _Done(QObject):
    done = Signal(object)


class _Task(QRunnable):
    """Something to work out, and where its answer goes; a fault of ours is answered too."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._work = work
        self.over = False
        self.done = _Done()

    def run(self) -> None:
        """Work it out in a thread of the pool."""
        try:
            answer = self._work()
        except Exception as fault:  # noqa: BLE001 - told where the answer is awaited
            answer = fault
        self.done.done.emit(answer)
        self.over = True


def _face(entry: Entry) -> tuple[object, ...]:
    return (entry.folder.path, entry.stamp, entry.changed)
