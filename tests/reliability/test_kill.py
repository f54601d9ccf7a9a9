"""kill -9 at any time: a complete checkpoint is left, and the resumed run ends the same."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.runs.folder.run_json import RUN_FILE
from engine.runtime.checkpoints.checkpoint import CheckpointStore
from tests.reliability import runs
from tests.reliability.seed import chances
from tests.reliability.subjects import remembering, rows, written
from tests.reliability.warm import Warm
from tests.tiers import cases

KILLS = cases(3, 40, 200)
INSIDE = KILLS // 10  # minimum number of kills during a write


@dataclass
class Toll:
    """Results of the kills."""

    kills: int = 0
    inside: int = 0
    while_starting: int = 0
    redone: list[int] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        return self.kills >= KILLS and (self.inside >= INSIDE or self.kills >= 3 * KILLS)


def attempt(warm: Warm, run: Path, graph: Path, data: Path):
    """Start a training, or resume it if it exists."""
    if (run / RUN_FILE).exists():
        return warm.start("engine", "train", "--run", run, "--resume")
    return warm.start("engine", "train", graph, "--data", data, "--run", run)


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def step_told(run: Path) -> int:
    """Return the last step in the events of the run."""
    return runs.read_state(run).step


def kill_once(
    warm: Warm, run: Path, files: tuple[Path, Path], chosen: random.Random, pace: float
) -> bool:
    """Start an attempt and kill it; return whether it was killed before it finished.

    Of ten kills, one is during startup, three are right after the first event, and the others are
    after the first checkpoint of the attempt, so that even a slow machine makes progress.
    """
    kind = chosen.random()
    told, saved = run / "events.jsonl", run / "checkpoints" / "latest.json"
    before = size_of(told), saved.stat().st_ino if saved.exists() else 0
    child = attempt(warm, run, *files)
    if kind > 0.1:
        child.until(lambda: size_of(told) > before[0])
    if kind > 0.4:
        child.until(lambda: saved.exists() and saved.stat().st_ino != before[1])
    time.sleep(chosen.uniform(0, 3 * pace))
    child.kill()
    ended = child.wait()
    assert ended.code in (-9, 0), ended.said
    return ended.code == -9


def judge(run: Path, toll: Toll, before: int) -> int:
    """Check the files after a kill, and return the step of the newest checkpoint."""
    toll.kills += 1
    toll.inside += runs.inside_a_write(run)
    if not (run / "checkpoints" / "latest.json").exists():
        toll.while_starting += 1
        return 0
    loaded = CheckpointStore(run / "checkpoints").load()
    assert loaded.warnings == ()
    step = loaded.checkpoint.step
    assert step >= before
    # A kill inside the second save may leave the pointer to the first checkpoint unwritten. The
    # first steps that update weights, and so can be saved, are 3, 6 and 7.
    assert len(runs.whole_checkpoints(run)) >= (1 if step < 7 else 2)
    toll.redone.append(max(0, step_told(run) - step))
    return step


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_killed_run_goes_on_to_the_very_same_end(warm, tmp_path, figures):
    chosen, toll = chances("kill"), Toll()
    began = time.monotonic()
    files = written(tmp_path, remembering(epochs=6), rows())
    through = tmp_path / "through"
    assert warm.engine("train", files[0], "--data", files[1], "--run", through).code == 0
    pace = runs.read_state(through).ended.seconds / 42
    ends = 0
    while not toll.enough:
        run = tmp_path / f"run-{ends}"
        step = 0
        while not toll.enough and kill_once(warm, run, files, chosen, pace):
            step = judge(run, toll, step)
        ended = attempt(warm, run, *files).wait()
        assert ended.code == 0, ended.said
        assert runs.curves(run) == runs.curves(through)
        assert runs.weights(run) == runs.weights(through)
        assert not list(run.rglob("*.tmp-*"))
        assert not runs.unpointed(run)
        ends += 1
    figures(
        kills=toll.kills,
        inside_a_write=toll.inside,
        before_the_first_checkpoint=toll.while_starting,
        lost_checkpoints=0,
        most_steps_redone=max(toll.redone, default=0),
        runs_ended_identical=ends,
        seconds_a_step=pace,
        seconds=time.monotonic() - began,
    )
    assert toll.inside >= INSIDE, "too few kills fell into a write"
    assert max(toll.redone, default=0) <= 3, "more than the steps of one accumulated update"
