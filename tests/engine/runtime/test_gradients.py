"""Each step tells how long the gradient was, as it was before any clipping."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.events import Heartbeat
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.loss_weighting.total_loss import compute_losses
from engine.runtime.run.heartbeat import HeartbeatSource
from engine.runtime.training.loop import fit
from tests.engine.runtime.small import line, ordered, run, straight, training


def arrays(rows=24):
    given = line(rows)
    return {"x": given["x"]}, {"y": given["y"]}


def norms(**recipe):
    made = training(straight(batch_size=8, epochs=1, shuffle=False, **recipe), *arrays())
    return [event.grad_norm for event in fit(made) if isinstance(event, TrainingStep)]


def expected(rows, batch=0, **recipe):
    """Return the length for some rows, with the weights of the start."""
    made = training(straight(batch_size=rows, epochs=1, shuffle=False, **recipe), *arrays())
    chosen = list(made.train.batches(np.arange(24)))[batch]
    compute_losses(made.network, chosen).total.backward()
    flat = [p.grad.reshape(-1) for p in made.network.parameters()]
    return torch.linalg.vector_norm(torch.cat(flat)).item()


@pytest.mark.parametrize("clip", [{}, {"global_clipnorm": 0.01}, {"clipnorm": 0.01}])
def test_the_length_is_that_of_the_whole_gradient_before_clipping(clip):
    optimizer = {"kind": "SGD", "params": {"learning_rate": 0.01, **clip}}
    assert norms(optimizer=optimizer)[0] == pytest.approx(expected(8), rel=1e-5)


def test_each_batch_of_a_group_is_told_the_length_of_the_whole_group():
    still = {"kind": "SGD", "params": {"learning_rate": 1e-30}}
    told = norms(optimizer=still, accumulate=2)
    assert told == pytest.approx([expected(16), expected(16), expected(8, batch=2)], rel=1e-4)


def test_a_run_says_now_and_then_how_fast_rows_go_by(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.runtime.run.heartbeat.HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr("engine.runtime.run.run_recorder.MAX_LINES_PER_SECOND", 1e9)
    given = straight(batch_size=4, epochs=2, validation_split=0.0)
    _, events = run(ordered(tmp_path, given, line(40)))
    beats = [event for event in events if isinstance(event, Heartbeat)]
    assert len(beats) == 20
    assert [beat.step for beat in beats] == list(range(1, 21))
    assert all(beat.rows_a_second > 0 and beat.memory > 1 << 20 for beat in beats)
    assert {beat.phase for beat in beats} == {"training"}


def test_a_pause_does_not_slow_rows_down():
    made = training(straight(), *arrays())
    pulse = HeartbeatSource(made)
    made.rows_seen += 100
    made.paused_seconds += 1e6  # as if it had been paused since then
    assert pulse.heartbeat("paused").rows_a_second == 0.0
