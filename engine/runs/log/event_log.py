"""The one that writes a run's events: stamps each and appends it to events.jsonl."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.core.diagnostic import DiagnosticError
from engine.events import Event, StepsDone, parse_event
from engine.runs.log.append_log import Appender, Tail, last_lines, whole_length

NAME = "events.jsonl"
_STEPS = f'{{"kind":"{StepsDone.kind}"'.encode()  # how a line begins that tells of steps


class EventWriter:
    """Goes on where the file ends: `seq` counts up across attempts, `attempt` counts openings.

    Args:
        folder: the run folder, whose lock is held.

    Raises:
        Refused: if the file can't be opened or written.
    """

    def __init__(self, folder: Path) -> None:
        self._file = Appender(folder / NAME)
        self._turn = threading.Lock()
        try:
            last = _newest(folder, self._file.last_lines())
        except DiagnosticError:
            self.close()
            raise
        self._seq = last.seq if last else 0
        self.attempt = last.attempt + 1 if last else 1

    def write(self, event: Event) -> Event:
        """Append an event, and answer it with its stamp."""
        with self._turn:
            stamped = event.with_stamp(self._seq + 1, _now(), time.monotonic(), self.attempt)
            self._file.append(stamped.to_json())
            self._seq += 1
        return stamped

    def sync(self) -> None:
        """Make the events so far survive a power cut; to be called with each checkpoint."""
        self._file.sync()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


class EventReader:
    """Reads a run's events as they come. Lines that hold no event are skipped.

    Args:
        folder: the run folder.
        at: the byte of events.jsonl to begin at.
        steps: False leaves out, mostly unread, what single steps were worth.
    """

    def __init__(self, folder: Path, at: int = 0, steps: bool = True) -> None:
        self._tail = Tail(folder / NAME, at)
        self._steps = steps

    @property
    def at(self) -> int:
        """The byte up to which events were read."""
        return self._tail.at

    def take(self, limit: int = 1 << 22) -> list[Event]:
        """Return the events that came since the last call, about `limit` bytes of them at most."""
        lines = self._tail.take(limit, but=None if self._steps else _STEPS)
        return [event for line in lines if (event := parse_event(line)) is not None]


def read_events(folder: Path, steps: bool = True) -> Iterator[Event]:
    """Yield all events of a run so far.

    Args:
        folder: the run folder.
        steps: False leaves out what single steps were worth, by far the most of a long run.
    """
    reader = EventReader(folder, steps=steps)
    before = -1
    while reader.at != before:
        before = reader.at
        yield from reader.take()


def last_event(folder: Path) -> Event | None:
    """Return the last event of a run, None if there is none."""
    return _newest(folder, last_lines(folder / NAME))


def _newest(folder: Path, lines: list[bytes]) -> Event | None:
    """Return the last event among a run's last lines, or of all, if these hold none."""
    for line in reversed(lines):
        if (event := parse_event(line)) is not None:
            return event
    found = None
    for event in read_events(folder):
        found = event
    return found


def end_of(folder: Path) -> int:
    """Return the byte at which the whole lines of a run's events end, to read on from there."""
    try:
        with (folder / NAME).open("rb") as file:
            return whole_length(file.fileno())
    except OSError:
        return 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
