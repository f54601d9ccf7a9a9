"""Programs of the forked processes: each function is one; it returns the exit code."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sys
import time
import traceback
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from engine.cli import main
from engine.runs.folder.run_json import RUN_FILE
from tests.reliability.faults import CRASHED, fault_at
from tests.reliability.figures import peak_memory
from tests.reliability.flood import flood
from tests.reliability.readers import READERS, Reader, answer_of
from tests.reliability.readers_data import CachedRows
from tests.reliability.readers_tables import AllTables
from tests.reliability.runs import curves, weights, whole_checkpoints
from tests.reliability.small_disk import SmallDisk
from tests.reliability.watch import Watch, load_codecs
from tests.reliability.writers import WRITERS
from tests.tiers import cases

__all__ = ["flood"]  # programs defined in other files


def engine(*words: str) -> None:
    """Run the `engine` command."""
    main(list(words))


def crash_everywhere(name: str, place: str, fault: str) -> None:
    """Crash a process at each system call of a writer in turn, and print the results as JSON."""
    writer, folder = WRITERS[name], Path(place)
    (folder / "before").mkdir(parents=True)
    writer.prepare(folder / "before")
    found: Counter[str] = Counter()
    due, code = 0, CRASHED
    while code == CRASHED:
        due += 1
        here = shutil.copytree(folder / "before", folder / f"at-{due}")
        pid = os.fork()
        if pid == 0:
            with fault_at(due, fault):
                writer.write(here)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        found[writer.judge(here)] += 1
    assert code == 0, f"it ended with {code}"
    print(json.dumps({"points": due - 1, **found}))


def fill_a_disk(place: str, graph: str, data: str, room: int) -> None:
    """Train with only `room` free bytes, resume with more, and print how both ended."""
    disk = SmallDisk(Path(place), 4 << 20)
    run = disk.folder / "run"
    disk.leave(room)
    first = _forked("train", graph, "--data", data, "--run", str(run))
    kept = {path.name: sha256(path.read_bytes()).hexdigest() for path in _checkpoints(run)}
    torn = [path.name for path in run.rglob("*.tmp-*")]
    whole = whole_checkpoints(run) if run.exists() else set()
    disk.free_all()
    left = {path.name: sha256(path.read_bytes()).hexdigest() for path in _checkpoints(run)}
    again = ("--run", str(run), "--resume") if (run / RUN_FILE).exists() else None
    second = _forked("train", *(again or (graph, "--data", data, "--run", str(run))))
    told = {
        "kind": disk.kind, "first": first, "second": second, "torn": torn, "resumed": bool(again),
        "whole": len(whole), "changed": kept != left,
        "curves": curves(run), "weights": weights(run),
    }  # fmt: skip
    Path(place).with_name("told.json").write_text(json.dumps(told), encoding="utf-8")


def _checkpoints(run: Path) -> list[Path]:
    return sorted(run.glob("checkpoints/step-*"))


def _forked(*words: str) -> int:
    """Run the `engine` command in a fork, and return its exit code."""
    pid = os.fork()
    if pid == 0:
        try:
            main(list(words))
        except SystemExit as left:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(left.code or 0))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def fuzz(kind: str, place: str, number: int, seed: str) -> None:
    """Read mutated files, and print the results with time and memory, as JSON."""
    folder = Path(place)
    chosen = random.Random(seed)
    watch = Watch(folder)
    load_codecs()
    reader: Reader = {**READERS, "tables": AllTables, "cached rows": CachedRows}[kind](folder)
    files = reader.files(chosen)
    faults: dict[str, str] = {}
    for _ in range(cases(25, 60)):  # warm-up: imports that happen on first use
        _tried(reader, next(files), faults)
    answers: Counter[str] = Counter()
    began, slowest, start = time.monotonic(), 0.0, peak_memory()
    for _ in range(number):
        file = next(files)
        at = time.process_time()
        watch.arm()
        answers[_tried(reader, file, faults)] += 1
        watch.disarm()
        slowest = max(slowest, time.process_time() - at)
    told = {
        "answers": answers, "faults": faults, "seen": watch.seen, "slowest": slowest,
        "memory": peak_memory() - start, "peak": peak_memory(), "seconds": time.monotonic() - began,
    }  # fmt: skip
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")


def _tried(reader: Reader, file: Any, faults: dict[str, str]) -> str:
    """Return the result for a file; save one file for each unexpected kind of result."""
    try:
        return answer_of(reader, file)
    except Exception as error:  # noqa: BLE001 - finding them is the point
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
        faults.setdefault(kind, f"{file!r:.2000}\n{traceback.format_exc()[-3000:]}")
        return kind


def engine_with_room(more: int, *words: str) -> None:
    """Run the `engine` command with a limit on additional memory, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    room = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    main(list(words))


def misbehave(act: str) -> None:
    """Execute an action while monitored, and print what was detected."""
    code = compile(act, "<act>", "eval")
    watch = Watch(Path("/nowhere"))
    watch.arm()
    with suppress(OSError, ImportError):
        eval(code)
    watch.disarm()
    heard = [each for each in watch.seen if "<act>" not in each]
    print(json.dumps(heard))


def engine_with_odd_clock(jump: float, *words: str) -> None:
    """Run the `engine` command with a wall clock that jumps.

    Args:
        jump: offset in seconds from the 20th call on; 0 for a clock that jumps back and forth.
        words: the command.
    """
    asked = count()

    def off() -> float:
        number = next(asked)
        return (7200.0 if number % 2 else -7200.0) if not jump else jump * (number >= 20)

    class Odd(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=off())

    real = time.time
    with (
        patch("engine.runs.log.event_log.datetime", Odd),
        patch("engine.runs.log.lock.datetime", Odd),
        patch("time.time", lambda: real() + off()),
    ):
        main(list(words))
