"""Progress, speed and remaining time of a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from engine.core.formatting.durations import format_duration
from engine.core.formatting.sizes import format_bytes
from engine.events import (
    ControlTaken,
    EpochDone,
    Event,
    Heartbeat,
    RunEnded,
    RunResumed,
    RunStarted,
    StepsDone,
)

_WINDOW_SECONDS = 30.0  # the speed is averaged over this time


class RunProgress:
    """The progress of one run, computed from the timestamps of its events."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.step = 0
        self.epoch = 0
        self.has_ended = False
        self.completed_epochs = 0  # set when the run ends
        self.memory_bytes = self.device_memory_bytes = 0
        self._samples: deque[tuple[float, int]] = deque()

    def update(self, events: Iterable[Event]) -> None:
        """Process new events."""
        for event in events:
            match event:
                case RunStarted():
                    self.started, self.has_ended = event, False
                    self._add_sample(event.mono, self.step, reset=True)
                case RunResumed():
                    self.step, self.epoch = event.to_step, event.to_epoch
                    self._add_sample(event.mono, self.step, reset=True)
                case StepsDone():
                    self.step, self.epoch = event.last, event.epoch
                    self._add_sample(event.mono, event.last)
                case EpochDone():
                    self._add_sample(event.mono, event.step)
                case ControlTaken(request="continue"):
                    self._add_sample(event.mono, self.step, reset=True)  # leaves out the pause
                case Heartbeat():
                    self.memory_bytes, self.device_memory_bytes = event.memory, event.device_memory
                case RunEnded():
                    self.has_ended, self.completed_epochs = True, event.epoch

    def _add_sample(self, mono: float, step: int, reset: bool = False) -> None:
        if reset:
            self._samples.clear()
        self._samples.append((mono, step))
        while len(self._samples) > 2 and mono - self._samples[0][0] > _WINDOW_SECONDS:
            self._samples.popleft()

    @property
    def planned_steps(self) -> int:
        """The planned number of steps of the run, 0 while unknown."""
        return self.started.steps_per_epoch * self.started.epochs if self.started else 0

    @property
    def fraction(self) -> float:
        """The fraction of the planned steps that is done, 0 while unknown."""
        return min(1.0, self.step / self.planned_steps) if self.planned_steps else 0.0

    @property
    def steps_per_second(self) -> float:
        """The recent speed in steps per second, 0 while unknown."""
        if len(self._samples) < 2:
            return 0.0
        (start, first), (now, last) = self._samples[0], self._samples[-1]
        return (last - first) / (now - start) if now > start and last > first else 0.0

    def text(self) -> str:
        """Return epoch, step, speed, remaining time and memory as one line, "" before the start."""
        if self.started is None:
            return ""
        parts = [f"{self._epoch_text()} of {self.started.epochs:,}"]
        if self.planned_steps:
            parts.append(f"step {self.step:,} of {self.planned_steps:,}")
        rate = self.steps_per_second
        if rate and self.started.steps_per_epoch:
            rows = rate * self.started.rows / self.started.steps_per_epoch
            parts += [f"{_format_rate(rate)} steps/s", f"{rows:,.0f} rows/s"]
            if not self.has_ended:
                parts.append(f"{format_duration((self.planned_steps - self.step) / rate)} left")
        if self.started.processes > 1:
            parts.append(self.started.device_text)
        if not self.has_ended:
            if self.memory_bytes:
                parts.append(f"{format_bytes(self.memory_bytes)} memory")
            if self.device_memory_bytes:
                parts.append(f"{format_bytes(self.device_memory_bytes)} on the device")
        return "  \N{MIDDLE DOT}  ".join(parts)

    def _epoch_text(self) -> str:
        if self.has_ended and self.completed_epochs:
            return f"After epoch {self.completed_epochs:,}"
        return f"Epoch {self.epoch:,}"


def _format_rate(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
