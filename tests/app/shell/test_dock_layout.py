"""Panels around the canvas: they give way, and the canvas keeps its half."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.shell.main_window import MainWindow
from engine.graph.edits import field_edits
from tests.app.training.made import made_run
from tests.app.windows import opened, posts, settle

SMALL = (740, 560)
PANELS = ["Problems", "Data", "Training", "Runs", "Results", "Summary", "Source"]


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    with opened(qtbot, posts()) as window:
        yield window


def resize(window: MainWindow, width: int, height: int) -> None:
    window.resize(width, height)
    for _ in range(3):
        settle()


def share(window: MainWindow, title: str) -> float:
    """Return which part of the height the canvas with its tab has, above a panel."""
    height = window.tabs.height()
    return height / (height + window.docks[title].height())


@pytest.mark.slow
@pytest.mark.parametrize("with_run", [False, True])
def test_with_any_panel_the_window_can_be_small_and_the_canvas_keeps_half(
    window, tmp_path, with_run
):
    session = window.workspace.session
    if with_run:
        run = made_run(tmp_path / "runs" / "posts-001", session.project, "posts").path
        window.panels.training.attach(session, run)
    for title in PANELS:
        resize(window, 1400, 900)
        window.dock_layout.show_panel(title)
        settle()
        resize(window, *SMALL)
        assert (window.width(), window.height()) == SMALL, title
        assert share(window, title) >= 0.5, title


def test_an_order_that_shows_a_panel_leaves_the_canvas_its_half(window):
    resize(window, *SMALL)
    for title in ("Training", "Results", "Data"):
        window.dock_layout.show_expanded(title)
        settle()
        assert share(window, title) >= 0.49, title


def test_a_panel_that_was_dragged_over_the_half_keeps_its_share(window):
    from PySide6.QtCore import Qt

    window.resizeDocks([window.docks["Problems"]], [500], Qt.Orientation.Vertical)
    settle()
    high = window.docks["Problems"].height()
    assert share(window, "Problems") < 0.5
    resize(window, 1400, 880)
    assert abs(window.docks["Problems"].height() - high) <= 20


def test_the_first_layout_of_a_low_window_gives_most_of_it_to_the_canvas(window):
    resize(window, 1000, 600)
    window.dock_layout.reset()
    settle()
    assert share(window, "Problems") >= 0.55


def test_three_problems_are_seen_at_the_first_height(window, qtbot):
    """Whole, in a window of 1280 x 800, although each has details; Problems has one scroll bar."""
    resize(window, 1280, 770)
    project = window.workspace.session.project
    for node in ("age_head", "income_head", "gender_head"):
        project = field_edits.set_params(project, node, {"units": 0})
    window.workspace.session.apply("Break", project)
    window.workspace.session.current_report()
    window.dock_layout.reset()
    view, scroll_panel = window.panels.problems.view, window.docks["Problems"].widget()
    qtbot.waitUntil(lambda: not scroll_panel.verticalScrollBar().isVisible())
    rows = [view.visualRect(view.diagnostic_model.index(row, 0)) for row in range(3)]
    assert all(row.height() > 20 for row in rows)
    assert all(view.viewport().visibleRegion().boundingRect().contains(row) for row in rows)


def test_in_a_narrow_window_panels_at_the_bottom_reach_below_the_left_ones(window):
    """A table is of no use in a third of 900 pixels."""
    window.dock_layout.show_panel("Data")
    for width, reaches in ((900, True), (1400, False), (900, True)):
        resize(window, width, 700)
        left = window.docks["Layers"].geometry()
        data = window.docks["Data"].geometry()
        assert (data.left() < left.right(), data.top() > left.bottom()) == (reaches, reaches)
    window.dock_layout.reset()
    settle()
    assert window.docks["Data"].geometry().left() < window.docks["Layers"].geometry().right()


@pytest.mark.slow
def test_data_that_comes_to_the_front_shows_rows_below_its_heads(window, tmp_path, qtbot):
    resize(window, 1280, 800)
    session = window.workspace.session
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n" + "1,2\n" * 40)
    session.data_path = path
    window.dock_layout.show_panel("Data")
    qtbot.waitUntil(
        lambda: session.table_contents is not None and not session.table_contents.is_reading
    )
    settle()
    table = window.panels.data.table
    seen = table.viewport().visibleRegion().boundingRect().height()
    assert seen >= table.rowHeight(0)
