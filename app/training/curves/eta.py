"""Progress, speed and remaining time of a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from app.text.numbers import clock
from engine.core.formatting.sizes import in_bytes
from engine.events import EpochDone, Event, Heartbeat, RunEnded, RunResumed, RunStarted, StepsDone

_WINDOW_SECONDS = 30.0  # the speed is averaged over this time


class Pace:
    """The progress of one run, computed from the timestamps of its events."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.step = 0
        self.epoch = 0
        self.ended = False
        self.whole = 0  # completed epochs at the end of the run
        self.memory = self.device_memory = 0
        self._samples: deque[tuple[float, int]] = deque()

    def take(self, events: Iterable[Event]) -> None:
        """Process new events."""
        for event in events:
            match event:
                case RunStarted():
                    self.started, self.ended = event, False
                    self._add_sample(event.mono, self.step, reset=True)
                case RunResumed():
                    self.step, self.epoch = event.to_step, event.to_epoch
                    self._add_sample(event.mono, self.step, reset=True)
                case StepsDone():
                    self.step, self.epoch = event.last, event.epoch
                    self._add_sample(event.mono, event.last)
                case EpochDone():
                    self._add_sample(event.mono, event.step)
                case Heartbeat():
                    self.memory, self.device_memory = event.memory, event.device_memory
                case RunEnded():
                    self.ended, self.whole = True, event.epoch

    def _add_sample(self, mono: float, step: int, reset: bool = False) -> None:
        if reset:
            self._samples.clear()
        self._samples.append((mono, step))
        while len(self._samples) > 2 and mono - self._samples[0][0] > _WINDOW_SECONDS:
            self._samples.popleft()

    @property
    def planned(self) -> int:
        """Number of steps of the whole run, 0 while unknown."""
        return self.started.steps_per_epoch * self.started.epochs if self.started else 0

    @property
    def share(self) -> float:
        """Fraction of the planned steps that is done."""
        return min(1.0, self.step / self.planned) if self.planned else 0.0

    @property
    def steps_a_second(self) -> float:
        """The recent speed in steps per second, 0 while unknown."""
        if len(self._samples) < 2:
            return 0.0
        (start, first), (now, last) = self._samples[0], self._samples[-1]
        return (last - first) / (now - start) if now > start and last > first else 0.0

    def text(self) -> str:
        """Return epoch, step, speed, remaining time and memory as one line."""
        if self.started is None:
            return ""
        parts = [f"{self._epoch_text()} of {self.started.epochs:,}"]
        if self.planned:
            parts.append(f"step {self.step:,} of {self.planned:,}")
        rate = self.steps_a_second
        if rate and self.started.steps_per_epoch:
            rows = rate * self.started.rows / self.started.steps_per_epoch
            parts += [f"{_format_rate(rate)} steps/s", f"{rows:,.0f} rows/s"]
            if not self.ended:
                parts.append(f"{clock((self.planned - self.step) / rate)} left")
        if not self.ended:
            parts += [f"{in_bytes(self.memory)} memory"] if self.memory else []
            parts += [f"{in_bytes(self.device_memory)} on the device"] * bool(self.device_memory)
        return "  \N{MIDDLE DOT}  ".join(parts)

    def _epoch_text(self) -> str:
        """Return the current epoch, or after the end the number of completed epochs."""
        if self.ended and self.whole:
            return f"After epoch {self.whole:,}"
        return f"Epoch {self.epoch:,}"


def _format_rate(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
