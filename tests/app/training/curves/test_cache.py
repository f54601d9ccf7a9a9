"""A long run that was read once opens at once, with the same curves."""

import resource
from contextlib import contextmanager

import numpy as np
import pytest

from app.training.curves import cache
from app.training.curves.run_curves import Curves
from engine.events import RunResumed, StepsDone, Warned
from engine.runs.log.event_log import EventWriter, read_events
from tests.app.training.made import heads_of, made_run, said


@pytest.fixture
def run(qapp, project, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    events = said(heads_of(project), epochs=8, steps=100)
    warning = {"code": "loss-rising", "message": "the loss goes up", "severity": "warning"}
    events[4:4] = [RunResumed(to_step=100, to_epoch=1), Warned(diagnostic=warning)]
    return made_run(tmp_path / "runs" / "tiny-001", project, "tiny", events).path


def read(run) -> Curves:
    curves = Curves()
    curves.update(read_events(run))
    return curves


def place_of(run):
    return cache._cache_path(run).parent


@contextmanager
def files_of_at_most(size):
    """Let the system refuse what goes beyond, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_kept_curves_are_those_that_were_read(run):
    curves = read(run)
    cache.write_curves(run, curves, cache.event_log_stamp(run))
    found = cache.load_curves(run)
    again = Curves()
    again.update(found.events)
    found.restore_into(again)
    assert again.steps.keys() == curves.steps.keys()
    for name, series in curves.steps.items():
        np.testing.assert_array_equal(series.values, again.steps[name].values)
    assert again.step == curves.step
    assert again.warnings == curves.warnings
    assert again.control_events == curves.control_events
    assert again.best == curves.best
    assert {name: points.values for name, points in again.train.items()} == {
        name: points.values for name, points in curves.train.items()
    }


def test_kept_curves_go_on(run):
    """A run that is gone on with cuts and adds; what is kept on the disk stays as it was."""
    cache.write_curves(run, read(run), cache.event_log_stamp(run))
    for _ in range(2):
        found = cache.load_curves(run)
        curves = Curves()
        curves.update(found.events)
        found.restore_into(curves)
        assert len(curves.steps["loss"]) == 800
        curves.update(
            [RunResumed(to_step=300, to_epoch=3), StepsDone(first=301, last=302, loss=(9, 8))]
        )
        assert list(curves.steps["loss"].values[-2:]) == [9, 8]


def test_what_is_kept_is_left_once_the_run_says_more(run):
    cache.write_curves(run, read(run), cache.event_log_stamp(run))
    with EventWriter(run) as writer:
        writer.write(RunResumed(to_step=100, to_epoch=1))
    assert cache.load_curves(run) is None


def test_curves_that_are_behind_the_run_are_not_kept(run):
    curves, stamp = read(run), cache.event_log_stamp(run)
    with EventWriter(run) as writer:
        writer.write(RunResumed(to_step=100, to_epoch=1))
    cache.save_curves(run, curves, stamp)
    assert cache.load_curves(run) is None


def test_curves_of_a_run_that_says_more_while_they_are_written_are_not_kept(run, monkeypatch):
    curves, stamp, read_events = read(run), cache.event_log_stamp(run), cache.event_log.read_events

    def read_while_the_run_goes_on(run, **options):
        with EventWriter(run) as writer:
            writer.write(RunResumed(to_step=100, to_epoch=1))
        return read_events(run, **options)

    monkeypatch.setattr(cache.event_log, "read_events", read_while_the_run_goes_on)
    cache.save_curves(run, curves, stamp)
    assert list(place_of(run).iterdir()) == []


def test_a_disk_that_is_full_is_left_as_it_was(run):
    with files_of_at_most(1000):
        cache.save_curves(run, read(run), cache.event_log_stamp(run))
    assert list(place_of(run).iterdir()) == []
    cache.save_curves(run, read(run), cache.event_log_stamp(run))
    assert cache.load_curves(run) is not None


def test_what_is_kept_already_is_not_written_again(run):
    cache.save_curves(run, read(run), cache.event_log_stamp(run))
    file = cache._cache_path(run)
    before = file.stat().st_ino
    cache.save_curves(run, read(run), cache.event_log_stamp(run))
    assert file.stat().st_ino == before
    file.write_bytes(file.read_bytes()[:200])
    cache.save_curves(run, read(run), cache.event_log_stamp(run))
    assert cache.load_curves(run) is not None


def test_what_is_damaged_is_read_from_the_run_again(run):
    cache.write_curves(run, read(run), cache.event_log_stamp(run))
    file = cache._cache_path(run)
    whole = file.read_bytes()
    for size in (200, -8):  # within the line of JSON, before the last value
        file.write_bytes(whole[:size])
        assert cache.load_curves(run) is None
    file.write_text("{")
    assert cache.load_curves(run) is None
