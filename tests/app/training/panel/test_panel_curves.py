"""Runs, curves and numbers that the panel shows."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from app.documents.session import Session
from app.training.charts.chart import Chart
from app.training.charts.chart_grid import ChartGrid
from app.training.curves import cache
from app.training.panel.panel import TrainingPanel
from engine.core.formatting.numbers import format_score
from engine.events import EpochDone, StepsDone
from engine.graph.edits import field_edits
from tests.app.training.conftest import write_rows
from tests.app.training.made import heads_of, made_run
from tests.app.training.made import said as told
from tests.app.training.panel.driving import OUTPUTS, fill, said

pytestmark = pytest.mark.slow


def test_a_run_is_shown_with_its_own_document_only(panel, document, project, tmp_path, qtbot):
    run = made_run(tmp_path / "runs" / "tiny-001", project, "tiny").path
    panel.attach(document, run)
    qtbot.waitUntil(lambda: shows(panel, run))
    charts = panel.run_view.charts
    assert charts.isVisible()
    assert "all epochs are done" in said(panel)
    other = Session(project)
    panel._workspace.open(other)
    assert not charts.isVisible()
    assert not panel.run_view.loss_table.isVisible()
    assert said(panel) == ""
    panel._workspace.activate(document)
    assert charts.isVisible()
    assert "all epochs are done" in said(panel)


def test_why_a_run_ended_stands_above_its_curves(panel, document, tmp_path, qtbot):
    """It stood below the table of losses only, out of sight in a small window."""
    rule = {"patience": 1, "monitors": [{"name": "loss", "min_delta": 100.0}]}
    document.edit("Stop early", field_edits.set_recipe, {"stopping": rule, "epochs": 50})
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    with qtbot.waitSignal(panel.finished) as told:
        assert panel.train()
    assert told.args[0].reason in panel.bar._status.text()
    assert panel.bar._status.text().startswith(
        "Finished  \N{MIDDLE DOT}  loss: no improvement for 1 epoch  \N{MIDDLE DOT}  "
    )


def shows(panel: TrainingPanel, run: Path) -> bool:
    shown = panel.displayed_run
    ended = shown is not None and shown.run == run and shown.outcome is not None
    return ended and panel.run_view.charts.isVisible()


def test_what_regularisers_add_has_a_row_of_its_own(panel, document, tmp_path, qtbot):
    penalty = {"kernel_regularizer": {"kind": "L2", "params": {"l2": 0.5}}}
    document.edit("Penalty", field_edits.set_params, "hidden", penalty)
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    with qtbot.waitSignal(panel.finished):
        assert panel.train()
    table = panel.run_view.loss_table
    rows = {
        table.item(row, 0).text(): [table.item(row, column).text() for column in range(1, 5)]
        for row in range(table.rowCount())
    }
    assert list(rows) == ["a", "b", "Regularizers", "Total"]
    shares = [float(rows[name][3].rstrip("%")) for name in ("a", "b", "Regularizers")]
    assert sum(shares) == pytest.approx(100, abs=1.5)


def test_the_wheel_over_a_chart_scrolls_what_is_around_it(panel, qtbot):
    panel.resize(420, 420)
    fill(panel)
    charts = panel.run_view.charts
    charts.draw_now()
    plot = charts.charts[0].plot.widget.viewport()
    bar = charts.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    middle = QPointF(plot.rect().center())
    down = QWheelEvent(
        middle, plot.mapToGlobal(middle), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QCoreApplication.sendEvent(plot, down)
    assert bar.value() > 0


def test_charts_show_each_output_and_read_values_off(panel, theme, qtbot):
    fill(panel)
    charts = panel.run_view.charts
    charts.draw_now()
    titles = [chart.spec.title for chart in charts.charts]
    assert titles[:2] == ["Total loss", "Shares of the total"]
    assert titles[2:4] == ["Learning rate", "Gradient norm"]
    assert titles[4] == "a: mse"
    assert len(titles) == 4 + 2 * len(OUTPUTS)
    total = charts.charts[0]
    total.hovered.emit(3)
    assert total._readout.text().split()[::2] == ["0.3333", "0.6000"]
    assert all(chart.plot._cursor_line.isVisible() for chart in charts.charts)
    at = total.plot.widget.viewport().rect().center()
    qtbot.mouseMove(total.plot.widget.viewport(), QPoint(at.x() - 5, at.y()))
    qtbot.mouseMove(total.plot.widget.viewport(), at)
    total.hovered.emit(0)
    assert not total.plot._cursor_line.isVisible()
    panel.run_view.view_options.update(log_scale=True)
    charts.draw_now()
    np.testing.assert_allclose(total.plot._raw.yData, np.log10([1 / (1 + s) for s in range(300)]))
    panel.run_view.view_options.update(last_steps=100)
    charts.draw_now()
    assert total.plot._raw.xData[0] == 201
    before = total.plot._train.opts["pen"].color()
    theme.set_mode("light")
    assert total.plot._train.opts["pen"].color() != before


WILD = (float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 0.0, 5e-324)


@pytest.mark.parametrize("log", [False, True])
def test_numbers_gone_wild_never_break_a_chart(log, panel):
    fill(panel, 10)
    panel.run_view.view_options.update(log_scale=log)
    scores = {"loss": 1e308, "a/loss": float("nan"), "a/mae": float("inf"), "b/mae": -1e308}
    for event in (
        StepsDone(first=11, last=17, loss=WILD, losses={"a": WILD, "b": WILD[:1] * 7}),
        EpochDone(epoch=2, step=10**17, train=scores, validation=scores),
        EpochDone(epoch=3, step=0, train=scores, validation=scores),
    ):
        panel._on_events([event])
        panel.run_presenter.refresh()
        panel.run_view.charts.draw_now()
        panel.grab()


def test_nothing_is_drawn_while_hidden(panel):
    fill(panel)
    charts = panel.run_view.charts
    assert charts._timer.isActive()
    panel.hide()
    assert not charts._timer.isActive()
    panel._on_events([StepsDone(first=301, last=301, loss=(2.0,))])
    panel.run_presenter.refresh()
    assert not charts._timer.isActive()
    panel.show()
    assert charts._timer.isActive()
    assert panel.run_view.loss_table.item(3, 1).text() == newest_loss(panel)


def test_numbers_are_shown_now_and_then_while_much_is_unread(panel):
    """All that is drawn by then is drawn in vain; a second's reading is seen all the same."""
    fill(panel)
    panel.run_process.has_unread_events = True
    panel._on_events([StepsDone(first=301, last=301, loss=(2.0,))])
    shown = []
    for _ in range(6):
        panel.run_presenter._timer.timeout.emit()
        shown.append(panel.run_view.loss_table.item(len(OUTPUTS), 1).text() == newest_loss(panel))
    assert shown == [False] * 5 + [True]
    panel.run_process.has_unread_events = False
    panel._on_events([StepsDone(first=302, last=302, loss=(3.0,))])
    panel.run_presenter._timer.timeout.emit()
    assert panel.run_view.loss_table.item(len(OUTPUTS), 1).text() == newest_loss(panel)


