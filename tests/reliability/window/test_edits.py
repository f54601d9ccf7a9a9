"""kill -9 at any time loses at most two seconds of edits and leaves no damaged recovery copy."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from app.files.recovery.recovery import RecoverySlots
from tests.reliability.seed import chances
from tests.tiers import SOAK, cases

SIZES = {60: cases(1, 10, 100), 1000: cases(0, 3, 20)}  # nodes of a drawing: kills
MOST_LOST = 2.0 if SOAK else 20.0  # seconds; the quick tier may run on a busy machine
ROOT = Path(__file__).parents[3]


@dataclass
class Killed:
    """Edits of a program before it was killed."""

    title: str
    edits: dict[int, float]
    died: float


def kill_some(folder: Path, titles: list[str], nodes: int, rng: Random) -> list[Killed]:
    """Start programs that edit, and kill each at a random time."""
    script = Path(__file__).with_name("editing.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder.parent)}
    running = {
        title: subprocess.Popen(
            [sys.executable, str(script), str(folder), title, str(nodes)],
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
        time.sleep(max(0.0, moment - time.monotonic()))  # wait for the time of the kill
        process.send_signal(signal.SIGKILL)
        died = time.monotonic()
        lines = (first[title] + process.stdout.read()).decode().splitlines()
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        told = (line.split() for line in lines if line.count(" ") == 1)
        edits = {int(count): float(when) for count, when in told}
        killed.append(Killed(title, edits, died))
    return killed


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("nodes", [size for size, kills in SIZES.items() if kills])
def test_a_killed_window_loses_two_seconds_at_most(nodes, qapp, tmp_path, figures):
    """Each recovery copy is complete and has all but the last edits."""
    rng, kills = chances(f"edits {nodes}"), SIZES[nodes]
    folder, at_once = tmp_path / "recovery", 5 if nodes < 500 else 1
    titles = [f"drawing {number}" for number in range(kills)]
    killed = [
        one
        for at in range(0, kills, at_once)
        for one in kill_some(folder, titles[at : at + at_once], nodes, rng)
    ]
    in_write = len(list(folder.rglob("*.tmp-*")))
    slots = RecoverySlots(folder)
    left, notes = slots.recoverable_documents()
    assert notes == []
    assert not (folder / "broken").exists()
    kept = {one.copy.title: one.project.graph.nodes[0].params["units"] for one in left}
    assert all(len(one.project.graph) == nodes for one in left)
    lost = []
    for one in killed:
        missing = [when for number, when in one.edits.items() if number > kept.get(one.title, 0)]
        lost.append(one.died - min(missing) if missing else 0.0)
    slots.close()
    figures(
        kills=kills,
        inside_a_write=in_write,
        edits=sum(len(one.edits) for one in killed),
        broken_copies=0,
        seconds_lost_at_most=max(lost),
        half_of_them_lost=sorted(lost)[len(lost) // 2],
    )
    assert max(lost) <= MOST_LOST
