"""The layouts of the panels: one click or key, each as it was left, and all of it visible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar, QToolButton

from app.settings import Settings
from app.shell.dock_heights import is_seen
from app.shell.main_window import MainWindow
from app.shell.panel_layouts import LAYOUT_NAMES
from tests.app.training.made import made_run
from tests.app.windows import opened, posts, settle

SIDES = {"Layers", "Outline", "Inspector"}


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    with opened(qtbot, posts(), is_new=True) as window:
        window.resize(1280, 800)
        wait()
        yield window


def wait() -> None:
    for _ in range(5):
        settle()


def click(window: MainWindow, name: str) -> None:
    buttons = window.layout_switcher.findChildren(QToolButton)
    button = next(button for button in buttons if button.text() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    wait()
    assert [button.text() for button in buttons if button.isChecked()] == [name]


def seen(window: MainWindow) -> set[str]:
    return {title for title, dock in window.docks.items() if is_seen(dock)}


def test_each_layout_shows_its_panel_and_comes_back_as_it_was_left(window):
    first = seen(window)
    window.docks["Inspector"].close()
    click(window, "Training")
    assert seen(window) == {"Training"}
    high = window.docks["Training"].height()
    assert high > window.tabs.height()
    click(window, "Results")
    assert seen(window) == {"Results"}
    window.resizeDocks([window.docks["Results"]], [330], Qt.Orientation.Vertical)
    wait()
    low = window.docks["Results"].height()
    click(window, "Network")
    assert seen(window) == first - {"Inspector"}
    click(window, "Training")
    assert (seen(window), window.docks["Training"].height()) == ({"Training"}, high)
    click(window, "Results")
    assert (seen(window), window.docks["Results"].height()) == ({"Results"}, low)


def test_reset_restores_the_active_layout_only(window):
    window.docks["Inspector"].close()
    click(window, "Training")
    high = window.docks["Training"].height()
    window.dock_layout.show_panel("Layers")
    window.resizeDocks([window.docks["Training"]], [300], Qt.Orientation.Vertical)
    wait()
    window.action_manager.actions["reset-layout"].trigger()
    wait()
    assert (seen(window), window.docks["Training"].height()) == ({"Training"}, high)
    click(window, "Network")
    assert "Inspector" not in seen(window)


def test_a_new_window_begins_in_the_layout_that_was_left(window, qtbot):
    click(window, "Results")
    window.resizeDocks([window.docks["Results"]], [300], Qt.Orientation.Vertical)
    wait()
    window.layouts.save()
    later = MainWindow(window.workspace, window.theme, Settings())
    qtbot.addWidget(later)
    later.resize(1280, 800)
    later.show()
    wait()
    assert seen(later) == {"Results"}
    assert later.layouts.active == "results"
    assert abs(later.docks["Results"].height() - window.docks["Results"].height()) <= 4


def test_a_training_among_results_is_shown_in_its_own_layout(window):
    click(window, "Results")
    QTest.keyClick(window, Qt.Key.Key_F5)  # asks for data, in the Training panel
    wait()
    assert (window.layouts.active, seen(window)) == ("training", {"Training"})
    click(window, "Results")
    assert seen(window) == {"Results"}


def test_after_a_crash_no_layout_is_taken_for_another(window, qtbot):
    """The panels of Results were never stored; those of Network must not become them."""
    first = seen(window)
    click(window, "Results")
    later = MainWindow(window.workspace, window.theme, Settings())
    qtbot.addWidget(later)
    later.resize(1280, 800)
    later.show()
    wait()
    assert (later.layouts.active, seen(later)) == ("network", first)
    click(later, "Results")
    assert seen(later) == {"Results"}


def test_no_tab_bar_of_another_layout_stays_visible(window):
    for name in ("Training", "Network", "Results", "Network"):
        click(window, name)
        bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        titles = [bar.tabText(0) for bar in bars if bar.isVisible() and bar.count() > 1]
        assert sorted(titles) == (["Layers", "Problems"] if name == "Network" else ["Problems"])


def test_a_layout_ends_a_maximized_panel_and_waits_for_the_end_of_the_start_page(window):
    window.docks["Inspector"].toggle_maximized()
    wait()
    click(window, "Training")
    assert window.tabs.isVisible()
    window.action_manager.actions["welcome"].trigger()
    wait()
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    wait()
    assert seen(window) == set()
    assert window.layouts.active == "training"
    window.tabs.hide_welcome()
    wait()
    assert seen(window) == {"Training"}


@pytest.mark.parametrize("layout", LAYOUT_NAMES[:2])
def test_the_curves_of_all_outputs_are_visible_in_a_small_window(window, tmp_path, layout, qtbot):
    window.layouts.activate(layout)
    wait()
    session = window.workspace.session
    run = made_run(tmp_path / "runs" / "posts-001", session.project, "posts").path
    window.dock_layout.show_expanded("Training")
    window.panels.training.attach(session, run)
    charts = window.panels.training.run_view.charts
    qtbot.waitUntil(lambda: bool(charts.charts) and charts.isVisible())
    wait()
    losses = [chart for chart in charts.charts if chart.spec.score.endswith("loss")]
    assert len(losses) == 4
    for chart in losses:
        assert chart.visibleRegion().boundingRect() == chart.rect(), chart.spec.title
