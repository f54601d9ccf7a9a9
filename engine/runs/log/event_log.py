"""The event log of a run, events.jsonl: its writer and its reader."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from engine.core.diagnostic import DiagnosticError
from engine.events import Event, StepsDone, parse_event
from engine.runs.log.append_log import AppendLog, LogTail, complete_length, last_lines

EVENTS_FILE = "events.jsonl"
_STEPS_PREFIX = f'{{"kind":"{StepsDone.kind}"'.encode()  # start of the line of a StepsDone event


class EventWriter:
    """The writer of the event log. It adds number, time and attempt to each event.

    If the event log exists, numbering continues after its last event, and the next attempt starts.

    Args:
        folder: the run folder, whose lock the caller holds.

    Raises:
        DiagnosticError: if the file can't be opened or written.
    """

    def __init__(self, folder: Path) -> None:
        self._file = AppendLog(folder / EVENTS_FILE)
        self._lock = threading.Lock()
        try:
            last = _latest_event(folder, self._file.last_lines())
        except DiagnosticError:
            self.close()
            raise
        self._seq = last.seq if last else 0
        self.attempt = last.attempt + 1 if last else 1

    def write(self, event: Event) -> Event:
        """Append an event with its sequence number, time and attempt, and return that event."""
        with self._lock:
            stamped = event.with_stamp(self._seq + 1, _now(), time.monotonic(), self.attempt)
            self._file.append(stamped.to_json())
            self._seq += 1
        return stamped

    def sync(self) -> None:
        """Flush the events to disk (fsync). Called with each checkpoint."""
        self._file.sync()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class EventReader:
    """An incremental reader of a run's events. Lines that are not valid events are skipped.

    Args:
        folder: the run folder.
        offset: byte offset in events.jsonl at which reading starts.
        include_steps: False skips StepsDone events without parsing them.
    """

    def __init__(self, folder: Path, offset: int = 0, include_steps: bool = True) -> None:
        self._tail = LogTail(folder / EVENTS_FILE, offset)
        self._steps = include_steps

    @property
    def offset(self) -> int:
        """The byte offset up to which events were read."""
        return self._tail.offset

    def read_new(self, limit: int = 1 << 22) -> list[Event]:
        """Return the events written since the last call, but at most about `limit` bytes."""
        lines = self._tail.read_new(limit, skip_prefix=None if self._steps else _STEPS_PREFIX)
        return [event for line in lines if (event := parse_event(line)) is not None]


def read_events(folder: Path, include_steps: bool = True) -> Iterator[Event]:
    """Yield all events of a run so far, optionally without StepsDone events."""
    reader = EventReader(folder, include_steps=include_steps)
    previous = -1
    while reader.offset != previous:
        previous = reader.offset
        yield from reader.read_new()


def last_event(folder: Path) -> Event | None:
    """Return the last event of a run; None if it has no events."""
    return _latest_event(folder, last_lines(folder / EVENTS_FILE))


def _latest_event(folder: Path, lines: list[bytes]) -> Event | None:
    """Return the last event in `lines`, or in the whole event log if `lines` has no event."""
    for line in reversed(lines):
        if (event := parse_event(line)) is not None:
            return event
    latest = None
    for event in read_events(folder):
        latest = event
    return latest


def events_end(folder: Path) -> int:
    """Return the byte offset in events.jsonl at which the last complete line ends."""
    try:
        with (folder / EVENTS_FILE).open("rb") as file:
            return complete_length(file.fileno())
    except OSError:
        return 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
