"""Curves are zoomed, smoothed, hidden and exported by the controls that stand beside them."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from app.processes.output_parser import parse_diagnostic
from app.training.charts.chart_grid import ChartGrid
from app.training.charts.export import CurveCsvWriter, charts_to_png, charts_to_svg
from app.training.charts.plot_math import value_range
from app.training.charts.share_plot import SharePlot
from app.training.charts.view_menu import ViewButton
from app.training.charts.view_options import ViewOptionsModel
from app.training.curves.run_curves import Curves
from app.training.curves.step_series import StepSeries
from engine.events import RunResumed, Warned
from engine.runs.state.run_state import fold_events
from tests.app.training.made import heads_of, said
from tests.app.windows import settle

ZERO = {
    "code": "loss-zero", "message": "the loss has been zero for 50 steps",
    "severity": "warning", "node": "a", "fixes": [{"text": "Check its target."}],
}  # fmt: skip


@pytest.fixture
def events(project):
    events = said(heads_of(project))
    events.insert(3, Warned(diagnostic=ZERO))
    events.insert(4, Warned(diagnostic={**ZERO, "node": "b", "severity": "info"}))
    return events


@pytest.fixture
def view(qapp):
    return ViewOptionsModel()


@pytest.fixture
def charts(qtbot, theme, events, view):
    curves = Curves()
    curves.update(events)
    charts = ChartGrid(theme, curves, view)
    charts.resize(1400, 600)
    qtbot.addWidget(charts)
    with qtbot.waitExposed(charts):
        charts.show()
    charts.refresh()
    charts.draw_now()
    return charts


def of(charts, score):
    return next(chart for chart in charts.charts if chart.spec.score == score)


def place(chart, step) -> QPoint:
    """Return where a step is in a chart's viewport."""
    box = chart.plot.widget.getViewBox()
    scene = box.mapViewToScene(QPointF(step, np.mean(box.viewRange()[1])))
    return chart.plot.widget.mapFromScene(scene)


def drag(chart, first, last) -> None:
    port = chart.plot.widget.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=place(chart, first))
    QTest.mouseMove(port, place(chart, (first + last) / 2))
    assert chart.plot._drag_region.isVisible()
    QTest.mouseMove(port, place(chart, last))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=place(chart, last))
    QApplication.processEvents()


@pytest.mark.slow
def test_a_line_is_named_once_it_is_drawn(theme, events, view, qtbot, charts):
    curves = Curves()
    curves.update(events)
    fresh = ChartGrid(theme, curves, view)
    qtbot.addWidget(fresh)
    fresh.refresh()
    assert not any(label.isVisible() for label in of(fresh, "loss").plot._labels)
    assert any(label.isVisible() for label in of(charts, "loss").plot._labels)


@pytest.mark.slow
def test_dragging_over_one_chart_zooms_all_and_a_double_click_goes_back(charts, view):
    total, rate = of(charts, "loss"), of(charts, "learning_rate")
    drag(total, 50, 120)
    first, last = view.options.zoom_range
    assert abs(first - 50) <= 2
    assert abs(last - 120) <= 2
    charts.draw_now()
    assert rate.plot._raw.xData[0] == first
    assert total.plot._raw.xData[-1] == last
    QTest.mouseDClick(rate.plot.widget.viewport(), Qt.MouseButton.LeftButton, pos=place(rate, 80))
    assert view.options.zoom_range is None
    charts.draw_now()
    assert total.plot._raw.xData[-1] == 200


def test_a_click_zooms_nothing(charts, view):
    total = of(charts, "loss")
    QTest.mouseClick(total.plot.widget.viewport(), Qt.MouseButton.LeftButton, pos=place(total, 80))
    assert view.options.zoom_range is None
    assert not total.plot._drag_region.isVisible()


def test_shares_are_those_of_the_engine(charts, events):
    """Smoothed by nothing, the bands are the shares that the run state has."""
    bands = of(charts, "shares").plot
    assert isinstance(bands, SharePlot)
    curves, state = charts._curves, fold_events(events)
    for series in curves.steps.values():
        series.running_mean_at = series.values_at
    steps, shares = bands._compute_shares(1, 200, 200)
    for name in ("a", "b"):
        np.testing.assert_allclose(shares[name], state.shares[name].values, atol=1e-9)
    assert len(steps) == 200
    text = bands.readouts(200)[0]
    assert "a " in text
    assert "%" in text


