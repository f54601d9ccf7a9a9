"""From a document and its data to live curves and an outcome, by the panel's own controls."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QMessageBox, QPushButton

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.charts.chart import Chart
from app.training.charts.chart_grid import ChartGrid
from app.training.curves import cache
from app.training.panel.panel import TrainingPanel
from engine.core.diagnostic import Fix
from engine.events import EpochDone, OutputInfo, RunStarted, StepsDone
from engine.graph import templates
from engine.graph.edits import field_edits, node_edits
from engine.graph.serialization.file import parse
from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import read_state
from tests.app.training.conftest import saved, set_epochs, write_rows
from tests.app.training.made import heads_of, made_run
from tests.app.training.made import said as told


@pytest.fixture
def document(qapp, project, tmp_path) -> Session:
    return saved(tmp_path, project)


@pytest.fixture
def panel(qtbot, document, theme) -> TrainingPanel:
    panel = TrainingPanel(Workspace(document), theme)
    panel.resize(1100, 420)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def button(panel: TrainingPanel, name: str) -> QPushButton:
    found = panel.findChild(QPushButton, name)
    assert found is not None
    return found


def said(panel: TrainingPanel) -> str:
    QCoreApplication.processEvents()  # what was just added is shown at the next turn
    shown = panel.run_view.diagnostics.findChildren(QLabel)
    return "\n".join(label.text() for label in shown if label.isVisibleTo(panel)).strip()


def test_nothing_is_offered_to_go_on_with_before_the_first_run(panel):
    """A button that does nothing would be a riddle."""
    shown = [each.text() for each in panel.findChildren(QPushButton) if each.isVisible()]
    assert "Train" in shown
    assert not [text for text in shown if text.startswith(("Continue", "Resume"))]


def test_buttons_of_a_run_keep_their_places_and_offer_only_what_can_be_done(
    panel, document, tmp_path, qtbot
):
    """Continue stayed beside Pause, and what was pressed next was another button than was meant."""
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    set_epochs(document, 100_000)
    places = {places_of(panel)}
    qtbot.mouseClick(button(panel, "training-train"), Qt.MouseButton.LeftButton)
    assert offered(panel) == ["Stop"], "a second click is no restart"
    for _ in range(2):
        qtbot.waitUntil(lambda: panel.state == "running", timeout=60_000)
        assert offered(panel) == ["Restart", "Pause", "Stop", "Save now"]
        places.add(places_of(panel))
        qtbot.mouseClick(button(panel, "training-stop"), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: panel.state == "idle", timeout=60_000)
        assert offered(panel) == ["Train", "Resume"]
        places.add(places_of(panel))
        qtbot.mouseClick(button(panel, "training-resume"), Qt.MouseButton.LeftButton)
        assert offered(panel) == ["Stop"]
    panel.run_process.kill()
    qtbot.waitUntil(lambda: panel.state == "idle", timeout=60_000)
    assert len(places) == 1


def offered(panel: TrainingPanel) -> list[str]:
    names = ("train", "restart", "pause", "resume", "stop", "save")
    buttons = [button(panel, f"training-{name}") for name in names]
    return [each.text() for each in buttons if each.isVisible() and each.isEnabled()]


def places_of(panel: TrainingPanel) -> tuple[int, int]:
    """Return where the two places of buttons are that are there before, in and after a run."""
    firsts = [button(panel, f"training-{name}") for name in ("train", "restart")]
    seconds = [button(panel, f"training-{name}") for name in ("pause", "resume")]
    return tuple(
        next(each.mapTo(panel, QPoint()).x() for each in place if each.isVisible())
        for place in (firsts, seconds)
    )


def test_train_without_data_asks_for_it(panel, document, qtbot):
    train = button(panel, "training-train")
    assert "Choose data to train on first." in train.toolTip()
    qtbot.mouseClick(train, Qt.MouseButton.LeftButton)
    dialog = next(each for each in panel.findChildren(QFileDialog) if each.isVisible())
    assert dialog.windowTitle() == "Choose a data file"
    dialog.reject()
    assert not panel.running


def test_train_says_what_is_wrong(panel, document):
    train = button(panel, "training-train")
    document.edit("Delete", field_edits.set_params, "hidden", {"units": -1})
    document.current_report()
    assert "hidden" in train.toolTip()
    document.undo()
    document.current_report()
    panel.set_data(Path("nowhere.csv"))
    assert "no longer there" in train.toolTip()


def test_a_training_from_the_button_to_the_curves(panel, document, tmp_path, qtbot):
    """One press trains; curves, table and canvas hold exactly what the run folder says."""
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    told, running, outcomes, events = [], [], [], []
    panel.run_process.events.connect(events.extend)
    panel.losses_changed.connect(told.append)
    panel.running_changed.connect(running.append)
    panel.finished.connect(outcomes.append)
    epochs = panel.findChild(QLineEdit, "training-epochs")
    type_anew(epochs, "2", qtbot)
    qtbot.keyClick(epochs, Qt.Key.Key_Return)
    qtbot.mouseClick(button(panel, "training-train"), Qt.MouseButton.LeftButton)
    assert panel.running
    assert panel.disabled_reason() == "A training is running. Stop it first."
    qtbot.waitUntil(lambda: bool(outcomes), timeout=30_000)
    assert outcomes[0].kind == "completed"
    assert "all epochs are done" in outcomes[0].text
    assert running == [True, False]
    run = panel.run_process.run
    assert [entry.name for entry in (tmp_path / "runs").iterdir()] == [run.name]
    assert "Finished" in (run / "log.txt").read_text()
    assert events == list(read_events(run))
    state = read_state(run)
    assert state.epoch == 2
    for name, curve in state.steps.items():
        np.testing.assert_array_equal(panel.displayed_run.curves.steps[name].values, curve.values)
    for name, curve in state.validation.items():
        assert panel.displayed_run.curves.validation[name].values == curve.values
    assert told[0] == {}
    losses = panel.displayed_run.curves.loss_texts()
    assert losses.keys() == {"a", "b"}
    table = panel.run_view.loss_table
    assert [table.item(row, 0).text() for row in range(3)] == ["a", "b", "Total"]
    assert table.item(0, 1).text() == losses["a"]
    assert "Finished" in said(panel)
    assert panel.run_view.charts.isVisible()
    panel.run_view.charts.draw_now()
    (total,) = (chart for chart in panel.run_view.charts.charts if chart.spec.score == "loss")
    np.testing.assert_array_equal(total.plot._raw.yData, state.steps["loss"].values)


def test_data_that_does_not_fit_is_told_before_the_training(panel, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv", ("x1", "x2", "a")))
    qtbot.waitUntil(lambda: "b" in said(panel), timeout=20_000)
    assert "does not fit" in panel.bar._status.text()
    train = button(panel, "training-train")
    assert not train.isEnabled()
    assert "rows.csv does not fit this network" in train.toolTip()
    hints = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert not [text for text in hints if "Press Train" in text]
    assert [text for text in hints if "rows.csv does not fit this network. Fix it" in text]
    shown = [b for b in panel.run_view.diagnostics.findChildren(QPushButton) if "Show" in b.text()]
    asked = []
    panel._workspace.session.reveal_requested.connect(asked.append)
    qtbot.mouseClick(shown[0], Qt.MouseButton.LeftButton)
    assert asked == [["b"]]


def test_data_that_comes_back_is_judged_again(panel, tmp_path, qtbot):
    """Train stayed grey with what was true before, though its key began a training."""
    train = button(panel, "training-train")
    rows = write_rows(tmp_path / "rows.csv")
    panel.set_data(rows)
    qtbot.waitUntil(lambda: "fits this network" in panel.bar._status.text(), timeout=60_000)
    told = []
    panel.ready_changed.connect(lambda: told.append(panel.disabled_reason()))
    rows.rename(tmp_path / "elsewhere.csv")
    qtbot.waitUntil(lambda: not train.isEnabled(), timeout=10_000)
    assert "no longer there" in told[-1], "the tool bar hears of it as well"
    (tmp_path / "elsewhere.csv").rename(rows)
    qtbot.waitUntil(train.isEnabled, timeout=10_000)
    assert told[-1] == panel.disabled_reason() == ""
    qtbot.waitUntil(lambda: "fits this network" in panel.bar._status.text(), timeout=60_000)


def test_data_that_was_mended_in_its_file_is_checked_again(panel, tmp_path, qtbot):
    rows = write_rows(tmp_path / "rows.csv", ("x1", "x2", "a"))
    panel.set_data(rows)
    qtbot.waitUntil(lambda: "does not fit" in panel.bar._status.text(), timeout=60_000)
    write_rows(rows)
    qtbot.waitUntil(lambda: "fits this network" in panel.bar._status.text(), timeout=60_000)
    assert button(panel, "training-train").isEnabled()
    assert said(panel) == ""


def test_a_fix_is_one_press_and_one_undo_step(panel, document, qtbot):
    fix = Fix("Use 8 units.", {"do": "set_params", "node": "hidden", "params": {"units": 8}})
    panel.data_check.diagnostics_session = document
    error = dataclasses.replace(_finding(), fixes=(fix,))
    panel.run_view.diagnostics.add_diagnostics([error])
    (press,) = (b for b in panel.findChildren(QPushButton) if b.text() == "Use 8 units")
    qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
    assert document.graph.by_name["hidden"].params["units"] == 8
    document.undo()
    assert document.graph.by_name["hidden"].params["units"] == 4


def _finding():
    from engine.core.diagnostic import Diagnostic

    return Diagnostic("data-not-found", "there is no data", found="x" * 10_000)


def test_why_train_is_grey_is_said_beside_older_curves(panel, document, tmp_path):
    """Nobody has to find the tool tip; once it is mended, nothing is said."""
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    panel.data_check.reset()
    fill(panel)
    document.edit("Set units", field_edits.set_params, "hidden", {"units": -1})
    document.current_report()
    assert "hidden" in panel.bar._status.text()
    document.undo()
    document.current_report()
    assert panel.bar._status.text() == ""


def test_a_run_is_shown_with_its_own_document_only(panel, document, project, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    with qtbot.waitSignal(panel.finished, timeout=30_000):
        assert panel.train()
    charts = panel.run_view.charts
    assert charts.isVisible()
    assert panel.bar._status.text().startswith("Finished")
    other = Session(project)
    panel._workspace.open(other)
    assert not charts.isVisible()
    assert not panel.run_view.loss_table.isVisible()
    assert said(panel) == ""
    panel._workspace.activate(document)
    assert charts.isVisible()
    assert panel.bar._status.text().startswith("Finished")
    assert "all epochs are done" in said(panel)


def test_curves_of_the_last_run_come_with_their_document(panel, document, project, tmp_path, qtbot):
    """That there were no curves yet stood there, until the last run was asked for."""
    runs = [
        made_run(place / "runs" / "tiny-001", project, "tiny").path
        for place in (tmp_path, tmp_path / "other")
    ]
    other = saved(tmp_path / "other", project)
    panel._run_watcher.check()
    qtbot.waitUntil(lambda: shows(panel, runs[0]), timeout=20_000)
    panel._workspace.open(other)
    assert not panel.run_view.charts.isVisible()
    qtbot.waitUntil(lambda: shows(panel, runs[1]), timeout=20_000)
    panel._workspace.activate(document)
    qtbot.waitUntil(lambda: shows(panel, runs[0]), timeout=20_000)
    panel.hide()
    panel._workspace.activate(other)
    panel._run_watcher.check()
    panel.show()
    qtbot.waitUntil(lambda: shows(panel, runs[1]), timeout=20_000)


def test_why_a_run_ended_stands_above_its_curves(panel, document, tmp_path, qtbot):
    """It stood below the table of losses only, out of sight in a small window."""
    rule = {"patience": 1, "monitors": [{"name": "loss", "min_delta": 100.0}]}
    document.edit("Stop early", field_edits.set_recipe, {"stopping": rule, "epochs": 50})
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    with qtbot.waitSignal(panel.finished, timeout=30_000) as told:
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
    with qtbot.waitSignal(panel.finished, timeout=30_000):
        assert panel.train()
    table = panel.run_view.loss_table
    rows = {
        table.item(row, 0).text(): [table.item(row, column).text() for column in range(1, 5)]
        for row in range(table.rowCount())
    }
    assert list(rows) == ["a", "b", "Regularizers", "Total"]
    shares = [float(rows[name][3].rstrip("%")) for name in ("a", "b", "Regularizers")]
    assert sum(shares) == pytest.approx(100, abs=1.5)


def test_the_wheel_over_a_chart_scrolls_what_is_around_it(panel, document, tmp_path, qtbot):
    panel.resize(420, 420)
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    with qtbot.waitSignal(panel.finished, timeout=30_000):
        assert panel.train()
    charts = panel.run_view.charts
    plot = charts.charts[0].plot.widget.viewport()
    bar = charts.verticalScrollBar()
    assert bar.maximum() > 0
    middle = QPointF(plot.rect().center())
    down = QWheelEvent(
        middle, plot.mapToGlobal(middle), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QCoreApplication.sendEvent(plot, down)
    assert bar.value() > 0


@pytest.mark.parametrize("state", ["idle", "running", "paused", "stopping"])
@pytest.mark.parametrize("width", [380, 560, 900])
def test_the_bar_fits_whatever_width_there_is(panel, width, state):
    panel.bar.show_state(state, "")
    panel.resize(width + 20, 400)
    QCoreApplication.processEvents()
    assert panel.width() == width + 20
    for widget in panel.bar.findChildren(QPushButton):
        if widget.isVisible():
            right = widget.mapTo(panel.bar, QPoint(widget.width(), 0)).x()
            assert right <= panel.bar.width()
            assert widget.width() >= widget.minimumSizeHint().width()


def test_a_warning_said_again_and_again_is_shown_once(panel, qtbot):
    """A run of many hours does not fill the window with the same words."""
    fill(panel)
    warning = dataclasses.replace(_finding(), severity="warning")
    for _ in range(20):
        panel.run_view.add_warnings([warning])
    qtbot.waitUntil(lambda: said(panel).count("There is no data") == 1, timeout=1000)


def test_what_was_said_of_data_leaves_with_its_document(panel, document, tmp_path, qtbot):
    """Another document in front is not blamed for data that is not its own."""
    panel.set_data(write_rows(tmp_path / "rows.csv", ("x1", "x2", "a")))
    qtbot.waitUntil(lambda: "b" in said(panel), timeout=20_000)
    panel._workspace.open(Session())
    assert said(panel) == ""
    assert panel.bar._status.text() == ""


def test_data_is_checked_again_once_the_network_was_mended(panel, document, tmp_path, qtbot):
    """Nobody has to choose the data a second time to see whether it fits now."""
    panel.set_data(write_rows(tmp_path / "rows.csv", ("x1", "x2", "a")))
    qtbot.waitUntil(lambda: "does not fit" in panel.bar._status.text(), timeout=20_000)
    document.edit("Delete", node_edits.remove_node, "b")
    qtbot.waitUntil(lambda: "fits" in panel.bar._status.text(), timeout=20_000)
    assert said(panel) == ""


def test_findings_of_a_closed_document_have_no_use(panel, document, qtbot):
    """Its buttons can't be pressed, since there is nothing to show or mend any more."""
    panel.data_check.diagnostics_session = document
    panel.run_view.diagnostics.add_diagnostics([dataclasses.replace(_finding(), node="hidden")])
    (show,) = (b for b in panel.findChildren(QPushButton) if b.text() == "Show node")
    panel._workspace.close(document)
    assert not show.isEnabled()


