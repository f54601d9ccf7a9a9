"""What keys and menus do to arrange nodes: a test for each row, by real events."""

from __future__ import annotations

import pytest

from engine.graph.edits import field_edits
from tests.app.rows.conftest import drawn
from tests.app.rows.menus import places, trigger


def test_row_tidy(window, press, session):
    press("tidy")
    at = places(session)
    assert at["x"][0] < at["a"][0] < at["y"][0]
    assert session.undo_history.undo_label == "Tidy"
    press("undo")
    assert session.project == drawn()


@pytest.mark.slow
def test_row_tidy_down(window, press, session):
    press("tidy-down")
    at = places(session)
    assert at["x"][1] < at["a"][1] < at["y"][1]


def box(window, name):
    item = window.tabs.canvas.scene_sync.nodes[name]
    return item.x(), item.y(), item.x() + item.width, item.y() + item.height


def test_row_align_left(window, press, session):
    session.select(["x", "conv"])
    press("align-left")
    assert box(window, "x")[0] == box(window, "conv")[0] == 0


@pytest.mark.slow
def test_row_align_right(window, press, session):
    session.select(["x", "cat"])
    press("align-right")
    assert box(window, "x")[2] == box(window, "cat")[2]


@pytest.mark.slow
def test_row_align_top(window, press, session):
    session.select(["a", "cat"])
    press("align-top")
    assert places(session)["cat"][1] == 0


@pytest.mark.slow
def test_row_align_bottom(window, press, session):
    session.select(["a", "cat"])
    press("align-bottom")
    assert box(window, "a")[3] == box(window, "cat")[3]


def middle(window, name, axis):
    sides = box(window, name)
    return (sides[axis] + sides[axis + 2]) / 2


@pytest.mark.slow
def test_row_align_middle(window, session):
    session.select(["a", "cat"])
    trigger(window, "align-middle")
    assert abs(middle(window, "a", 1) - middle(window, "cat", 1)) <= 5


@pytest.mark.slow
def test_row_align_centre(window, session):
    session.select(["a", "cat"])
    trigger(window, "align-centre")
    assert abs(middle(window, "a", 0) - middle(window, "cat", 0)) <= 5


def test_row_distribute_across(window, session):
    session.edit("Move", field_edits.move, {"a": (700, 0), "y": (1200, 0)})
    session.select(["x", "a", "y"])
    trigger(window, "distribute-across")
    gaps = [box(window, "a")[0] - box(window, "x")[2], box(window, "y")[0] - box(window, "a")[2]]
    assert abs(gaps[0] - gaps[1]) <= 10


@pytest.mark.slow
def test_row_distribute_down(window, session):
    session.edit("Move", field_edits.move, {"b": (300, 100)})
    session.select(["a", "b", "conv"])
    trigger(window, "distribute-down")
    gaps = [box(window, "b")[1] - box(window, "a")[3], box(window, "conv")[1] - box(window, "b")[3]]
    assert abs(gaps[0] - gaps[1]) <= 10


def nudged(window, press, session, way, by):
    session.select(["a"])
    press(f"nudge-{way}")
    press(f"nudge-{way}")
    assert places(session)["a"] == [300 + 2 * by[0], 2 * by[1]]
    press("undo")
    assert session.project == drawn(), "a row of nudges is one step"


def test_row_nudge_left(window, press, session):
    nudged(window, press, session, "left", (-10, 0))


@pytest.mark.slow
def test_row_nudge_right(window, press, session):
    nudged(window, press, session, "right", (10, 0))


@pytest.mark.slow
def test_row_nudge_up(window, press, session):
    nudged(window, press, session, "up", (0, -10))


@pytest.mark.slow
def test_row_nudge_down(window, press, session):
    nudged(window, press, session, "down", (0, 10))
