"""The runs of a folder as a table: status, scores, data, changes and notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError
from engine.events import Event, RunEnded, RunFinished
from engine.graph.serialization.file import parse
from engine.runs.comparison.run_comparison import compare_runs
from engine.runs.comparison.score_summary import ScoreSummary, kept_epoch, summarize_scores
from engine.runs.folder.notes import NOTES_FILE, RunNotes, read_notes
from engine.runs.folder.run_folder import STATUS_FILE, RunFolder
from engine.runs.log.event_log import EVENTS_FILE, read_events
from engine.runs.state.run_state import RunState, Status, apply_event, list_runs
from engine.runs.state.step_curve import StepCurve

_CHANGING_FILES = (EVENTS_FILE, NOTES_FILE, STATUS_FILE)  # files that change after the start


@dataclass(frozen=True)
class RunEntry:
    """A row of the run table.

    Args:
        state: state after all events, without the losses of single steps.
        start_time: time of the first event in UTC, in RFC 3339 format; "" if there is no event.
        step: number of steps done.
        seconds: training time without pauses if the run has ended. Otherwise, the time from its
            last start or resume to its last event.
        scores: the summary of each score, by score name.
        kept_epoch: epoch of the final weights; of a run that has not finished, the last one.
        changes: how graph, recipe and data differ from those of the previous run, in one line; ""
            if they don't differ.
        previous_run: path of the previous run of the same graph file; None for the first run.
        fingerprint: a value that changes whenever the run or its notes change.
    """

    folder: RunFolder
    status: Status
    notes: RunNotes
    state: RunState
    start_time: str
    step: int
    seconds: float
    scores: Mapping[str, ScoreSummary]
    kept_epoch: int = 0
    changes: str = ""
    previous_run: Path | None = None
    fingerprint: tuple[object, ...] = ()

    @property
    def name(self) -> str:
        """The display name of the run."""
        return self.notes.name or self.folder.name

    @property
    def epochs(self) -> int:
        """The maximum number of epochs; 0 if the training has not started."""
        return self.state.started.epochs if self.state.started else 0

    @property
    def device(self) -> str:
        """The devices that the run was trained on."""
        started = self.state.started
        recorded = str(self.folder.record.get("device", ""))
        return started.device_text if started and started.processes > 1 else recorded

    @property
    def data(self) -> str:
        """The file name of the training table; "" if unknown."""
        path = self.folder.record.get("paths", {}).get("data")
        return Path(path).name if path else ""

    @property
    def split(self) -> str:
        """A description of the split, which is shown next to every score."""
        return str(self.folder.record.get("split", ""))

    def kept_score(self, name: str) -> float | None:
        """Return a score with the weights of `kept_epoch`, None if it is missing."""
        curve = (self.state.validation or self.state.train).get(name, StepCurve())
        return curve.truncated(self.kept_epoch).last

    @property
    def scored_rows(self) -> str:
        """A description of the rows on which scores are computed: "900 validation rows"."""
        if self.state.started is None:
            return ""
        noun = "windows" if self.folder.record.get("windows") else "rows"
        if self.state.validation:
            return f"{self.state.started.validation_rows:,} validation {noun}"
        return f"{self.state.started.rows:,} training {noun}" if self.state.train else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as a dict for JSON; "scores" has the last value of each score."""
        scores = {name: line.last for name, line in self.scores.items()}
        record = self.folder.record
        return {
            "run": str(self.folder.path),
            "name": self.name,
            "state": self.status,
            "star": self.notes.star,
            "notes": self.notes.text,
            "began": self.start_time,
            "seconds": self.seconds,
            "epoch": self.state.epoch,
            "epochs": self.epochs,
            "step": self.step,
            "scores": {name: score if isfinite(score) else None for name, score in scores.items()},
            "best": {name: line.to_dict() for name, line in self.scores.items()},
            "kept_epoch": self.kept_epoch,
            "scored_on": self.scored_rows,
            "split": self.split,
            "device": self.device,
            "data": self.data,
            "seed": record.get("seed"),
            "hashes": record.get("hashes", {}),
            "changed": self.changes,
        }


