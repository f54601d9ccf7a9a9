"""A run keeps by what it computes: threads and the native part, through stops and repeats."""

from dataclasses import replace

import pytest

from engine.events import RunStarted, Warned
from engine.runs.request import TrainRequest
from engine.runtime.acceleration import interface
from engine.runtime.acceleration.kernel_build import unavailable_reason
from tests.engine.runtime.small import line, ordered, run, straight

needs_native = pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason())


def started(events):
    return next(event for event in events if isinstance(event, RunStarted))


def without(monkeypatch):
    monkeypatch.setattr(interface, "unavailable_reason", lambda: "no C compiler was found")


@needs_native
def test_the_native_part_is_told_in_the_first_event_and_kept(tmp_path):
    folder, events = run(ordered(tmp_path, straight(epochs=1), line()))
    assert isinstance(events[0], RunStarted)
    assert (events[0].native, events[0].native_why) == (True, "")
    assert folder.record["native"] is True


def test_the_first_event_says_why_the_native_part_is_left_out(tmp_path, monkeypatch):
    without(monkeypatch)
    folder, events = run(ordered(tmp_path, straight(epochs=1), line()))
    assert (events[0].native, events[0].native_why) == (False, "no C compiler was found")
    assert folder.record["native"] is False


@needs_native
def test_a_run_that_began_without_it_goes_on_without_it(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        without(patched)
        stopped, _ = run(ordered(tmp_path, straight(epochs=3), line()), stop_after=2)
    _, events = run(TrainRequest(None, None, run=stopped.path, resume=True))
    assert not started(events).native
    assert not [event for event in events if isinstance(event, Warned)]


@needs_native
def test_a_run_that_goes_on_where_it_is_missing_says_so(tmp_path, monkeypatch):
    stopped, _ = run(ordered(tmp_path, straight(epochs=3), line()), stop_after=2)
    without(monkeypatch)
    _, events = run(TrainRequest(None, None, run=stopped.path, resume=True))
    (warning,) = [event.diagnostic for event in events if isinstance(event, Warned)]
    assert warning["code"] == "not-bit-identical"
    assert "kernels not used" in warning["found"]


def test_threads_that_the_recipe_names_are_used_and_kept(tmp_path):
    order = ordered(tmp_path, straight(epochs=1), line())
    folder, _ = run(replace(order, settings=("threads=1",)))
    assert folder.record["threads"] == 1
