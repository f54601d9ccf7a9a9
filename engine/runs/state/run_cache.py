"""A cache of the curves over steps, so that long runs open quickly.

The cache file has the byte offset in events.jsonl up to which the cache is valid, and a hash of the
bytes before this offset. If the hash does not match, the cache is rebuilt from the events.
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
from engine.runs.folder.run_folder import CURVES_FILE
from engine.runs.log import event_log
from engine.runs.log.event_log import EventReader
from engine.runs.state.run_state import RunState, fold_events
from engine.runs.state.step_curve import StepCurve

FORMAT = "layerloom-curves"
VERSION = 1
MIN_NEW_STEPS = 20_000  # number of steps missing in the cache for which it is written again
_HASHED_BYTES = 4096  # number of bytes of events.jsonl before the offset that are hashed
_VALUE_BYTES = array("d").itemsize


@dataclass(frozen=True)
class OpenedRun:
    """The state of a run after all events so far, and a reader of further events."""

    state: RunState
    reader: EventReader


def open_run(run: Path, write_cache: bool = True) -> OpenedRun:
    """Return the state of a run, and a reader of later events. May write a cache of the state."""
    state, offset = _read_cache(run)
    cached_step = state.step
    reader = EventReader(run, offset)
    state = fold_events(_remaining(reader), state)
    if write_cache and state.step - cached_step >= MIN_NEW_STEPS:
        with suppress(DiagnosticError):  # a read-only run folder still opens
            write_bytes(run / CURVES_FILE, _pack(run, state, reader.offset))
    return OpenedRun(state, reader)


def _remaining(reader: EventReader, end: int | None = None) -> Iterator[Event]:
    """Yield the events that have not been read yet, optionally only up to a byte offset."""
    previous = -1
    while reader.offset != previous and (end is None or reader.offset < end):
        previous = reader.offset
        limit = 1 << 22 if end is None else min(1 << 22, end - reader.offset)
        yield from reader.read_new(limit)


def _read_cache(run: Path) -> tuple[RunState, int]:
    """Return the cached state, and the offset in events.jsonl of the first event not in the cache.

    If the cache is invalid, the state is empty and the offset is 0.
    """
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        head, curves = _unpack((run / CURVES_FILE).read_bytes())
        at, step = head["at"], head["step"]
        if type(at) is int and type(step) is int and head["ending"] == _hash_before(run, at):
            reader = EventReader(run, include_steps=False)
            state = fold_events(_remaining(reader, at))
            if reader.offset == at:
                return replace(state, steps=curves, step=step), at
    return RunState(), 0


def _hash_before(run: Path, at: int) -> str:
    """Return the SHA-256 of events.jsonl before offset `at`; "" if the file is shorter."""
    with (run / event_log.EVENTS_FILE).open("rb") as file:
        start = max(0, at - _HASHED_BYTES)
        file.seek(start)
        data = file.read(at - start)
    return hashlib.sha256(data).hexdigest() if len(data) == at - start else ""


def _pack(run: Path, state: RunState, at: int) -> bytes:
    chunks: list[bytes] = []
    spans: dict[str, list[tuple[int, int]]] = {}
    for name, curve in state.steps.items():
        spans[name] = [(first, len(values)) for first, values in curve.chunks]
        chunks += [values.tobytes() for _, values in curve.chunks]
    head = {
        "format": FORMAT,
        "version": VERSION,
        "order": sys.byteorder,
        "at": at,
        "step": state.step,
        "ending": _hash_before(run, at),
        "curves": spans,
    }
    return json.dumps(head).encode() + b"\n" + b"".join(chunks)


def _unpack(data: bytes) -> tuple[dict[str, Any], Mapping[str, StepCurve]]:
    """Return the header of a cache file, and its curves by name.

    Raises:
        ValueError: if the file is not a cache, has another version, or is truncated.
    """
    line, _, body = data.partition(b"\n")
    head = json.loads(line)
    version = (head["format"], head["version"], head["order"])
    counts = [count for spans in head["curves"].values() for _, count in spans]
    if version != (FORMAT, VERSION, sys.byteorder) or any(
        type(count) is not int or count < 1 for count in counts
    ):
        raise ValueError("unknown format")
    if sum(counts) * _VALUE_BYTES != len(body):
        raise ValueError("truncated")
    view, offset = memoryview(body), 0
    curves: dict[str, StepCurve] = {}
    for name, spans in head["curves"].items():
        chunks = []
        for first, count in spans:
            values = array("d")
            values.frombytes(view[offset : offset + count * _VALUE_BYTES])
            offset += count * _VALUE_BYTES
            chunks.append((int(first), values))
        curves[name] = StepCurve(tuple(chunks))
    return head, curves