def newest_loss(panel):
    return format_score(panel.displayed_run.curves.latest_mean("loss"))


def test_table_and_charts_show_the_same_newest_values(panel):
    """The loss of one batch says little, and reads as overfitting beside that of all rows."""
    fill(panel)
    losses = {"a": (8.0,), "b": (1.0,), "c": (0.5,)}
    panel._on_events([StepsDone(first=301, last=301, loss=(9.5,), losses=losses)])
    panel.run_presenter.refresh()
    charts = panel.run_view.charts
    charts.draw_now()
    total, shares = charts.charts[:2]
    table = panel.run_view.loss_table
    drawn = total.plot._train.yData[-1]
    assert drawn < 2
    assert table.item(len(OUTPUTS), 1).text() == format_score(drawn)
    assert total.plot.readouts(0)[0].split()[0] == format_score(drawn)
    assert total.plot.readouts(301)[0].split()[0] == "9.5000"
    assert table.item(0, 4).text() == shares.plot.readouts(0)[0].split()[1]


def test_the_curves_of_a_long_run_are_kept_once_they_were_read(
    panel, document, project, tmp_path, monkeypatch, qtbot
):
    monkeypatch.setattr(cache, "MIN_CACHED_STEPS", 40)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    events = told(heads_of(project), epochs=4, steps=20)
    run = made_run(tmp_path / "runs" / "tiny-001", project, "tiny", events).path
    panel.attach(document, run)
    qtbot.waitUntil(lambda: cache.load_curves(run) is not None)
    qtbot.waitUntil(lambda: not panel.run_presenter._cache_job.is_running)
    curves = panel.displayed_run.curves
    panel.attach(document, run)
    assert panel.displayed_run.curves.step == 80  # at once
    for name, series in panel.displayed_run.curves.steps.items():
        np.testing.assert_array_equal(series.values, curves.steps[name].values)
        np.testing.assert_array_equal(series.values, curves.steps[name].values)


def test_silence_is_told(panel):
    fill(panel)
    panel.run_process.silent.emit(12)
    assert panel.bar._status.text() == "No event from the training for 12 s"
    panel.run_process.silent.emit(0)
    panel.run_presenter.refresh()
    assert panel.bar._status.text().startswith("Epoch 1 of 9")


def test_runs_one_after_another_leave_no_charts_behind(panel, theme, qtbot):
    for count in (10, 20, 30):
        fill(panel, count)
        panel.run_view.charts.draw_now()
        panel.grab()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        theme.set_mode("light" if theme.is_dark else "dark")
    assert len(panel.findChildren(ChartGrid)) == 1
    assert len(panel.findChildren(Chart)) == len(panel.run_view.charts.charts)
