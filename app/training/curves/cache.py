"""Curves of long runs, kept in the user's cache, so that a million steps open at once."""

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

from app.training.curves.run_curves.run_curves import Curves, is_smooth
from app.training.curves.run_curves.series import Numbers, Series
from engine.events import Event, RunEnded, RunStarted, StepsDone, parse
from engine.runs.events import event_log

LONG = 50_000  # steps, from which reading them again takes longer than it should
_MOST = 1 << 30  # bytes of all that is kept
_VERSION = 2


@dataclass(frozen=True)
class Kept:
    """The curves of one run as they were read before.

    Args:
        events: what it said besides steps.
        at: the byte of its events up to which they were read.
        series: by name, the parts of each.
        penalty: of the newest step.
        warned: the steps of the warnings.
    """

    events: list[Event]
    at: int
    series: Mapping[str, Sequence[Numbers]]
    penalty: float
    warned: Sequence[int]

    @property
    def ended(self) -> RunEnded | None:
        """How the run ended, None if it did not say."""
        ends = [event for event in self.events if isinstance(event, (RunEnded, RunStarted))]
        last = ends[-1] if ends else None
        return last if isinstance(last, RunEnded) else None

    def fill(self, curves: Curves) -> None:
        """Put in what steps were worth, after `events` were taken in."""
        for name, parts in self.series.items():
            curves.steps[name] = Series.of(parts, is_smooth(name))
        curves.step = max([curves.step, *map(len, curves.steps.values())])
        curves.penalty = self.penalty
        curves.warned = [
            (step, plain) for step, (_, plain) in zip(self.warned, curves.warned, strict=False)
        ]


def load(run: Path) -> Kept | None:
    """Return the curves that are kept of a run, None if it has said something since."""
    file = _file(run)
    try:
        told = json.loads(file.with_suffix(".json").read_bytes())
        if told["version"] != _VERSION or told["stamp"] != stamp_of(run):
            return None
        numbers = np.load(file, mmap_mode="c", allow_pickle=False)
        events = [event for line in told["events"] if (event := parse(line)) is not None]
        series = {
            name: [numbers[start:end] for start, end in ends]
            for name, ends in told["places"].items()
        }
        kept = Kept(events, told["stamp"][0], series, told["penalty"], told["warned"])
        os.utime(file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return kept


def keep(run: Path, curves: Curves, stamp: list[int]) -> None:
    """Write the curves of a run, unless they are kept as they are, or it has said more.

    A disk that refuses is let pass, for the run holds everything.

    Args:
        run: its folder.
        curves: all that it has said.
        stamp: of its events by then.
    """
    with suppress(OSError, ValueError):
        if stamp == stamp_of(run) and load(run) is None:
            write(run, curves, stamp)


def write(run: Path, curves: Curves, stamp: list[int]) -> None:
    """Write the curves of a run, unless it says more meanwhile.

    Args:
        run: its folder.
        curves: all that it has said.
        stamp: of its events by then.
    """
    lines = [
        e.line() for e in event_log.read_events(run, steps=False) if not isinstance(e, StepsDone)
    ]
    places: dict[str, list[tuple[int, int]]] = {}
    arrays: list[Numbers] = []
    start = 0
    for name, series in list(curves.steps.items()):  # a run that is resumed may add to them
        places[name] = []
        for part in series.parts:
            places[name].append((start, start + len(part)))
            arrays.append(part)
            start += len(part)
    told = {
        "version": _VERSION, "stamp": stamp, "places": places, "events": lines,
        "penalty": curves.penalty, "warned": [step for step, _ in curves.warned],
    }  # fmt: skip
    file = _file(run)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_suffix(".json").unlink(missing_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}.npy")
    try:
        _save(fresh, arrays, start)
        if stamp_of(run) == stamp:
            fresh.replace(file)
            file.with_suffix(".json").write_text(json.dumps(told))
    finally:
        fresh.unlink(missing_ok=True)
    _prune(file.parent)


def _save(file: Path, arrays: Sequence[Numbers], count: int) -> None:
    """Write arrays of `count` numbers as one, which is never held as a whole."""
    form = np.lib.format
    kind = form.dtype_to_descr(np.dtype(np.float64))
    with file.open("wb") as sink:
        form.write_array_header_1_0(
            sink, {"descr": kind, "fortran_order": False, "shape": (count,)}
        )
        for array in arrays:
            array.tofile(sink)


def stamp_of(run: Path) -> list[int]:
    """Return what changes with every word of a run.

    Raises:
        OSError: if it has no events.
    """
    found = (run / event_log.NAME).stat()
    return [found.st_size, found.st_mtime_ns]


def _file(run: Path) -> Path:
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.CacheLocation)
    name = hashlib.sha256(os.fsencode(run.absolute())).hexdigest()[:32]
    return Path(place) / "curves" / f"{name}.npy"


def _prune(place: Path) -> None:
    """Remove what was not looked at for longest, where there is too much."""
    files = sorted(place.glob("*.npy"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > _MOST:
            file.unlink(missing_ok=True)
            file.with_suffix(".json").unlink(missing_ok=True)