def read_run_table(runs_folder: Path, known: Iterable[RunEntry] = ()) -> list[RunEntry]:
    """Return the entries of all valid run folders directly in `runs_folder`, sorted by name.

    Each entry describes the changes since the previous run of a graph file with the same name.

    Args:
        known: result of a previous call. Runs that are unchanged since then are not read again.
    """
    cached = {entry.folder.path: entry for entry in known}
    runs = []
    for run in list_runs(runs_folder):
        entry = cached.get(run.folder.path)
        if entry is None or entry.fingerprint != _stamp(run.folder, run.status):
            entry = read_run_entry(run.folder, run.status)
        runs.append(entry)
    return _with_changes(runs, cached)


def read_run_entry(folder: RunFolder, status: Status) -> RunEntry:
    """Read the table row of one run. Its `changes` are "", since no other run is read."""
    stamp = _stamp(folder, status)  # before reading, so that later events cause another read
    state, first, last = RunState(), None, None
    for event in read_events(folder.path, include_steps=False):
        first = first or event
        last = event
        state = apply_event(state, event)
    kept = _kept_epoch(folder, state)
    return RunEntry(
        folder,
        status,
        read_notes(folder.path),
        state,
        first.time if first else "",
        _step(state, folder),
        _seconds(state, last),
        summarize_scores(state, kept),
        kept,
        fingerprint=stamp,
    )


def _kept_epoch(folder: RunFolder, state: RunState) -> int:
    with suppress(DiagnosticError):
        if isinstance(state.ended, RunFinished):  # the graphs of others need not be read
            return kept_epoch(parse(folder.graph_bytes()).project, state)
    return state.epoch


def _stamp(folder: RunFolder, status: Status) -> tuple[object, ...]:
    return (folder.run_id, status, *(_file_stamp(folder.path / file) for file in _CHANGING_FILES))


def _file_stamp(file: Path) -> tuple[int, int]:
    with suppress(OSError):
        stat = file.stat()
        return stat.st_mtime_ns, stat.st_size
    return 0, 0


def _step(state: RunState, folder: RunFolder) -> int:
    """Return the number of steps done. Until a run ends, status.json may be newer than `state`."""
    if state.ended is not None:
        return state.ended.step
    saved = folder.status().get("step")
    heartbeat = state.heartbeat.step if state.heartbeat else 0
    return max(state.step, heartbeat, saved if isinstance(saved, int) else 0)


def _seconds(state: RunState, last: Event | None) -> float:
    if isinstance(last, RunEnded):
        return last.seconds
    started = state.started
    if started is None or last is None or last.attempt != started.attempt:
        return 0.0
    return max(0.0, last.mono - started.mono)


def _with_changes(runs: Sequence[RunEntry], known: Mapping[Path, RunEntry]) -> list[RunEntry]:
    """Return `runs`, each with a text about its changes since the previous run of its graph file.

    The previous run is the last one that started earlier. `known` has older entries by run
    folder. Their texts are reused, because the settings of a run never change.
    """
    latest: dict[str, RunEntry] = {}
    described: dict[Path, RunEntry] = {}
    for entry in sorted(runs, key=_start_key):
        name = str(entry.folder.record.get("name", ""))
        previous = latest.get(name)
        since = None if previous is None else previous.folder.path
        cached = known.get(entry.folder.path)
        if cached and cached.previous_run == since and cached.folder.record == entry.folder.record:
            changed = cached.changes
        else:
            changed = _describe_changes(previous.folder, entry.folder) if previous else ""
        described[entry.folder.path] = replace(entry, changes=changed, previous_run=since)
        latest[name] = entry
    return [described[entry.folder.path] for entry in runs]


def _start_key(entry: RunEntry) -> tuple[float, str]:
    with suppress(ValueError):
        return datetime.fromisoformat(entry.start_time).timestamp(), entry.folder.name
    return float("inf"), entry.folder.name  # not started yet


def _describe_changes(before: RunFolder, after: RunFolder) -> str:
    hashes = before.record.get("hashes")
    with suppress(DiagnosticError):
        if not hashes or hashes != after.record.get("hashes"):
            return compare_runs(before.path, after.path).summary()
    return ""
