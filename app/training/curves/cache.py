"""A cache of the curves of long runs, so that a run with a million steps opens quickly.

Each cached run has a .npy file with all arrays, one after the other, and a .json file. The .json
file has the range of each array in the .npy file, all events except `StepsDone`, and the stamp of
the event file: the size and modification time of that file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QStandardPaths

from app.training.curves.run_curves import Curves, has_running_mean
from app.training.curves.step_series import FloatArray, StepSeries
from engine.events import Event, RunEnded, RunStarted, StepsDone, parse_event
from engine.runs.log import event_log

MIN_CACHED_STEPS = 50_000  # steps; shorter runs are read from their events quickly enough
_MAX_CACHE_BYTES = 1 << 30
_VERSION = 2


@dataclass(frozen=True)
class CachedCurves:
    """The cached curves of one run.

    Args:
        events: all events of the run except `StepsDone`.
        byte_offset: the position up to which the event file was read.
        series: the arrays (`StepSeries.parts`) of each per-step series, by the name of the series.
        penalty: the regularization penalty at the newest step.
        warned: the step of each warning of the run, in the order of the warnings in `events`.
    """

    events: list[Event]
    byte_offset: int
    series: Mapping[str, Sequence[FloatArray]]
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
        for name, parts in self.series.items():
            curves.steps[name] = StepSeries.from_parts(parts, has_running_mean(name))
        curves.step = max([curves.step, *map(len, curves.steps.values())])
        curves.penalty = self.penalty
        diagnostics = [diagnostic for _, diagnostic in curves.warnings]
        curves.warnings = list(zip(self.warned, diagnostics, strict=False))


def load_curves(run: Path) -> CachedCurves | None:
    """Return the cached curves of a run, None if none are cached or the run has newer events."""
    path = _cache_path(run)
    try:
        meta = json.loads(path.with_suffix(".json").read_bytes())
        if meta["version"] != _VERSION or meta["stamp"] != event_log_stamp(run):
            return None
        values = np.load(path, mmap_mode="c", allow_pickle=False)
        events = [event for line in meta["events"] if (event := parse_event(line)) is not None]
        places = meta["places"].items()
        series = {name: [values[start:end] for start, end in ranges] for name, ranges in places}
        cached = CachedCurves(events, meta["stamp"][0], series, meta["penalty"], meta["warned"])
        os.utime(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return cached


def save_curves(run: Path, curves: Curves, stamp: list[int]) -> None:
    """Cache the curves of a run, unless they are cached or the run has newer events than `curves`.

    Write errors are ignored, because the run folder has all the data.

    Args:
        run: the run folder.
        curves: the curves of all events of the run.
        stamp: the size and modification time of the event file when these events were read.
    """
    with suppress(OSError, ValueError):
        if stamp == event_log_stamp(run) and load_curves(run) is None:
            write_curves(run, curves, stamp)


def write_curves(run: Path, curves: Curves, stamp: list[int]) -> None:
    """Write a run's curves to the cache if `stamp` is still the event file's [size, mtime]."""
    events = event_log.read_events(run, include_steps=False)
    lines = [event.to_json() for event in events if not isinstance(event, StepsDone)]
    ranges: dict[str, list[tuple[int, int]]] = {}
    arrays: list[FloatArray] = []
    count = 0
    # Iterate over a copy: a resumed run may add series meanwhile.
    for name, series in list(curves.steps.items()):
        ranges[name] = []
        for part in series.parts:
            ranges[name].append((count, count + len(part)))
            arrays.append(part)
            count += len(part)
    meta = {
        "version": _VERSION,
        "stamp": stamp,
        "places": ranges,
        "events": lines,
        "penalty": curves.penalty,
        "warned": [step for step, _ in curves.warnings],
    }
    path = _cache_path(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.npy")
    try:
        _write_array(temporary, arrays, count)
        if event_log_stamp(run) == stamp:
            temporary.replace(path)
            path.with_suffix(".json").write_text(json.dumps(meta))
    finally:
        temporary.unlink(missing_ok=True)
    _remove_oldest(path.parent)


def _write_array(path: Path, arrays: Sequence[FloatArray], count: int) -> None:
    """Write arrays, `count` numbers in total, as one .npy file without joining them in memory."""
    dtype = np.lib.format.dtype_to_descr(np.dtype(np.float64))
    header = {"descr": dtype, "fortran_order": False, "shape": (count,)}
    with path.open("wb") as output:
        np.lib.format.write_array_header_1_0(output, header)
        for array in arrays:
            array.tofile(output)


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
    return Path(folder) / "curves" / f"{name}.npy"


def _remove_oldest(folder: Path) -> None:
    """Remove the least recently used cache files until the folder fits into the size limit."""
    files = sorted(folder.glob("*.npy"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > _MAX_CACHE_BYTES:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
