"""What keys and menus do to arrange nodes, by real events."""

from __future__ import annotations

import pytest

from engine.graph.edits import field_edits
from tests.app.rows.conftest import drawn
from tests.app.rows.menus import places, trigger


@pytest.mark.slow
def test_row_tidy(window, press, session):
    press("tidy")
    at = places(session)
    assert at["x"][0] < at["a"][0] < at["y"][0]
    assert session.undo_history.undo_label == "Tidy"
    press("undo")
    assert session.project == drawn()
    press("tidy-down")
    at = places(session)
    assert at["x"][1] < at["a"][1] < at["y"][1]


def box(window, name):
    """Return left, top, right, bottom and both middles of a node."""
    item = window.tabs.canvas.scene_sync.nodes[name]
    left, top, right, bottom = item.x(), item.y(), item.x() + item.width, item.y() + item.height
    return left, top, right, bottom, (left + right) / 2, (top + bottom) / 2


ALIGNED = {
    "align-left": ("x", "conv", 0),
    "align-right": ("x", "cat", 2),
    "align-top": ("a", "cat", 1),
    "align-bottom": ("a", "cat", 3),
    "align-middle": ("a", "cat", 5),
    "align-centre": ("a", "cat", 4),
}


@pytest.mark.slow
@pytest.mark.parametrize("row", ALIGNED)
def test_rows_that_align(window, session, row):
    first, second, side = ALIGNED[row]
    session.select([first, second])
    before = box(window, first)[side] - box(window, second)[side]
    trigger(window, row)
    assert abs(box(window, first)[side] - box(window, second)[side]) <= 5 < abs(before)


DISTRIBUTED = {
    "distribute-across": ({"a": (700, 0), "y": (1200, 0)}, ("x", "a", "y"), 0),
    "distribute-down": ({"b": (300, 100)}, ("a", "b", "conv"), 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("row", DISTRIBUTED)
def test_rows_that_distribute(window, session, row):
    moved, names, axis = DISTRIBUTED[row]
    session.edit("Move", field_edits.move, moved)
    session.select(names)
    trigger(window, row)
    first, second, third = (box(window, name) for name in names)
    gaps = [second[axis] - first[axis + 2], third[axis] - second[axis + 2]]
    assert abs(gaps[0] - gaps[1]) <= 10


NUDGED = {
    "nudge-left": (-10, 0), "nudge-right": (10, 0), "nudge-up": (0, -10), "nudge-down": (0, 10),
}  # fmt: skip


def test_rows_that_nudge(window, press, session):
    for row, (across, down) in NUDGED.items():
        session.select(["a"])
        press(row)
        press(row)
        assert places(session)["a"] == [300 + 2 * across, 2 * down]
        press("undo")
        assert session.project == drawn(), "a row of nudges is one step"


ROWS = ("tidy-down", *ALIGNED, *DISTRIBUTED, *NUDGED)
