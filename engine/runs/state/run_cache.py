"""A run opened at once, however long: the curves of its steps stand folded in a file beside it.

The events stay the truth. The file says up to which byte of them it was folded, and how they ended
there; where that does not fit, it is passed over and made anew.
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import write_bytes
from engine.events import Event
from engine.runs.folder.run_folder import CURVES
from engine.runs.log import event_log
from engine.runs.log.event_log import EventReader
from engine.runs.state.run_state import RunState, folded
from engine.runs.state.step_curve import Curve

FORMAT = "layerloom-curves"
VERSION = 1
WORTH = 20_000  # steps beyond the file that make it worth writing anew
_ENDING = 4096  # bytes of events before the place, by which they are known again
_BYTES = array("d").itemsize


@dataclass(frozen=True)
class Opened:
    """A run as it is now, and a reader that goes on from there.

    Args:
        state: all its events folded.
        reader: gives the events that come after.
    """

    state: RunState
    reader: EventReader


def open_run(run: Path, remember: bool = True) -> Opened:
    """Return what a run has come to.

    Args:
        run: its folder.
        remember: False leaves the file with the curves as it is.
    """
    state, at = _remembered(run)
    known = state.step
    reader = EventReader(run, at)
    state = folded(_left(reader), state)
    if remember and state.step - known >= WORTH:
        with suppress(
            DiagnosticError
        ):  # a run on a medium that can't be written opens all the same
            write_bytes(run / CURVES, _packed(run, state, reader.at))
    return Opened(state, reader)


def _left(reader: EventReader, end: int | None = None) -> Iterator[Event]:
    """Yield the events up to a byte, or up to the end."""
    before = -1
    while reader.at != before and (end is None or reader.at < end):
        before = reader.at
        limit = 1 << 22 if end is None else min(1 << 22, end - reader.at)
        yield from reader.take(limit)


def _remembered(run: Path) -> tuple[RunState, int]:
    """Return the state up to where the file goes, and that byte; nothing if it does not fit."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        head, curves = _unpacked((run / CURVES).read_bytes())
        at, step = head["at"], head["step"]
        if type(at) is int and type(step) is int and head["ending"] == _ending(run, at):
            reader = EventReader(run, steps=False)
            state = folded(_left(reader, at))
            if reader.at == at:
                return replace(state, steps=curves, step=step), at
    return RunState(), 0


def _ending(run: Path, at: int) -> str:
    """Return a sha256 of the events just before a byte, "" if there are not so many."""
    with (run / event_log.NAME).open("rb") as file:
        start = max(0, at - _ENDING)
        file.seek(start)
        data = file.read(at - start)
    return hashlib.sha256(data).hexdigest() if len(data) == at - start else ""


def _packed(run: Path, state: RunState, at: int) -> bytes:
    chunks: list[bytes] = []
    told: dict[str, list[tuple[int, int]]] = {}
    for name, curve in state.steps.items():
        told[name] = [(first, len(values)) for first, values in curve.chunks]
        chunks += [values.tobytes() for _, values in curve.chunks]
    head = {
        "format": FORMAT, "version": VERSION, "order": sys.byteorder, "at": at,
        "step": state.step, "ending": _ending(run, at), "curves": told,
    }  # fmt: skip
    return json.dumps(head).encode() + b"\n" + b"".join(chunks)


def _unpacked(data: bytes) -> tuple[dict[str, Any], Mapping[str, Curve]]:
    """Return the head of a file, and its curves.

    Raises:
        ValueError: if it is none, of another version, or not whole.
    """
    line, _, body = data.partition(b"\n")
    head = json.loads(line)
    known = (head["format"], head["version"], head["order"])
    counts = [count for parts in head["curves"].values() for _, count in parts]
    if known != (FORMAT, VERSION, sys.byteorder) or any(
        type(count) is not int or count < 1 for count in counts
    ):
        raise ValueError("of another form")
    if sum(counts) * _BYTES != len(body):
        raise ValueError("not whole")
    view, place = memoryview(body), 0
    curves: dict[str, Curve] = {}
    for name, parts in head["curves"].items():
        chunks = []
        for first, count in parts:
            values = array("d")
            values.frombytes(view[place : place + count * _BYTES])
            place += count * _BYTES
            chunks.append((int(first), values))
        curves[name] = Curve(tuple(chunks))
    return head, curves
