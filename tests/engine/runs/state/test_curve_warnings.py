"""Curves that mean trouble are called out once, in words, with what to do; healthy ones are not."""

import math
import random

import pytest

from engine.events import ControlTaken, EpochDone, StepsDone, Warned
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Project
from engine.runs.state.curve_warnings import WINDOW_STEPS, CurveMonitor


def seen(curve, earlier=(), a_line=7):
    """Show a curve of (age, sex) to a lookout in lines of some steps, and answer its findings."""
    lookout = CurveMonitor(earlier)
    found = []
    for first in range(0, len(curve), a_line):
        part = curve[first : first + a_line]
        found += lookout.update(
            StepsDone(
                first=first + 1,
                last=first + len(part),
                learning_rate=(0.1,) * len(part),
                loss=tuple(age + 0.5 * sex for age, sex in part),
                losses={"age": tuple(a for a, _ in part), "sex": tuple(s for _, s in part)},
            )  # fmt: skip
        )
    return found


def codes(found):
    return [(one.code, one.node) for one in found]


def noisy(count, of, seed=0):
    draw = random.Random(seed)
    return [(of(step) * draw.uniform(0.5, 1.5), draw.uniform(0.4, 1.0)) for step in range(count)]


@pytest.mark.parametrize(
    "curve",
    [lambda s: 3 * math.exp(-s / 100) + 0.5, lambda _: 1.0, lambda s: 1 + 0.3 * math.sin(s / 60)],
)
def test_a_healthy_curve_is_left_in_peace(curve):
    for seed in range(5):
        assert seen(noisy(2000, curve, seed)) == []


def test_a_loss_that_stays_zero_is_called_out_once():
    curve = [(0.5, 0.0)] * 400
    (found,) = seen(curve)
    assert (found.code, found.node, found.severity) == ("loss-zero", "sex", "warning")
    assert len(found.fixes) == 2
    assert seen([(0.5, 0.0), (0.5, 0.4)] * 200) == []


def test_a_loss_that_rises_is_called_out_once():
    (found,) = seen(noisy(600, lambda s: 1 + s / 100))
    assert found.code == "loss-rising"
    assert "0.1 now" in found.fixes[0].text
    assert ("loss-rising", None) in codes(seen(noisy(1000, lambda s: -5 + s / 100)))


def test_a_loss_of_heavy_tails_is_noise_and_no_rise():
    """As on counts with a few huge values, whose mean falls slowly."""
    for seed in range(20):
        draw = random.Random(seed)
        curve = [((1 + 10 / (step + 10)) * draw.paretovariate(1.3), 0.5) for step in range(9000)]
        assert "loss-rising" not in {code for code, _ in codes(seen(curve, a_line=50))}


def epochs(validation, stops_early=False, seed=0, noise=0.0, first=1):
    """Return the epochs of the warnings about the losses until epoch 60."""
    draw, monitor = random.Random(seed), CurveMonitor(stops_early=stops_early)
    found = []
    for epoch in range(first, 61):
        loss = validation(epoch) * (1 + draw.gauss(0, noise))
        event = EpochDone(
            epoch=epoch, step=epoch, train={"loss": 2 / epoch}, validation={"loss": loss}
        )
        found += [(epoch, warning) for warning in monitor.update(event)]
    return found


def test_a_validation_loss_that_rises_is_overfitting_unless_it_is_noise():
    rising = lambda epoch: 1 + abs(epoch - 8) / 20  # noqa: E731
    for seed in range(10):
        ((epoch, warning),) = epochs(rising, seed=seed, noise=0.02)
        assert 12 < epoch < 30
        assert (warning.code, warning.severity) == ("overfitting", "warning")
        assert epochs(rising, stops_early=True) == []
        assert epochs(lambda epoch: 1 + 1 / epoch, seed=seed, noise=0.1) == []
    ((_, resumed),) = epochs(rising, first=4)
    assert resumed.found.endswith(", 1 in epoch 8")
    project = Project(Graph(()))
    edited = apply_edit(project, warning.fixes[0].edit)
    assert edited.recipe["stopping"] == {"restore_best": True}


def test_a_changed_weight_begins_the_count_anew():
    lookout = CurveMonitor()
    lines = [
        StepsDone(first=1, last=WINDOW_STEPS, loss=(float(level),) * WINDOW_STEPS)
        for level in range(1, 7)
    ]
    assert [lookout.update(line) for line in lines[:3]] == [[]] * 3
    lookout.update(ControlTaken(id="a", request="loss_weight", step=150, value={"age": 3.0}))
    assert [lookout.update(line) for line in lines[3:]] == [[]] * 3
    assert codes(lookout.update(lines[5].model_copy(update={"loss": (9.0,) * WINDOW_STEPS}))) == [
        ("loss-rising", None)
    ]


def test_what_an_earlier_attempt_said_is_not_said_again():
    found = seen([(0.5, 0.0)] * 300)
    earlier = [Warned(diagnostic=one.to_dict()) for one in found]
    assert seen([(0.5, 0.0)] * 300, earlier) == []


def test_numbers_that_are_none_are_left_to_the_loop():
    assert seen([(math.nan, 0.5)] * 300) == []
