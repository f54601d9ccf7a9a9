"""How fast a run goes, and how long it will take."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from app.text.numbers import clock
from engine.core.formatting.sizes import in_bytes
from engine.events import EpochDone, Event, Heartbeat, RunEnded, RunResumed, RunStarted, StepsDone

_WINDOW = 30.0  # seconds that the pace is taken over


class Pace:
    """Progress of one run, worked out of its events' own clocks."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.step = 0
        self.epoch = 0
        self.ended = False
        self.whole = 0  # epochs that were done when it ended
        self.memory = self.device_memory = 0
        self._marks: deque[tuple[float, int]] = deque()

    def take(self, events: Iterable[Event]) -> None:
        """Fold events in."""
        for event in events:
            match event:
                case RunStarted():
                    self.started, self.ended = event, False
                    self._mark(event.mono, self.step, anew=True)
                case RunResumed():
                    self.step, self.epoch = event.to_step, event.to_epoch
                    self._mark(event.mono, self.step, anew=True)
                case StepsDone():
                    self.step, self.epoch = event.last, event.epoch
                    self._mark(event.mono, event.last)
                case EpochDone():
                    self._mark(event.mono, event.step)
                case Heartbeat():
                    self.memory, self.device_memory = event.memory, event.device_memory
                case RunEnded():
                    self.ended, self.whole = True, event.epoch

    def _mark(self, mono: float, step: int, anew: bool = False) -> None:
        if anew:
            self._marks.clear()
        self._marks.append((mono, step))
        while len(self._marks) > 2 and mono - self._marks[0][0] > _WINDOW:
            self._marks.popleft()

    @property
    def planned(self) -> int:
        """Steps in the whole run, 0 while that is not known."""
        return self.started.steps_per_epoch * self.started.epochs if self.started else 0

    @property
    def share(self) -> float:
        """Share of the planned steps that is done."""
        return min(1.0, self.step / self.planned) if self.planned else 0.0

    @property
    def steps_a_second(self) -> float:
        """The pace of late, 0 while it is not known."""
        if len(self._marks) < 2:
            return 0.0
        (began, first), (now, last) = self._marks[0], self._marks[-1]
        return (last - first) / (now - began) if now > began and last > first else 0.0

    def text(self) -> str:
        """Return all of it in a line."""
        if self.started is None:
            return ""
        parts = [f"{self._where()} of {self.started.epochs:,}"]
        if self.planned:
            parts.append(f"step {self.step:,} of {self.planned:,}")
        pace = self.steps_a_second
        if pace and self.started.steps_per_epoch:
            rows = pace * self.started.rows / self.started.steps_per_epoch
            parts += [f"{_brief(pace)} steps/s", f"{rows:,.0f} rows/s"]
            if not self.ended:
                parts.append(f"{clock((self.planned - self.step) / pace)} left")
        if not self.ended:
            parts += [f"{in_bytes(self.memory)} memory"] if self.memory else []
            parts += [f"{in_bytes(self.device_memory)} on the device"] * bool(self.device_memory)
        return "  \N{MIDDLE DOT}  ".join(parts)

    def _where(self) -> str:
        """Return where it is: the epoch that is under way, or once it has ended those done."""
        if self.ended and self.whole:
            return f"After epoch {self.whole:,}"
        return f"Epoch {self.epoch:,}"


def _brief(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
