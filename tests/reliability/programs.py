"""What the forked processes do. Each function is a program; its answer is the exit code."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

from engine.cli import main
from engine.runs.described import RUN
from tests.reliability.faults import CRASHED, fault_at
from tests.reliability.runs import curves, weights, whole_checkpoints
from tests.reliability.small_disk import SmallDisk
from tests.reliability.writers import WRITERS


def engine(*words: str) -> None:
    """Run the `engine` command."""
    main(list(words))


def crash_everywhere(name: str, place: str, fault: str) -> None:
    """Let a process die at each call of a writer in turn, and say what it left, as JSON."""
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
    """Train where only `room` bytes are free, then with all of them, and say how both ended."""
    disk = SmallDisk(Path(place), 4 << 20)
    run = disk.folder / "run"
    disk.leave(room)
    first = _forked("train", graph, "--data", data, "--run", str(run))
    kept = {path.name: sha256(path.read_bytes()).hexdigest() for path in _checkpoints(run)}
    torn = [path.name for path in run.rglob("*.tmp-*")]
    whole = whole_checkpoints(run) if run.exists() else set()
    disk.free_all()
    left = {path.name: sha256(path.read_bytes()).hexdigest() for path in _checkpoints(run)}
    again = ("--run", str(run), "--resume") if (run / RUN).exists() else None
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
    """Run the `engine` command in a fork, and answer its exit code."""
    pid = os.fork()
    if pid == 0:
        try:
            main(list(words))
        except SystemExit as left:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(left.code or 0))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
