"""Curves hold exactly what the events said, and draw it without losing a peak."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.training.curves.run_curves import Curves
from app.training.curves.run_progress import RunProgress
from app.training.curves.running_mean import running_mean
from app.training.curves.step_series import StepSeries
from engine.events import (
    BestFound,
    ControlTaken,
    EpochDone,
    OutputInfo,
    RunResumed,
    RunStarted,
    RunStopped,
    StepsDone,
    parse_event,
)
from engine.runs.state.run_state import fold_events

HEADS = (
    OutputInfo(name="a", loss="mse", metrics=("mae",)),
    OutputInfo(name="b", loss="mae", weight=0.5),
)
STARTED = RunStarted(
    run_id="r", rows=80, validation_rows=20, steps_per_epoch=10, epochs=5, outputs=HEADS
)


def steps(first: int, *values: float) -> StepsDone:
    return StepsDone(
        first=first, last=first + len(values) - 1, epoch=1, loss=values,
        losses={"a": values, "b": values}, learning_rate=values,
    )  # fmt: skip


def epoch(number: int, score: float) -> EpochDone:
    scores = {"loss": score, "a/loss": score, "a/mae": score}
    return EpochDone(epoch=number, step=10 * number, train=scores, validation=scores)


SAID = st.lists(
    st.builds(
        lambda values: values, st.lists(st.floats(width=32), min_size=1, max_size=40)
    ),
    max_size=8,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=50)
@given(SAID, st.integers(0, 60))
def test_curves_are_the_events_numbers_also_after_a_resume(said, back):
    """They equal the engine's own folding of the same events."""
    events, first = [STARTED], 1
    for values in said:
        events.append(steps(first, *values))
        first += len(values)
    back = min(back, first - 1)
    events += [epoch(1, 0.5), RunResumed(to_step=back, to_epoch=0), steps(back + 1, 7.0)]
    curves, state = Curves(), fold_events(events)
    curves.update(events)
    for name in ("loss", "a/loss", "b/loss", "learning_rate"):
        np.testing.assert_array_equal(curves.steps[name].values, state.steps[name].values)
    assert curves.step == state.step


@settings(max_examples=50)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5000), st.integers(1, 300), st.data())
def test_an_outline_has_the_ends_and_the_peaks(values, columns, data):
    series = StepSeries()
    for at in range(0, len(values), 700):
        series.write(at + 1, values[at : at + 700])
    last = data.draw(st.integers(1, len(values)))
    x, y = series.min_max_points(1, last, columns)
    assert y.min() == min(values[:last])
    assert y.max() == max(values[:last])
    assert (x[-1], y[-1]) == (last, values[last - 1])
    assert (np.diff(x) >= 0).all()
    assert len(x) <= 4 * columns + 3


def means_of(series: StepSeries) -> np.ndarray:
    return series.running_mean_at(np.arange(1, len(series) + 1, dtype=float))


def test_a_million_steps_are_outlined_in_a_thousand_points():
    series = StepSeries()
    values = np.sin(np.arange(1_000_000) / 1000)
    values[123_456] = 99
    for at in range(0, 1_000_000, 2000):
        series.write(at + 1, values[at : at + 2000])
    x, y = series.min_max_points(1, 1_000_000, 400)
    assert len(x) <= 1000
    assert y.max() == 99
    assert series._array.nbytes < 15e6


def test_numbers_that_are_none_are_kept_but_not_drawn():
    series = StepSeries()
    series.write(1, [1.0, float("nan"), float("inf"), 3.0])
    assert len(series) == 4
    assert list(series.min_max_points(1, 4, 100)[0]) == [1, 4]
    assert np.isfinite(means_of(series)).all()
    assert series.write(7, [1.0])
    assert np.isnan(series.values[4:6]).all()


def test_a_line_that_lies_about_its_step_is_passed_over():
    curves = Curves()
    curves.update([STARTED, steps(1, 1.0, 2.0), steps(10**15, 3.0)])
    assert list(curves.steps["loss"].values) == [1.0, 2.0]


@settings(max_examples=50)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=1500),
    st.integers(1, 400),
)
def test_a_running_mean_is_the_same_whatever_comes_at_once(values, size):
    """Step by step, and many steps in one go."""
    one, other = StepSeries(), StepSeries()
    one.write(1, values)
    for at in range(0, len(values), size):
        other.write(at + 1, values[at : at + size])
    expected = running_mean(np.asarray(values))
    for series in (one, other):
        np.testing.assert_allclose(means_of(series), expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e305, -1e305])
