"""kill -9 at any moment costs at most two seconds of edits, and leaves no broken copy.

LAYERLOOM_KILLS says how many kills (10), LAYERLOOM_KILL_NODES how large the drawing is (60).
"""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.files.recovery import Slots

KILLS = int(os.environ.get("LAYERLOOM_KILLS", "10"))
NODES = int(os.environ.get("LAYERLOOM_KILL_NODES", "60"))
AT_ONCE = 5 if NODES < 500 else 1
MOST_LOST = 2.0  # seconds
ROOT = Path(__file__).parents[3]


@dataclass
class Killed:
    """What a program did before it was killed."""

    title: str
    edits: dict[int, float]
    died: float


def kill_some(folder: Path, titles: list[str], rng: random.Random) -> list[Killed]:
    """Start programs, let them draw, and kill each at a moment of its own."""
    script = Path(__file__).with_name("editing.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder.parent)}
    running = {
        title: subprocess.Popen(
            [sys.executable, str(script), str(folder), title, str(NODES)],
            stdout=subprocess.PIPE,
            env=environment,
        )
        for title in titles
    }
    first: dict[str, bytes] = {}
    for title, process in running.items():
        assert process.stdout is not None
        first[title] = process.stdout.readline()
    moments = sorted((time.monotonic() + rng.uniform(0.05, 2.2), title) for title in titles)
    killed = []
    for moment, title in moments:
        process = running[title]
        assert process.stdout is not None
        time.sleep(max(0.0, moment - time.monotonic()))  # the kill is the event that is waited for
        process.send_signal(signal.SIGKILL)
        died = time.monotonic()
        lines = (first[title] + process.stdout.read()).decode().splitlines()
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        told = (line.split() for line in lines if line.count(" ") == 1)
        edits = {int(count): float(when) for count, when in told}
        killed.append(Killed(title, edits, died))
    return killed


@pytest.mark.timeout(3600)
def test_a_killed_window_loses_two_seconds_at_most(qapp: object, tmp_path: Path) -> None:
    """Each program's copy is whole, and holds all but the last moments of its edits."""
    rng = random.Random(int(os.environ.get("LAYERLOOM_SEED", time.time_ns())))
    folder = tmp_path / "recovery"
    titles = [f"drawing {number}" for number in range(KILLS)]
    killed = [
        one
        for at in range(0, KILLS, AT_ONCE)
        for one in kill_some(folder, titles[at : at + AT_ONCE], rng)
    ]
    in_write = len(list(folder.rglob("*.tmp-*")))
    slots = Slots(folder)
    left, notes = slots.left_behind()
    assert notes == []
    assert not (folder / "broken").exists()
    kept = {one.copy.title: one.project.graph.nodes[0].params["units"] for one in left}
    assert all(len(one.project.graph) == NODES for one in left)
    lost = []
    for one in killed:
        missing = [when for count, when in one.edits.items() if count > kept.get(one.title, 0)]
        lost.append(one.died - min(missing) if missing else 0.0)
    edits = sum(len(one.edits) for one in killed)
    print(
        f"{KILLS} kills, {in_write} inside a write, {edits} edits, lost at most {max(lost):.2f} s,"
        f" half of them {sorted(lost)[len(lost) // 2]:.2f} s"
    )
    assert max(lost) <= MOST_LOST
    slots.close()
