"""The runs of a folder as a table: how each went, on what, and what a person says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError
from engine.events import Event, RunEnded
from engine.runs.comparison.run_comparison import compare
from engine.runs.comparison.score_summary import ScoreLine, score_lines
from engine.runs.folder import notes
from engine.runs.folder.notes import Notes, read_notes
from engine.runs.folder.run_folder import STATUS, RunFolder
from engine.runs.log import event_log
from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import RunState, Status, fold, list_runs

_FILES = (event_log.NAME, notes.NAME, STATUS)  # those that change while a run is there


@dataclass(frozen=True)
class Entry:
    """One run in a table.

    Args:
        folder: the run.
        status: in one word.
        notes: what a person says of it.
        state: its events folded, single steps left out.
        began: when its first attempt began, UTC, RFC 3339; "" before that.
        step: steps done.
        seconds: that it has taken, without pauses; of a run that is under way, until its last word.
        scores: by name, best and last; of the validation rows if there are any.
        changed: what differs from the run before it, in one line.
        since: the run before it.
        stamp: another one once the run, or what is said of it, is another.
    """

    folder: RunFolder
    status: Status
    notes: Notes
    state: RunState
    began: str
    step: int
    seconds: float
    scores: Mapping[str, ScoreLine]
    changed: str = ""
    since: Path | None = None
    stamp: tuple[object, ...] = ()

    @property
    def name(self) -> str:
        """What people call the run."""
        return self.notes.name or self.folder.name

    @property
    def epochs(self) -> int:
        """Epochs that it may take at most."""
        return self.state.started.epochs if self.state.started else 0

    @property
    def device(self) -> str:
        """What computed."""
        return str(self.folder.run.get("device", ""))

    @property
    def data(self) -> str:
        """The name of the table that it was trained on."""
        path = self.folder.run.get("paths", {}).get("data")
        return Path(path).name if path else ""

    @property
    def split(self) -> str:
        """How its rows were divided, in words that go beside every score."""
        return str(self.folder.run.get("split", ""))

    @property
    def scored_on(self) -> str:
        """Which rows the scores are of."""
        if self.state.started is None:
            return ""
        if self.state.validation:
            return f"{self.state.started.validation_rows:,} validation rows"
        return f"{self.state.started.rows:,} training rows" if self.state.train else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as JSON; "scores" holds the last ones."""
        scores = {name: line.last for name, line in self.scores.items()}
        run = self.folder.run
        return {
            "run": str(self.folder.path),
            "name": self.name,
            "state": self.status,
            "star": self.notes.star,
            "notes": self.notes.text,
            "began": self.began,
            "seconds": self.seconds,
            "epoch": self.state.epoch,
            "epochs": self.epochs,
            "step": self.step,
            "scores": {name: score if isfinite(score) else None for name, score in scores.items()},
            "best": {name: line.to_dict() for name, line in self.scores.items()},
            "scored_on": self.scored_on,
            "split": self.split,
            "device": self.device,
            "data": self.data,
            "seed": run.get("seed"),
            "hashes": run.get("hashes", {}),
            "changed": self.changed,
        }


def entries(place: Path, known: Iterable[Entry] = ()) -> list[Entry]:
    """Return the runs directly in a folder, by name. Broken ones are left out.

    Each also says what changed since the newest one before it that trained a graph file of the
    same name.

    Args:
        place: the folder.
        known: what an earlier call answered; runs that are as they were then are not read again.
    """
    before = {entry.folder.path: entry for entry in known}
    found = []
    for run in list_runs(place):
        earlier = before.get(run.folder.path)
        if earlier is None or earlier.stamp != _stamp(run.folder, run.status):
            earlier = entry_of(run.folder, run.status)
        found.append(earlier)
    return _with_changes(found, before)


def entry_of(folder: RunFolder, status: Status) -> Entry:
    """Return one run's entry, without what changed."""
    stamp = _stamp(folder, status)  # before reading: what is said meanwhile is read next time
    state, first, last = RunState(), None, None
    for event in read_events(folder.path, steps=False):
        first = first or event
        last = event
        state = fold(state, event)
    return Entry(
        folder,
        status,
        read_notes(folder.path),
        state,
        first.time if first else "",
        _step(state, folder),
        _seconds(state, last),
        score_lines(state),
        stamp=stamp,
    )


def _stamp(folder: RunFolder, status: Status) -> tuple[object, ...]:
    """Return what is another one as soon as an entry may be."""
    return (folder.run_id, status, *(_age(folder.path / file) for file in _FILES))


def _age(file: Path) -> tuple[int, int]:
    with suppress(OSError):
        found = file.stat()
        return found.st_mtime_ns, found.st_size
    return 0, 0


def _step(state: RunState, folder: RunFolder) -> int:
    """Return the steps done; single steps were not read, so the run's status may know more."""
    if state.ended is not None:
        return state.ended.step
    told = folder.status().get("step")
    beat = state.heartbeat.step if state.heartbeat else 0
    return max(state.step, beat, told if isinstance(told, int) else 0)


def _seconds(state: RunState, last: Event | None) -> float:
    if isinstance(last, RunEnded):
        return last.seconds
    started = state.started
    if started is None or last is None or last.attempt != started.attempt:
        return 0.0
    return max(0.0, last.mono - started.mono)


def _with_changes(found: Sequence[Entry], known: Mapping[Path, Entry]) -> list[Entry]:
    """Say of each entry what changed since the one before it in time.

    What two runs began with stays as it is, so what was worked out of them holds.
    """
    newest: dict[str, Entry] = {}
    done: dict[Path, Entry] = {}
    for entry in sorted(found, key=_moment):
        name = str(entry.folder.run.get("name", ""))
        before = newest.get(name)
        since = None if before is None else before.folder.path
        earlier = known.get(entry.folder.path)
        if (
            earlier is not None
            and earlier.since == since
            and earlier.folder.run == entry.folder.run
        ):
            said = earlier.changed
        else:
            said = "" if before is None else _changed(before.folder, entry.folder)
        done[entry.folder.path] = replace(entry, changed=said, since=since)
        newest[name] = entry
    return [done[entry.folder.path] for entry in found]


def _moment(entry: Entry) -> tuple[float, str]:
    with suppress(ValueError):
        return datetime.fromisoformat(entry.began).timestamp(), entry.folder.name
    return float("inf"), entry.folder.name  # it has not begun yet


def _changed(before: RunFolder, after: RunFolder) -> str:
    if before.run.get("hashes") and before.run.get("hashes") == after.run.get("hashes"):
        return ""
    with suppress(DiagnosticError):
        return compare(before.path, after.path).in_words()
    return ""
