"""Many processes start one run: one trains, and the others report which process holds the lock."""

from __future__ import annotations

import re
import time

import pytest

from engine.core.codes import ExitCode
from engine.runs.log.lock import lock_holder
from engine.runs.state.run_state import read_state
from tests.reliability.subjects import remembering, rows, written
from tests.tiers import cases

STARTERS = cases(4, 8, 20)
ROUNDS = cases(1, 5, 50)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_of_many_starters_exactly_one_trains_and_its_death_lets_the_next_in(
    warm, tmp_path, figures
):
    """The winner of each round is killed; the next round starts immediately."""
    graph, data = written(tmp_path, remembering(epochs=100_000), rows())
    run, waits = tmp_path / "run", []
    first = warm.start("engine", "train", graph, "--data", data, "--run", run)
    first.until(lambda: read_state(run).step > 0)
    first.kill()
    first.wait()
    for _ in range(ROUNDS):
        began = time.monotonic()
        seq = read_state(run).seq
        starters = [
            warm.start("engine", "train", "--run", run, "--resume") for _ in range(STARTERS)
        ]
        starters[0].until(lambda seq=seq: read_state(run).seq > seq, 120)
        waits.append(time.monotonic() - began)
        deadline = time.monotonic() + 120
        while len(living := [one for one in starters if not one.poll()]) > 1:
            assert time.monotonic() < deadline, "more than one goes on"
            time.sleep(0.01)
        (winner,) = living
        assert lock_holder(run).pid == winner.pid
        for loser in starters:
            if loser is not winner:
                assert loser.ended.code == ExitCode.BUSY, loser.ended.said
                assert re.search(r"process \d+ on \S+, since \d{4}-", loser.ended.said)
        winner.kill()
        assert winner.wait().code == -9
        assert lock_holder(run) is None
    figures(rounds=ROUNDS, starters_each=STARTERS, winners_each=1, slowest_start=max(waits))
