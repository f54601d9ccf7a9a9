"""Training in fp16 with a gradient scaler, on the CPU through the interface of Lightning Fabric."""

from __future__ import annotations

from itertools import islice

import pytest
import torch

from engine.runs.log.step_buffer import StepBuffer, TrainingStep
from engine.runtime.run.training_checkpoint import make_checkpoint, restore_checkpoint
from engine.runtime.training.loop import fit
from tests.engine.runtime.distributed.cases import plain_network, plain_rows, training_of


def scaled(**recipe):
    """Return a training in which one row overflows until the scale is 1024."""
    return training_of(plain_network(precision="16-mixed", **recipe), plain_rows())


def test_steps_that_overflow_are_skipped_and_lower_the_scale():
    training, steps, scales = scaled(), [], []
    before = training.network.get_weights()
    for event in fit(training):
        if isinstance(event, TrainingStep):
            scales.append(training.device_context.gradient_scale)
            steps.append(event)
            if scales == [2048.0]:  # it was the first step
                weights = training.network.get_weights()
                assert all((weights[name] == value).all() for name, value in before.items())
    overflown = [step for step in steps if not torch.isfinite(torch.tensor(step.grad_norm))]
    assert len(overflown) == len(steps) - training.optimizer.iterations >= 2
    assert min(scales) == 1024
    assert all(torch.isfinite(torch.tensor(step.loss)) for step in steps)


def test_losses_follow_those_of_float32():
    rows = plain_rows()
    rows["targets"]["y"][5] = 0  # nothing overflows
    losses = []
    for precision in ("16-mixed", "float32"):
        events = fit(training_of(plain_network(precision=precision), rows))
        losses.append([event.loss for event in events if isinstance(event, TrainingStep)])
    assert losses[0] == pytest.approx(losses[1], rel=0.01)


def test_a_checkpoint_has_the_state_of_the_scaler():
    """Growth of the scale depends on how many steps before had finite gradients."""
    whole, parts = scaled(), [scaled(), scaled()]
    for _ in fit(whole):
        pass
    list(islice(fit(parts[0]), 4))
    restore_checkpoint(parts[1], make_checkpoint(parts[0]))
    assert parts[1].device_context.gradient_scale == parts[0].device_context.gradient_scale
    for _ in fit(parts[1]):
        pass
    assert parts[1].device_context.state_dict() == whole.device_context.state_dict()
    weights, resumed = whole.network.get_weights(), parts[1].network.get_weights()
    assert all((resumed[name] == value).all() for name, value in weights.items())


def test_the_event_of_a_skipped_step_can_be_written():
    buffer = StepBuffer()
    buffer.add(next(step for step in fit(scaled()) if isinstance(step, TrainingStep)))
    done = buffer.flush()
    assert type(done).model_validate(done.to_dict()) is not None
