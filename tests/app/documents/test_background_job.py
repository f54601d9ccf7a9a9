"""Work beside the window: results in order, the newest job wins, faults are not lost."""

from __future__ import annotations

import gc
from threading import Event, get_ident, main_thread

import pytest
from PySide6.QtWidgets import QApplication

from app.documents.background_job import BackgroundWorker, enable_garbage_collection


@pytest.fixture
def background(qapp: QApplication) -> BackgroundWorker:
    return BackgroundWorker()


def test_results_arrive_in_order_and_before_the_end(background, qtbot):
    heard = []
    background.result_ready.connect(heard.append)
    background.finished.connect(lambda: heard.append("end"))
    background.run(lambda tell: [tell(number) for number in range(5)])
    qtbot.waitUntil(lambda: not background.is_running)
    assert heard == [0, 1, 2, 3, 4, "end"]


def test_a_new_job_takes_the_place_of_the_old_one(background, qtbot):
    heard, go, left = [], Event(), Event()

    def slow(tell):
        go.wait(5)
        try:
            tell("old")
        finally:
            left.set()

    background.result_ready.connect(heard.append)
    background.run(slow)
    background.run(lambda tell: tell("new"))
    go.set()
    qtbot.waitUntil(lambda: not background.is_running and left.is_set())
    assert heard == ["new"]


def test_a_fault_in_a_job_is_raised_in_the_window(background, qtbot):
    def broken(_):
        raise ZeroDivisionError("of the job")

    with qtbot.captureExceptions() as faults:
        background.run(broken)
        qtbot.waitUntil(lambda: not background.is_running)
    assert [str(fault) for _, fault, _ in faults] == ["of the job"]


def test_garbage_is_looked_for_in_the_thread_of_the_window_only(background, qtbot):
    """A widget that was destroyed in another thread would take the process down."""
    looked = set()

    def watch(phase, _):
        looked.add(get_ident())

    def busy(tell):
        for _ in range(20_000):
            ring: list[object] = []
            ring.append(ring)
        tell(None)

    gc.callbacks.append(watch)
    try:
        background.run(busy)
        qtbot.waitUntil(lambda: not background.is_running)
        qtbot.waitUntil(gc.isenabled)
    finally:
        gc.callbacks.remove(watch)
    assert looked == {main_thread().ident}


def test_what_the_start_put_off_waits_for_threads_that_it_has_begun(background, qtbot):
    go = Event()
    gc.disable()
    background.run(lambda _: go.wait(5))
    enable_garbage_collection()
    assert not gc.isenabled(), "the thread runs"
    go.set()
    qtbot.waitUntil(gc.isenabled)
    gc.disable()
    enable_garbage_collection()
    assert gc.isenabled()
