"""Jumps of the wall clock: only timestamps depend on it."""

from __future__ import annotations

import pytest

from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import read_state
from tests.reliability import runs
from tests.reliability.subjects import remembering, rows, written
from tests.tiers import grid

HOUR = 3600.0
JUMPS = {"an hour back": -HOUR, "ten years on": 87_600 * HOUR, "to and fro": 0.0}


@pytest.mark.slow
@pytest.mark.parametrize("name", grid(JUMPS, quick=1))
def test_a_run_does_not_mind_a_clock_that_jumps(name, warm, tmp_path, figures):
    graph, data = written(tmp_path, remembering(epochs=2), rows())
    through, run = tmp_path / "through", tmp_path / "run"
    words = ("train", graph, "--data", data, "--run")
    assert warm.engine(*words, through).code == 0
    ended = warm.run("engine_with_odd_clock", JUMPS[name], *map(str, words), str(run))
    assert ended.code == 0, ended.said
    assert runs.curves(run) == runs.curves(through)
    assert runs.weights(run) == runs.weights(through)
    events = list(read_events(run))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert all(one.mono <= other.mono for one, other in zip(events, events[1:], strict=False))
    assert len({event.time[:13] for event in events}) > 1, "the clock did not jump"
    state = read_state(run)
    assert 0 <= state.ended.seconds < 600
    assert "-" not in ended.said.split("Finished")[1].splitlines()[0]
    figures(events=len(events), seconds_told=state.ended.seconds)