def test_a_path_that_can_not_be_looked_at_is_told_as_gone(panel):
    """A name that is too long for the system raises where one asks for it."""
    panel.set_data(Path("/", "x" * 5000))
    assert "no longer there" in panel.disabled_reason()


def test_tool_tips_show_names_as_they_are(panel):
    """A path that looks like tags is not drawn as them."""
    panel.set_data(Path("<img src=x>.csv"))
    assert "&lt;img" in panel.bar.chooser._name.toolTip()
    assert "&lt;img" in button(panel, "training-train").toolTip()


def test_a_file_is_chosen_in_a_dialog(panel, tmp_path, qtbot):
    rows = write_rows(tmp_path / "rows.csv")
    panel.open_data_dialog()
    (dialog,) = panel.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(rows))
    dialog.close()
    assert panel.bar.chooser.data == rows
    assert button(panel, "training-train").isEnabled()
    panel.data_check.reset()


def test_epochs_that_can_not_be_read_are_told(panel, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    epochs = panel.findChild(QLineEdit, "training-epochs")
    assert epochs.text() == "3"
    type_anew(epochs, "0", qtbot)
    qtbot.keyClick(epochs, Qt.Key.Key_Return)
    assert not button(panel, "training-train").isEnabled()
    assert "Epochs" in button(panel, "training-train").toolTip()
    assert not panel.train()
    panel.data_check.reset()


def type_anew(line: QLineEdit, text: str, qtbot) -> None:
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)


