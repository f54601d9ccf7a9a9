"""SIGTERM and SIGINT: the step is finished, a checkpoint is saved, and the run can be resumed."""

from __future__ import annotations

import signal
import time

import pytest

from engine.core.codes import ExitCode
from engine.runs.state.run_state import read_state
from tests.reliability import runs
from tests.reliability.seed import chances
from tests.reliability.subjects import remembering, rows, written
from tests.tiers import cases, grid

SIGNALS = cases(1, 5, 20)
LONGEST = 10.0  # seconds


@pytest.mark.parametrize(
    ("number", "code"),
    grid([(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)], 1),
)
@pytest.mark.timeout(1800)
def test_a_signal_ends_a_run_soon_and_it_goes_on_to_the_very_same_end(
    number, code, warm, tmp_path, figures
):
    chosen = chances(f"signal {number}")
    files = written(tmp_path, remembering(epochs=4, checkpoint_every={"epochs": 4}), rows())
    through = tmp_path / "through"
    assert warm.engine("train", files[0], "--data", files[1], "--run", through).code == 0
    pace = read_state(through).ended.seconds / 28
    took, ends = [], 0
    while len(took) < SIGNALS:
        run = tmp_path / f"run-{ends}"
        while len(took) < SIGNALS and send_one(warm, number, code, run, files, took, chosen, pace):
            state = read_state(run)
            assert state.status(alive=False) == "stopped"
            assert state.checkpoint.step == state.step == state.ended.step
        ended = warm.engine("train", "--run", run, "--resume")
        assert ended.code == 0, ended.said
        assert runs.curves(run) == runs.curves(through)
        assert runs.weights(run) == runs.weights(through)
        ends += 1
    figures(signals=len(took), slowest_end=max(took), runs_ended_identical=ends)
    assert max(took) <= LONGEST


def send_one(warm, number, code, run, files, took, chosen, pace) -> bool:
    """Start an attempt and send a signal; return whether the signal ended it."""
    new = (files[0], "--data", files[1], "--run", run)
    seq = read_state(run).seq
    child = warm.start("engine", "train", *(("--run", run, "--resume") if seq else new))
    child.until(lambda: read_state(run).seq > seq)
    time.sleep(chosen.uniform(0, 8 * pace))
    began = time.monotonic()
    child.kill(number)
    ended = child.wait()
    assert "Traceback" not in ended.said
    if ended.code == 0:
        return False
    took.append(time.monotonic() - began)
    assert ended.code == code, ended.said
    return True
