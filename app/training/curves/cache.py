"""A cache of the curves of long runs, so that a run with a million steps opens quickly.

Each cached run has a file: a line of JSON, then the values of all per-step series. The line has the
number of values of each series, all events except `StepsDone`, and the stamp of the event file: the
size and modification time of that file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QStandardPaths

from app.training.curves.run_curves import Curves
from app.training.curves.step_series import FloatArray, StepSeries
from engine.events import Event, RunEnded, RunStarted, StepsDone, parse_event
from engine.runs.log import event_log

MIN_CACHED_STEPS = 50_000  # steps; shorter runs are read from their events quickly enough
_MAX_CACHE_BYTES = 1 << 30
_VERSION = 3
# What a damaged file may raise.
_LOAD_ERRORS = (OSError, ValueError, KeyError, TypeError, AttributeError, MemoryError)


@dataclass(frozen=True)
class CachedCurves:
    """The cached curves of one run.

    Args:
        events: all events of the run except `StepsDone`.
        byte_offset: the position up to which the event file was read.
        series: the values of each per-step series, by the name of the series.
        penalty: the regularization penalty at the newest step.
        warned: the step of each warning of the run, in the order of the warnings in `events`.
    """

    events: list[Event]
    byte_offset: int
    series: Mapping[str, FloatArray]
    penalty: float
    warned: Sequence[int]

    @property
    def ended(self) -> RunEnded | None:
        """The end event of the run, None if it has not ended."""
        ends = [event for event in self.events if isinstance(event, (RunEnded, RunStarted))]
        last = ends[-1] if ends else None
        return last if isinstance(last, RunEnded) else None

    def restore_into(self, curves: Curves) -> None:
        """Set the per-step series, the penalty, and the step of each warning in `curves`.

        Before this call, `curves` must have processed `self.events`, the events other than steps.
        """
        for name, values in self.series.items():
            curves.steps[name] = StepSeries()
            curves.steps[name].write(1, values)
        curves.step = max([curves.step, *map(len, curves.steps.values())])
        curves.penalty = self.penalty
        diagnostics = [diagnostic for _, diagnostic in curves.warnings]
        curves.warnings = list(zip(self.warned, diagnostics, strict=False))


def load_curves(run: Path) -> CachedCurves | None:
    """Return the cached curves of a run, None if none are cached or the run has newer events."""
    path = _cache_path(run)
    try:
        meta, start = _read_header(run)
        values = np.fromfile(path, np.float64, offset=start)
        ends = np.cumsum(list(meta["counts"].values()))
        series = dict(zip(meta["counts"], np.split(values, ends[:-1]), strict=True))
        events = [event for line in meta["events"] if (event := parse_event(line)) is not None]
        cached = CachedCurves(events, meta["stamp"][0], series, meta["penalty"], meta["warned"])
        os.utime(path)
    except _LOAD_ERRORS:
        return None
    return cached


def _read_header(run: Path) -> tuple[dict[str, Any], int]:
    """Return the first line of a run's cache file, and the position of the values after it.

    Raises:
        ValueError: if the file has another version or size, or the run has newer events.
    """
    with _cache_path(run).open("rb") as file:
        meta = json.loads(file.readline())
        start = file.tell()
        is_whole = os.fstat(file.fileno()).st_size == start + 8 * sum(meta["counts"].values())
    if not is_whole or meta["version"] != _VERSION or meta["stamp"] != event_log_stamp(run):
        raise ValueError("not the curves of all events")
    return meta, start


def save_curves(run: Path, curves: Curves, stamp: list[int]) -> None:
    """Cache the curves of a run, unless they are cached or the run has newer events than `curves`.

    Write errors are ignored, because the run folder has all the data.

    Args:
        run: the run folder.
        curves: the curves of all events of the run.
        stamp: the size and modification time of the event file when these events were read.
    """
    with suppress(*_LOAD_ERRORS):
        _read_header(run)
        return
    with suppress(OSError, ValueError):
        if stamp == event_log_stamp(run):
            write_curves(run, curves, stamp)


def write_curves(run: Path, curves: Curves, stamp: list[int]) -> None:
    """Write a run's curves to the cache if `stamp` is still the event file's [size, mtime]."""
    events = event_log.read_events(run, include_steps=False)
    lines = [event.to_json() for event in events if not isinstance(event, StepsDone)]
    # Iterate over a copy: a resumed run may add series meanwhile.
    values_by_name = {name: series.values for name, series in list(curves.steps.items())}
    meta = {
        "version": _VERSION,
        "stamp": stamp,
        "counts": {name: len(values) for name, values in values_by_name.items()},
        "events": lines,
        "penalty": curves.penalty,
        "warned": [step for step, _ in curves.warnings],
    }
    path = _cache_path(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(json.dumps(meta).encode() + b"\n")
            for values in values_by_name.values():
                values.tofile(file)
        if event_log_stamp(run) == stamp:
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _remove_oldest(path.parent)


def event_log_stamp(run: Path) -> list[int]:
    """Return the stamp of the event file, which changes with every event.

    The stamp is the size in bytes and the modification time in nanoseconds.

    Raises:
        OSError: if there is no event file.
    """
    status = (run / event_log.EVENTS_FILE).stat()
    return [status.st_size, status.st_mtime_ns]


def _cache_path(run: Path) -> Path:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
    name = hashlib.sha256(os.fsencode(run.absolute())).hexdigest()[:32]
    return Path(folder) / "curves" / f"{name}.curves"


def _remove_oldest(folder: Path) -> None:
    """Remove the least recently used cache files until the folder fits into the size limit."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > _MAX_CACHE_BYTES:
            path.unlink(missing_ok=True)
