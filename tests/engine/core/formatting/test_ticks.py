"""Ticks are round numbers within the axis, and their labels differ."""

import math

import pytest

from engine.core.formatting.ticks import (
    integer_ticks,
    linear_ticks,
    log_ticks,
    nice_step,
    tick_label,
)


def test_steps_are_1_2_or_5_times_a_power_of_ten():
    for minimum, step in ((0.03, 0.05), (0.1, 0.1), (3, 5), (7e-9, 1e-8), (1100, 2000)):
        assert nice_step(minimum) == pytest.approx(step)


def test_integer_ticks_are_multiples_of_a_step_of_at_least_one():
    assert [integer_ticks(1, 7, step) for step in (0, 0.3)] == [range(1, 8)] * 2
    assert [*integer_ticks(3, 11, 1.5)] == [4, 6, 8, 10]
    assert [*integer_ticks(250, 1000, 60)] == [300, 400, 500, 600, 700, 800, 900, 1000]


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3, 250), (1e-9, 2e-9), (0.2, 0.2001), (-1e6, 1e6), (1e6, 1.01e6)]
)
def test_linear_ticks_are_within_the_axis_and_distinguishable(low, high):
    ticks = linear_ticks(low, high, (high - low) / 5)
    assert 2 <= len(ticks) <= 6
    assert all(low <= tick <= high or math.isclose(tick, high) for tick in ticks)
    assert len(set(map(tick_label, ticks))) == len(ticks)


def test_log_ticks_are_decades_or_finer_on_a_short_axis():
    assert log_ticks(0.001, 1.0) == pytest.approx([0.001, 0.01, 0.1, 1.0])
    assert log_ticks(2, 30) == [2, 5, 10, 20]
    assert len(log_ticks(1e-12, 1.0)) <= 7


LABELS = {
    0: "0", 0.25: "0.25", -3: "−3", 20_000: "20,000", 1_500_000: "1.5e6", -0.00012: "−1.2e−4",
}  # fmt: skip


def test_labels_are_short():
    assert {value: tick_label(value) for value in LABELS} == LABELS
