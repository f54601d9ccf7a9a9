"""One training as the window sees it: whoever trains, and a run folder that is read."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.processes.cli_options import apart_options
from app.processes.engine_process import Child
from app.training.process.outcome import Outcome, not_started, outcome_of, refused
from app.training.process.run_workspace import Workplace, claim_run, file_of, note_run
from app.training.process.trainer_process import Stranger, Trainer
from engine.core.diagnostic import Refused
from engine.events import Event, RunEnded, RunResumed, RunStarted
from engine.runs.events.event_log import EventReader

SEEN, HIDDEN = 33, 200  # milliseconds between two looks
SILENCE = 10  # seconds without a word that are worth a word
_BUDGET, _CATCHING_UP = 0.008, 0.02  # seconds of one look; of one while much is unread
_BLOCK = 1 << 15  # bytes of events between two looks at the clock


class Training(QObject):
    """Follows one run at a time and tells what it says. Its end, not ours, ends it.

    Signals:
        started: the process runs; the run folder.
        events: what the run said since the last time, in order.
        silent: seconds since its last word, once a second from `SILENCE` on; 0 when it speaks.
        finished: an `Outcome`; the process is gone, and all that it said was told.
    """

    started = Signal(Path)
    events = Signal(list)
    silent = Signal(int)
    finished = Signal(Outcome)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trainer: Trainer | None = None
        self._code: int | None = None
        self._place: Workplace | None = None
        self._reader: EventReader | None = None
        self._ended: RunEnded | None = None
        self._asked = ""
        self._heard = 0.0
        self._silence = 0
        self._behind = False
        self._timer = QTimer(self, interval=SEEN)
        self._timer.timeout.connect(self._on_tick)

    @property
    def following(self) -> bool:
        """True while there may be more to read, of a run that goes on or of one that ended."""
        return self._trainer is not None

    @property
    def running(self) -> bool:
        """True while the process runs that is followed."""
        return self._trainer is not None and self._code is None

    @property
    def own(self) -> bool:
        """True if the process that runs is one that this window started."""
        return self.running and isinstance(self._trainer, Child)

    @property
    def behind(self) -> bool:
        """True while the run has said more than could be read so far."""
        return self._behind

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
        """The process, 0 if none runs, or none that we know."""
        return self._trainer.pid if self._trainer and self.running else 0

    def watch(self, seen: bool) -> None:
        """Look often while somebody sees it, else now and then."""
        self._timer.setInterval(SEEN if seen else HIDDEN)

    def start(self, session: Session, data: Path, begin: Path | None = None) -> bool:
        """Train a document as it is now; answer whether the process runs.

        If not, `finished` has told why.

        Args:
            session: its document.
            data: what it is trained on.
            begin: a run whose weights it begins with, None for new ones.
        """

        def words(place: Workplace) -> list[str]:
            graph = place.snapshot(session.project, file_of(session).name)
            start = ["--from", str(begin)] if begin else []
            told = [str(graph), "--data", str(data.absolute())]
            return [*told, *apart_options(session.apart), *start]

        return self._launch(session, words)

    def repeat(self, session: Session, run: Path) -> bool:
        """Train a run again with everything equal; answer whether the process runs."""
        return self._launch(session, lambda place: ["--again", str(run)])

    def _launch(self, session: Session, words: Callable[[Workplace], list[str]]) -> bool:
        assert not self.running, "one training at a time"
        self.let_go()
        self._place = None
        try:
            run = claim_run(session)
            self._place = Workplace(run)
            asked = ["train", *words(self._place), "--run", str(run), "--json"]
            child = Child(asked, self._place.log)
        except Refused as refusal:
            return self._did_not_start(refused(refusal.diagnostics))
        except OSError as error:
            return self._did_not_start(not_started(error))
        self._follow(child, EventReader(run))
        note_run(session, run)
        self.started.emit(run)
        return True

    def resume(self, run: Path) -> bool:
        """Go on with a run that has ended; answer whether the process runs.

        What is known of this run already is not told again.
        """
        assert not self.running, "one training at a time"
        reader = self._reader if self.run == run else None
        self.let_go()
        self._place = Workplace(run)
        try:
            child = Child(["train", "--run", str(run), "--resume", "--json"], self._place.log)
        except OSError as error:
            return self._did_not_start(not_started(error))
        self._follow(child, reader or EventReader(run))
        self.started.emit(run)
        return True

    def attach(self, run: Path, at: int = 0, ended: RunEnded | None = None) -> None:
        """Follow a run, whether it goes on or ended long ago.

        Args:
            run: its folder.
            at: the byte of its events up to which they are known; 0 begins with its first word.
            ended: its end, if that is known.
        """
        self.let_go()
        self._place = Workplace(run)
        self._follow(Stranger(run), EventReader(run, at))
        self._ended = ended
        if self.running:
            self.started.emit(run)

    def moved(self, run: Path, to: Path) -> None:
        """Know a run that nobody trains where it lies now."""
        if self.run == run:
            self._place = Workplace(to)
            self._reader = EventReader(to, self._reader.at) if self._reader else None

    def let_go(self) -> None:
        """Follow the run no longer. It goes on."""
        self._timer.stop()
        if self._trainer is not None:
            self._trainer.let_go()
        self._trainer, self._code = None, None

    def stop(self) -> None:
        """Ask it to end after this step, and to save."""
        if self._trainer is not None and self.running and not self._asked:
            self._asked = "stop"
            self._trainer.ask_to_stop()

    def kill(self) -> None:
        """End it at once; what it did since it last saved is lost."""
        if self._trainer is not None and self.running:
            self._asked = "kill"
            self._trainer.kill()

    def _follow(self, trainer: Trainer, reader: EventReader) -> None:
        self._ended, self._asked = None, ""
        self._trainer, self._reader = trainer, reader
        self._code = trainer.poll()
        self._heard, self._silence = time.monotonic(), 0
        self._timer.start()

    def _did_not_start(self, outcome: Outcome) -> bool:
        if self._place is not None:
            self._place.clear()
        self.finished.emit(outcome)
        return False

    def _on_tick(self) -> None:
        assert self._trainer is not None
        self._code = self._trainer.poll()  # before reading: what it wrote last must not be missed
        self._behind = self._listen()
        if self._trainer is None:  # whoever heard it has let it go
            return
        if self._code is not None and not self._behind:
            self._finish(self._trainer, self._code)
        elif self._code is None:
            self._mind_silence()

    def _listen(self) -> bool:
        """Take what the run said, for a few milliseconds; answer whether there may be more."""
        assert self._reader is not None
        deadline = time.perf_counter() + (_CATCHING_UP if self._behind else _BUDGET)
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

    def _finish(self, trainer: Trainer, code: int) -> None:
        assert self._place is not None
        self._timer.stop()
        words = self._place.last_words()
        outcome = outcome_of(code, self._ended, trainer.answer(), words, self._asked)
        self.let_go()
        if isinstance(trainer, Child):
            self._place.clear()
        self.finished.emit(outcome)