@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=700), st.booleans())
def test_a_picture_reaches_to_all_values_but_the_wildest(values, tame):
    ends = np.percentile(values, (0.5, 99.5) if tame else (0, 100))
    low, high = value_range([np.asarray(values), np.empty(0)], tame)
    assert low < high
    room = 0.08 * (ends[1] - ends[0]) or 0.05 * abs(ends[1]) or 1.0
    np.testing.assert_allclose((low, high), (ends[0] - room, ends[1] + room), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("window", [10, 100, 1000])
def test_a_mean_of_steps_is_the_mean_of_those_steps(window):
    series = StepSeries()
    values = np.random.default_rng(1).normal(size=5000)
    values[7] = np.nan
    series.write(1, values)
    steps, means = series.moving_average(1, 300, 300, window)
    for step, mean in zip(steps.astype(int), means, strict=True):
        assert mean == pytest.approx(np.nanmean(values[max(0, step - window) : step]))


def test_smoothing_and_lines_are_chosen(charts, view):
    total = of(charts, "loss")
    view.update(smoothing=0)
    charts.draw_now()
    assert not len(total.plot._train.xData)
    view.update(smoothing=10)
    charts.draw_now()
    assert total.plot._train.xData[-1] == 200
    view.set_line_visible("training", False)
    charts.draw_now()
    assert not len(total.plot._raw.xData)
    assert len(total.plot._validation.xData)
    view.set_line_visible("validation", False)
    view.set_line_visible("training", True)
    charts.draw_now()
    assert len(total.plot._raw.xData)
    assert not len(total.plot._validation.xData)


def entry(menu: QMenu, text: str):
    return next(each for each in menu.actions() if each.text() == text)


@pytest.mark.slow
def test_a_chart_is_isolated_and_hidden_from_its_menu(charts, view, qtbot):
    charts.menu_requested.connect(lambda score, at: asked.append(score))
    asked: list[str] = []
    port = of(charts, "a/loss").plot.widget.viewport()
    middle = port.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, port.mapToGlobal(middle))
    QApplication.sendEvent(port, event)
    assert asked == ["a/loss"]
    view.toggle_isolated("a/loss")
    QApplication.processEvents()
    assert [chart.spec.score for chart in charts.charts if chart.isVisible()] == ["a/loss"]
    view.toggle_isolated("a/loss")
    view.set_chart_visible("b/loss", False)
    QApplication.processEvents()
    shown = [chart.spec.score for chart in charts.charts if chart.isVisible()]
    assert "b/loss" not in shown
    assert len(shown) == len(charts.charts) - 1
    view.show_all_charts()
    assert all(chart.isVisible() for chart in charts.charts)


@pytest.mark.slow
def test_the_menu_says_how_curves_are_looked_at(charts, view, theme, qtbot):
    subjects = [chart.spec for chart in charts.charts]
    button = ViewButton(theme, view, lambda: subjects)
    qtbot.addWidget(button)
    asked: list[str] = []
    button.export_requested.connect(asked.append)
    button._update_menu()
    entry(button._menu, "Log scale").trigger()
    assert view.options.log_scale
    smoothing = entry(button._menu, "Smoothing").menu()
    entry(smoothing, "Mean of 100 steps").trigger()
    assert view.options.smoothing == 100
    entry(entry(button._menu, "Charts").menu(), "Total loss").trigger()
    assert view.options.hidden_charts == {"loss"}
    entry(button._menu, "Export the curves as CSV…").trigger()
    assert asked == ["csv"]


def test_a_request_is_marked_and_told_on_hover(charts):
    total = of(charts, "loss")
    steps, _ = total.plot.annotations._control_markers.getData()
    assert list(steps) == [50]
    port = total.plot.widget.viewport()
    QTest.mouseMove(port, place(total, 120))
    QTest.mouseMove(port, place(total, 50))
    QApplication.processEvents()
    assert "learning rate 0.001 → 0.0005" in total.plot.annotation_at(
        total.plot.widget.mapToScene(place(total, 50))
    )
    QToolTip.hideText()


def test_the_best_epoch_is_marked(charts):
    steps, _ = of(charts, "loss").plot.annotations._best_marker.getData()
    assert list(steps) == [charts._curves.best.step]


def test_a_resume_takes_marks_back_and_is_one(events):
    curves = Curves()
    curves.update([*events[:-1], RunResumed(to_step=40, to_epoch=0)])
    assert [type(mark).__name__ for mark in curves.control_events] == ["RunResumed"]
    assert curves.loss_weights() == {"a": 1.0, "b": 0.5}


def test_a_warning_stands_beside_its_curve(charts):
    assert parse_diagnostic(ZERO) is not None
    chart = of(charts, "a/loss")
    assert chart._warning.isVisible()
    assert "zero for 50 steps" in chart._warning.text()
    assert "Check its target" in chart._warning.toolTip()
    assert not of(charts, "b/loss")._warning.isVisible()


def test_the_table_has_every_number(charts, tmp_path, qtbot):
    curves = charts._curves
    with qtbot.waitSignal(CurveCsvWriter(curves, tmp_path / "curves.csv", charts).finished):
        pass
    rows = list(csv.DictReader(io.StringIO((tmp_path / "curves.csv").read_text())))
    assert len(rows) == 200
    assert [float(row["a/loss"]) for row in rows] == list(curves.steps["a/loss"].values)
    ended = [row for row in rows if row["epoch"]]
    assert [row["step"] for row in ended] == ["50", "100", "150", "200"]
    held = [float(row["validation a/mae"]) for row in ended]
    assert held == curves.validation["a/mae"].values


@pytest.mark.slow
def test_a_picture_and_a_drawing_show_all_charts(charts):
    image = QImage.fromData(charts_to_png(charts), "PNG")
    assert image.width() == 2 * charts.widget().width()
    drawn = charts_to_svg(charts, "run").decode()
    assert "Total loss" in drawn
    assert drawn.count("<path") > 20


def test_no_chart_is_higher_than_can_be_seen_at_once(charts, qtbot):
    """A loss beside a longer column would be cut off below, axis and all."""
    charts.resize(1400, 240)
    qtbot.waitUntil(lambda: charts.viewport().height() <= 240)
    assert charts.widget().height() > charts.viewport().height()
    for chart in charts.visible_charts:
        assert chart.height() <= charts.viewport().height()
    tops = {chart.y() for chart in charts.visible_charts if chart.spec.score.endswith("loss")}
    assert tops == {0}


@pytest.mark.parametrize("width", [700, 1400])
def test_values_leave_room_for_the_titles_of_their_charts(charts, qtbot, width):
    charts.resize(width, 240)
    settle()
    for chart in charts.visible_charts:
        title, values = chart._title, chart._readout
        assert title.width() >= title.fontMetrics().horizontalAdvance(title.text()), title.text()
        assert values.width() >= values.fontMetrics().horizontalAdvance(values.text())
        assert values.text()
