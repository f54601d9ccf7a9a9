"""What the forked processes do. Each function is a program; its answer is the exit code."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from pathlib import Path

from engine.cli import main
from tests.reliability.faults import CRASHED, fault_at
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