def test_a_running_mean_of_many_steps_is_that_of_step_by_step(odd):
    """Also after a step that is no number or a huge one, and wherever it is asked."""
    values = np.random.default_rng(0).normal(1, 0.1, size=5000)
    values[2000] = odd
    series = StepSeries()
    series.write(1, values)
    expected, found = running_mean(values), means_of(series)
    # A value that is a thousand steps old has no weight, however huge it is.
    known = 3000 if 1e300 < abs(odd) < np.inf else 5000
    np.testing.assert_allclose(found[:known], expected[:known], rtol=1e-8)
    np.testing.assert_allclose(found[3001:], 1, atol=0.1)
    steps = np.asarray([2990, 1, 0, 5001, 64, 65, 1999])
    picked = series.running_mean_at(steps)
    assert np.isnan(picked[2:4]).all()
    expected = found[np.delete(steps, [2, 3]) - 1]
    np.testing.assert_allclose(np.delete(picked, [2, 3]), expected, rtol=1e-12)


def test_what_was_cut_is_not_in_the_running_mean():
    one, other = StepSeries(), StepSeries()
    values = np.random.default_rng(0).normal(size=3000)
    one.write(1, values)
    means_of(one)
    one.write(1001, values[:100])
    other.write(1, [*values[:1000], *values[:100]])
    np.testing.assert_array_equal(means_of(one), means_of(other))


LINES = [event.to_json() for event in (STARTED, steps(1, 1.0, 2.0), epoch(1, 0.5))]


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(LINES),
            st.integers(0, 400),
            st.text(max_size=3) | st.sampled_from(['"', "9", "-", "[", "NaN"]),
        ),
        max_size=12,
    )
)
def test_garbled_lines_never_raise(torn):
    curves, pace = Curves(), RunProgress()
    for line, at, junk in torn:
        event = parse_event(line[:at] + junk + line[at + len(junk) :])
        if event is not None:
            curves.update([event])
            pace.update([event])
            pace.text()
            curves.loss_texts()


@given(
    st.sampled_from(LINES),
    st.dictionaries(
        st.sampled_from(["from", "to", "epoch", "step", "epochs", "steps_per_epoch", "mono"]),
        st.integers() | st.floats() | st.text(),
    ),
)
def test_wild_fields_never_raise(line, wild):
    curves, pace = Curves(), RunProgress()
    event = parse_event(json.dumps({**json.loads(line), **wild}))
    for said in (STARTED, steps(1, 1.0), event):
        if said is not None:
            curves.update([said])
            pace.update([said])
            pace.text()


def test_pace_tells_how_far_and_how_long():
    pace = RunProgress()
    pace.update(
        [STARTED.with_stamp(1, "", 100.0, 1), steps(1, *[1.0] * 10).with_stamp(2, "", 102.0, 1)]
    )
    assert pace.fraction == pytest.approx(0.2)
    assert "step 10 of 50" in pace.text()
    assert "40 rows/s" in pace.text()
    assert "8.0\xa0s left" in pace.text()


def test_a_pause_does_not_count():
    """Ten steps in two seconds, a pause of two minutes, then two steps in a second."""
    going_on = ControlTaken(id="c", request="continue", step=10)
    pace = RunProgress()
    pace.update(
        [
            STARTED.with_stamp(1, "", 100.0, 1),
            steps(1, *[1.0] * 10).with_stamp(2, "", 102.0, 1),
            going_on.with_stamp(3, "", 222.0, 1),
            steps(11, 1.0, 1.0).with_stamp(4, "", 223.0, 1),
        ]
    )
    assert pace.steps_per_second == pytest.approx(2.0)


def test_a_run_that_has_ended_counts_the_epochs_that_are_done():
    pace = RunProgress()
    pace.update([STARTED, steps(1, 1.0)])
    assert pace.text().startswith("Epoch 1 of 5")
    pace.update([RunStopped(step=1, epoch=0)])
    assert pace.text().startswith("Epoch 1 of 5"), "none is done"
    pace.update([RunStopped(step=25, epoch=2)])
    assert pace.text().startswith("After epoch 2 of 5")


@pytest.mark.parametrize("count", range(1, 9))
def test_the_window_knows_the_same_best_epoch_as_the_engine(count):
    weighed = ControlTaken(
        id="w", request="loss_weight", step=15, value={"a": 3.0}, before={"a": 1.0}, anew=True
    )
    said = [
        STARTED, BestFound(epoch=1, step=10), epoch(1, 0.5), weighed, BestFound(epoch=2, step=20),
        epoch(2, 1.5), RunResumed(to_step=10, to_epoch=1), epoch(2, 0.4),
    ][:count]  # fmt: skip
    curves = Curves()
    curves.update(said)
    assert curves.best_tracker == fold_events(said).best_epoch
    assert (curves.best is None) == (count in (1, 4, 7, 8))