def test_epochs_are_those_of_the_document_one_step_of_undo(panel, document, project, qtbot):
    """A number of the panel's own trained every other document for as long, and won unseen."""
    epochs = panel.findChild(QLineEdit, "training-epochs")
    other = Session(project)
    type_anew(epochs, "60", qtbot)
    qtbot.keyClick(epochs, Qt.Key.Key_Return)
    assert document.project.recipe["epochs"] == 60
    type_anew(epochs, "70", qtbot)
    panel._workspace.open(other)
    assert document.project.recipe["epochs"] == 70, "it was typed for that one"
    assert epochs.text() == "3"
    assert other.project is project
    panel._workspace.activate(document)
    assert epochs.text() == "70"
    document.undo()
    assert (epochs.text(), document.project.recipe["epochs"]) == ("60", 60)
    document.undo()
    assert document.project is project
    epochs.setFocus()
    epochs.selectAll()
    qtbot.keyClick(epochs, Qt.Key.Key_Delete)
    qtbot.keyClick(epochs, Qt.Key.Key_Return)
    assert "epochs" not in document.project.recipe
    assert epochs.placeholderText() == "10"


def test_epochs_that_are_being_typed_count_for_train(panel, document, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    type_anew(panel.findChild(QLineEdit, "training-epochs"), "2", qtbot)
    with qtbot.waitSignal(panel.finished, timeout=30_000):
        assert panel.train()
    assert document.project.recipe["epochs"] == 2
    assert len(panel.displayed_run.curves.epochs.steps) == 2


def test_data_is_remembered_with_the_document(panel, document, project, tmp_path, theme, qtbot):
    rows = write_rows(tmp_path / "rows.csv")
    panel.set_data(rows)
    again = TrainingPanel(Workspace(saved(tmp_path, project)), theme)
    qtbot.addWidget(again)
    assert again.bar.chooser.data == rows
    panel._workspace.open(Session(project))
    assert panel.bar.chooser.data is None
    panel._workspace.activate(document)
    assert panel.bar.chooser.data == rows


def test_a_template_offers_its_sample(qtbot, theme, tmp_path):
    project = parse(templates.read_template("penguins")).project
    session = saved(tmp_path, project)
    panel = TrainingPanel(Workspace(session), theme)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.bar.chooser.sample_name == "penguins"
    qtbot.mouseClick(button(panel, "training-sample"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.bar.chooser.data is not None, timeout=20_000)
    assert panel.bar.chooser.data == tmp_path / "tiny-data"
    assert (tmp_path / "tiny-data" / "train.csv").exists()
    panel.data_check.reset()


OUTPUTS = tuple(OutputInfo(name=name, loss="mse", metrics=("mae",)) for name in ("a", "b", "c"))


def fill(panel: TrainingPanel, count: int = 300) -> None:
    """Let a run tell things, without a process."""
    panel._show_new_run(panel._workspace.session)
    panel.displayed_run.run = Path("runs/tiny-001")
    panel.run_view.set_run(panel.displayed_run.run)
    values = tuple(1 / (1 + step) for step in range(count))
    panel._on_events(
        [
            RunStarted(run_id="r", rows=80, validation_rows=9, steps_per_epoch=100, epochs=9,
                       outputs=OUTPUTS),
            StepsDone(first=1, last=count, epoch=1, loss=values, learning_rate=values,
                      losses={head.name: values for head in OUTPUTS}),
            EpochDone(epoch=1, step=100, train={"loss": 0.5, "a/mae": 1.0},
                      validation={"loss": 0.6, "a/mae": 1.1, "a/loss": 0.6}),
        ]
    )  # fmt: skip
    panel.run_presenter.refresh()


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
    assert panel.run_view.loss_table.item(3, 1).text() == "2.0000"


def test_numbers_are_shown_now_and_then_while_much_is_unread(panel):
    """All that is drawn by then is drawn in vain; a second's reading is seen all the same."""
    fill(panel)
    panel.run_process._has_unread = True
    panel._on_events([StepsDone(first=301, last=301, loss=(2.0,))])
    shown = []
    for _ in range(6):
        panel.run_presenter._timer.timeout.emit()
        shown.append(panel.run_view.loss_table.item(len(OUTPUTS), 1).text() == "2.0000")
    assert shown == [False] * 5 + [True]
    panel.run_process._has_unread = False
    panel._on_events([StepsDone(first=302, last=302, loss=(3.0,))])
    panel.run_presenter._timer.timeout.emit()
    assert panel.run_view.loss_table.item(len(OUTPUTS), 1).text() == "3.0000"


def test_the_curves_of_a_long_run_are_kept_once_they_were_read(
    panel, document, project, tmp_path, monkeypatch, qtbot
):
    monkeypatch.setattr(cache, "MIN_CACHED_STEPS", 40)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    events = told(heads_of(project), epochs=4, steps=20)
    run = made_run(tmp_path / "runs" / "tiny-001", project, "tiny", events).path
    panel.attach(document, run)
    qtbot.waitUntil(lambda: cache.load_curves(run) is not None, timeout=10_000)
    qtbot.waitUntil(lambda: not panel.run_presenter._cache_job.is_running)
    curves = panel.displayed_run.curves
    panel.attach(document, run)
    assert panel.displayed_run.curves.step == 80  # at once
    for name, series in panel.displayed_run.curves.steps.items():
        np.testing.assert_array_equal(series.values, curves.steps[name].values)
        np.testing.assert_array_equal(series.running_mean, curves.steps[name].running_mean)


def test_silence_is_told(panel):
    fill(panel)
    panel.run_process.silent.emit(12)
    assert panel.bar._status.text() == "No event from the training for 12 s"
    panel.run_process.silent.emit(0)
    panel.run_presenter.refresh()
    assert panel.bar._status.text().startswith("Epoch 1 of 9")


def test_a_second_press_of_stop_asks_before_it_ends_the_child(panel, document, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    set_epochs(document, 100_000)
    outcomes = []
    panel.finished.connect(outcomes.append)
    assert panel.train()
    qtbot.waitUntil(lambda: panel.displayed_run.progress.step > 0, timeout=30_000)
    panel.run_process._trainer._process.send_signal(19)  # SIGSTOP: it can't answer a polite request
    panel.run_process._trainer.request_stop = lambda: None
    stop = button(panel, "training-stop")
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert panel.bar._status.text().startswith("Stopping after this step")
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    (box,) = panel.findChildren(QMessageBox)
    (end,) = (b for b in box.buttons() if b.text() == "Stop at once")
    qtbot.mouseClick(end, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(outcomes), timeout=5_000)
    assert outcomes[0].kind == "stopped"
    assert "at once" in outcomes[0].text


def test_every_control_has_a_name(panel):
    for widget in panel.findChildren(QPushButton):
        assert widget.text() or widget.accessibleName()


def test_runs_one_after_another_leave_no_charts_behind(panel, theme, qtbot):
    for count in (10, 20, 30):
        fill(panel, count)
        panel.run_view.charts.draw_now()
        panel.grab()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        theme.set_mode("light" if theme.is_dark else "dark")
    assert len(panel.findChildren(ChartGrid)) == 1
    assert len(panel.findChildren(Chart)) == len(panel.run_view.charts.charts)
