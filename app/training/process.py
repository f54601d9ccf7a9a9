"""One training as the window sees it: a process that was started, and a run folder that is read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.session import Session
from app.training.child import Child
from app.training.outcome import Outcome, not_started, outcome_of, refused
from app.training.place import Workplace, claim_run, file_of
from engine.core.diagnostic import Refused
from engine.events import Event, RunEnded, RunResumed, RunStarted
from engine.runs.writer import EventReader

SEEN, HIDDEN = 33, 200  # milliseconds between two looks
SILENCE = 10  # seconds without a word that are worth a word
_BUDGET = 0.008  # seconds of one look
_BLOCK = 1 << 15  # bytes of events between two looks at the clock


class Training(QObject):
    """Starts one training at a time and tells what it says. Its end, not ours, ends it.

    Signals:
        started: the process runs; the run folder.
        events: what the run said since the last time, in order.
        silent: seconds since its last word, once a second from `SILENCE` on; 0 when it speaks.
        finished: an `Outcome`; the process is gone.
    """

    started = Signal(Path)
    events = Signal(list)
    silent = Signal(int)
    finished = Signal(Outcome)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._child: Child | None = None
        self._place: Workplace | None = None
        self._reader: EventReader | None = None
        self._ended: RunEnded | None = None
        self._asked = ""
        self._heard = 0.0
        self._silence = 0
        self._timer = QTimer(self, interval=SEEN)
        self._timer.timeout.connect(self._on_tick)

    @property
    def running(self) -> bool:
        """True from `start` until `finished`."""
        return self._child is not None

    @property
    def stopping(self) -> bool:
        """True once it was asked to stop."""
        return self.running and bool(self._asked)

    @property
    def run(self) -> Path | None:
        """The folder of the newest run, None before the first."""
        return self._place.run if self._place else None

    @property
    def log(self) -> Path | None:
        """What the newest process said on stderr, None if that is nothing."""
        return self._place.log if self._place and self._place.log.exists() else None

    @property
    def pid(self) -> int:
        """The process, 0 if none runs."""
        return self._child.pid if self._child else 0

    def watch(self, seen: bool) -> None:
        """Look often while somebody sees it, else now and then."""
        self._timer.setInterval(SEEN if seen else HIDDEN)

    def start(self, session: Session, data: Path, epochs: int | None = None) -> bool:
        """Train a document as it is now; answer whether the process runs.

        If not, `finished` has told why.
        """
        assert not self.running, "one training at a time"
        self._ended, self._asked, self._place = None, "", None
        try:
            run = claim_run(session)
            self._place = Workplace(run)
            graph = self._place.snapshot(session.project, file_of(session).name)
            self._child = Child(_words(graph, data, run, epochs), self._place.log)
        except Refused as refusal:
            return self._did_not_start(refused(refusal.diagnostics))
        except OSError as error:
            return self._did_not_start(not_started(error))
        self._reader = EventReader(run)
        self._heard, self._silence = time.monotonic(), 0
        self._timer.start()
        self.started.emit(run)
        return True

    def stop(self) -> None:
        """Ask it to end after this step, and to save."""
        if self._child is not None and not self._asked:
            self._asked = "stop"
            self._child.ask_to_stop()

    def kill(self) -> None:
        """End it at once; what it did since it last saved is lost."""
        if self._child is not None:
            self._asked = "kill"
            self._child.kill()

    def _did_not_start(self, outcome: Outcome) -> bool:
        if self._place is not None:
            self._place.clear()
        self.finished.emit(outcome)
        return False

    def _on_tick(self) -> None:
        assert self._child is not None
        code = self._child.poll()  # before reading: what it wrote last must not be missed
        more = self._listen()
        if code is not None and not more:
            self._finish(self._child, code)
        elif code is None:
            self._mind_silence()

    def _listen(self) -> bool:
        """Take what the run said, for a few milliseconds; answer whether there may be more."""
        assert self._reader is not None
        deadline = time.perf_counter() + _BUDGET
        heard: list[Event] = []
        more = True
        while more and time.perf_counter() < deadline:
            at = self._reader.at
            heard += self._reader.take(_BLOCK)
            more = self._reader.at != at
        if heard:
            self._take(heard)
        return more

    def _take(self, heard: Sequence[Event]) -> None:
        self._heard = time.monotonic()
        for event in heard:
            if isinstance(event, RunStarted):
                assert self._place is not None
                self._place.settle()
            if isinstance(event, (RunStarted, RunResumed, RunEnded)):
                self._ended = event if isinstance(event, RunEnded) else None
        self.events.emit(list(heard))

    def _mind_silence(self) -> None:
        seconds = int(time.monotonic() - self._heard)
        seconds = seconds if seconds >= SILENCE else 0
        if seconds != self._silence:
            self._silence = seconds
            self.silent.emit(seconds)

    def _finish(self, child: Child, code: int) -> None:
        assert self._place is not None
        self._timer.stop()
        words = self._place.last_words()
        outcome = outcome_of(code, self._ended, child.answer(), words, self._asked)
        child.let_go()
        self._child = None
        self._place.clear()
        self.finished.emit(outcome)


def _words(graph: Path, data: Path, run: Path, epochs: int | None) -> list[str]:
    words = ["train", str(graph), "--data", str(data.absolute()), "--run", str(run)]
    return [*words, *(["--epochs", str(epochs)] if epochs else []), "--json"]
