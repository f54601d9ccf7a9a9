"""What a run has come to is what its events say, in order, after a resume as well."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import (
    BestFound,
    CheckpointSaved,
    ControlTaken,
    EpochDone,
    Heartbeat,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    StepsDone,
    UnknownEvent,
    Warned,
)
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.log.event_log import EventWriter
from engine.runs.state.run_state import RunState, apply_event, fold_events, list_runs, read_state
from engine.runs.state.step_curve import StepCurve


def steps(first, *losses):
    return StepsDone(
        first=first, last=first + len(losses) - 1, loss=losses,
        losses={"age": tuple(2 * loss for loss in losses)}, learning_rate=(0.1,) * len(losses),
    )  # fmt: skip


def epoch(number, step, loss):
    return EpochDone(
        epoch=number, step=step, train={"loss": loss, "age/mae": loss},
        validation={"loss": loss + 1},
    )  # fmt: skip


START = RunStarted(run_id="r", steps_per_epoch=2, epochs=4)


def test_curves_steps_and_epochs_grow_with_the_events():
    state = fold_events([START, steps(1, 5.0, 4.0), epoch(1, 2, 4.5), steps(3, 3.0)])
    assert list(state.steps["loss"]) == [(1, 5.0), (2, 4.0), (3, 3.0)]
    assert state.steps["age/loss"].values == [10.0, 8.0, 6.0]
    assert list(state.train["age/mae"]) == [(1, 4.5)]
    assert state.validation["loss"].last == 5.5
    assert (state.step, state.epoch) == (3, 1)


def test_a_resume_takes_back_what_is_done_again():
    before = [START, steps(1, 5.0, 4.0), epoch(1, 2, 4.5), BestFound(epoch=1, step=2),
              steps(3, 3.0, 2.0), epoch(2, 4, 2.5), BestFound(epoch=2, step=4)]  # fmt: skip
    resumed = [*before, START, RunResumed(to_step=3, to_epoch=1)]
    state = fold_events(resumed)
    assert state.steps["loss"].values == [5.0, 4.0, 3.0]
    assert list(state.train["loss"]) == [(1, 4.5)]
    assert (state.step, state.epoch, state.best) == (3, 1, None)
    state = fold_events([*resumed, steps(4, 9.0), epoch(2, 4, 9.5)])
    assert state.steps["loss"].values == [5.0, 4.0, 3.0, 9.0]
    assert state.train["loss"].values == [4.5, 9.5]
    kept = fold_events([*before[:4], RunResumed(to_step=2, to_epoch=1)])
    assert kept.best.epoch == 1


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (RunFinished(step=8), "finished"),
        (RunStopped(step=3), "stopped"),
        (RunFailed(step=3, code="diverged"), "failed"),
        (None, "crashed"),
    ],
)
def test_the_status_is_one_word(end, status):
    events = [START, steps(1, 1.0), *([end] if end else [])]
    assert fold_events(events).status(alive=False) == status
    assert fold_events([*events, START]).status(alive=True) == "running"
    assert RunState().status(alive=False) == "waiting"


def test_a_paused_run_says_so_until_it_goes_on():
    pause = ControlTaken(id="a", request="pause", step=3)
    state = fold_events([START, pause])
    assert state.status(alive=True) == "paused"
    go = ControlTaken(id="b", request="continue", step=3)
    assert apply_event(state, go).status(alive=True) == "running"
    refused = ControlTaken(id="c", request="pause", step=3, code="request-unfit")
    assert not fold_events([START, refused]).paused


def test_the_newest_checkpoint_heartbeat_and_all_warnings_are_kept():
    saved = CheckpointSaved(step=2, file="b")
    state = fold_events(
        [
            CheckpointSaved(step=1, file="a"),
            saved,
            Heartbeat(step=1),
            Heartbeat(step=2),
            Warned(diagnostic={"code": "x"}),
            Warned(diagnostic={"code": "y"}),
            UnknownEvent(original_kind="tea"),
        ]
    )
    assert state.checkpoint == saved
    assert state.heartbeat.step == 2
    assert [found["code"] for found in state.warnings] == ["x", "y"]


def test_folding_never_changes_the_state_before():
    first = fold_events([START, steps(1, 5.0, 4.0)])
    before = first.steps["loss"].values
    apply_event(first, steps(3, 1.0))
    apply_event(first, RunResumed(to_step=0, to_epoch=0))
    apply_event(first, steps(2, 7.0))
    assert first.steps["loss"].values == before


moves = st.lists(
    st.tuples(st.just("add"), st.integers(0, 12), st.integers(0, 9))
    | st.tuples(st.just("cut"), st.integers(0, 40), st.just(0)),
    max_size=30,
)


@given(moves)
def test_a_curve_is_a_mapping_from_steps_to_values(moves):
    curve, known = StepCurve(), {}
    for place, (move, number, count) in enumerate(moves):
        if move == "cut":
            curve = curve.truncated(number)
            known = {step: value for step, value in known.items() if step <= number}
        else:
            first = max(0, max(known, default=0) + number - 5)
            values = [float(place)] * count
            curve = curve.extended(first, values)
            if count:
                known = {step: value for step, value in known.items() if step < first}
                known |= dict(enumerate(values, first))
    assert list(curve) == sorted(known.items())
    assert (curve.steps, curve.values) == (sorted(known), [known[step] for step in sorted(known)])
    assert bool(curve) == bool(known)
    assert len(curve) == len(known)


def test_a_long_curve_stays_in_a_few_pieces():
    curve = StepCurve()
    for step in range(20_000):
        curve = curve.extended(step, (0.5,))
    assert len(curve) == 20_000
    assert len(curve.chunks) < 30


def test_runs_are_listed_with_their_status(tmp_path):
    for name, end in (("a", RunFinished(step=1)), ("b", None), ("c", RunStopped())):
        with lock_run_folder(tmp_path / name):
            RunFolder.create(tmp_path / name, {"run_id": name}, b"{}")
            with EventWriter(tmp_path / name) as writer:
                writer.write(START)
                writer.write(steps(1, math.nan))
                if end is not None:
                    writer.write(end)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/run.json").write_text("{")
    (tmp_path / "empty").mkdir()
    with lock_run_folder(tmp_path / "d"):
        folder = RunFolder.create(tmp_path / "d", {"run_id": "d"}, b"{}")
        listed = list_runs(tmp_path)
        assert [(run.folder.name, run.status) for run in listed] == [
            ("a", "finished"), ("b", "crashed"), ("c", "stopped"), ("d", "running"),
        ]  # fmt: skip
        folder.write_status({"state": "paused"})
        assert list_runs(tmp_path)[-1].status == "paused"
    assert list_runs(tmp_path)[-1].status == "waiting"
    assert math.isnan(read_state(tmp_path / "b").steps["loss"].last)
    assert list_runs(tmp_path / "none") == []
