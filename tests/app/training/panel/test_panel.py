"""From a document and its data to a training, by the panel's own controls."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QPushButton

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.panel.panel import TrainingPanel
from engine.core.diagnostic import Diagnostic, Fix
from engine.graph import templates
from engine.graph.edits import field_edits
from engine.graph.serialization.file import parse
from engine.runs.log.event_log import read_events
from engine.runs.log.lock import lock_holder
from engine.runs.state.run_state import read_state
from tests.app.training.conftest import saved, set_epochs, write_rows
from tests.app.training.panel.driving import button, fill, said
from tests.app.windows import training_panel


def test_nothing_is_offered_to_go_on_with_before_the_first_run(panel):
    """A button that does nothing would be a riddle."""
    shown = [each.text() for each in panel.findChildren(QPushButton) if each.isVisible()]
    assert "Train" in shown
    assert not [text for text in shown if text.startswith(("Continue", "Resume"))]


@pytest.mark.slow
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
        qtbot.waitUntil(lambda: panel.state == "running")
        assert offered(panel) == ["Restart", "Pause", "Stop", "Save now"]
        places.add(places_of(panel))
        qtbot.mouseClick(button(panel, "training-stop"), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: panel.state == "idle")
        assert offered(panel) == ["Train", "Resume"]
        places.add(places_of(panel))
        qtbot.mouseClick(button(panel, "training-resume"), Qt.MouseButton.LeftButton)
        assert offered(panel) == ["Stop"]
    panel.run_process.kill()
    qtbot.waitUntil(lambda: panel.state == "idle")
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
    assert panel.disabled_reason() == "Training is running. Stop it first."
    qtbot.waitUntil(lambda: bool(outcomes))
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


def test_a_fix_is_one_press_and_one_undo_step(panel, document, qtbot):
    fix = Fix("Use 8 units.", {"do": "set_params", "node": "hidden", "params": {"units": 8}})
    panel.check_presenter.diagnostics_session = document
    error = dataclasses.replace(_finding(), fixes=(fix,))
    panel.run_view.diagnostics.add_diagnostics([error])
    (press,) = (b for b in panel.findChildren(QPushButton) if b.text() == "Use 8 units")
    qtbot.mouseClick(press, Qt.MouseButton.LeftButton)
    assert document.graph.by_name["hidden"].params["units"] == 8
    document.undo()
    assert document.graph.by_name["hidden"].params["units"] == 4


def _finding():

    return Diagnostic("data-not-found", "there is no data", found="x" * 10_000)


@pytest.mark.slow
def test_why_train_is_grey_is_said_beside_older_curves(panel, document, tmp_path):
    """Nobody has to find the tool tip; once it is mended, nothing is said."""
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    panel.check_presenter.reset()
    fill(panel)
    document.edit("Set units", field_edits.set_params, "hidden", {"units": -1})
    document.current_report()
    assert "hidden" in panel.bar._status.text()
    document.undo()
    document.current_report()
    assert panel.bar._status.text() == ""


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
    devices = panel.bar.devices
    right = devices.mapTo(panel.bar, QPoint(devices.width(), 0)).x()
    assert right <= panel.bar.width() or not devices.isVisible()


def test_devices_are_named_by_the_settings(panel, document, qtbot):
    devices = panel.findChild(QLineEdit, "training-devices")
    assert panel.bar.devices.options() == []
    for device, name in (("auto", "Devices"), ("cpu", "Processes"), ("cuda", "GPUs")):
        document.edit("Set", field_edits.set_recipe, {"device": device})
        assert (panel.bar.devices.label.text(), devices.accessibleName()) == (name, name)
    type_anew(devices, "0", qtbot)
    qtbot.keyClick(devices, Qt.Key.Key_Return)
    assert panel.bar.field_problem.startswith("GPUs: ")


@pytest.mark.slow
def test_a_training_in_two_processes_is_one_run_and_stop_at_once_ends_both(
    panel, document, tmp_path, qtbot
):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    set_epochs(document, 100_000)
    outcomes = []
    panel.finished.connect(outcomes.append)
    type_anew(panel.findChild(QLineEdit, "training-devices"), "2", qtbot)
    qtbot.mouseClick(button(panel, "training-train"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.displayed_run.progress.steps_per_second > 0)
    assert [entry.name for entry in (tmp_path / "runs").iterdir()] == [panel.run_process.run.name]
    text = panel.displayed_run.progress.text()
    assert "2 processes (cpu)" in text
    assert "rows/s" in text
    run = panel.run_process.run
    panel.attach(document, run)  # as a window does that was opened later
    assert not panel.run_process.is_own_process
    panel.stop()
    panel.run_process.kill()
    qtbot.waitUntil(lambda: bool(outcomes))
    assert outcomes[0].kind == "stopped"
    assert lock_holder(run) is None


@pytest.mark.slow
def test_a_warning_said_again_and_again_is_shown_once(panel, qtbot):
    """A run of many hours does not fill the window with the same words."""
    fill(panel)
    warning = dataclasses.replace(_finding(), severity="warning")
    for _ in range(20):
        panel.run_view.add_warnings([warning])
    qtbot.waitUntil(lambda: said(panel).count("There is no data") == 1)


@pytest.mark.slow
def test_what_was_said_of_data_leaves_with_its_document(panel, document, tmp_path, qtbot):
    """Another document in front is not blamed for data that is not its own."""
    panel.set_data(write_rows(tmp_path / "rows.csv", ("x1", "x2", "a")))
    qtbot.waitUntil(lambda: "b" in said(panel))
    panel._workspace.open(Session())
    assert said(panel) == ""
    assert panel.bar._status.text() == ""


def test_findings_of_a_closed_document_have_no_use(panel, document, qtbot):
    """Its buttons can't be pressed, since there is nothing to show or mend any more."""
    panel.check_presenter.diagnostics_session = document
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


def test_epochs_that_can_not_be_read_are_told(panel, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    epochs = panel.findChild(QLineEdit, "training-epochs")
    assert epochs.text() == "3"
    type_anew(epochs, "0", qtbot)
    qtbot.keyClick(epochs, Qt.Key.Key_Return)
    assert not button(panel, "training-train").isEnabled()
    assert "Epochs" in button(panel, "training-train").toolTip()
    assert not panel.train()
    panel.check_presenter.reset()


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
    assert panel.train()
    assert document.project.recipe["epochs"] == 2
    panel.run_process.kill()
    qtbot.waitUntil(lambda: not panel.running)


def test_data_is_remembered_with_the_document(panel, document, project, tmp_path, theme, qtbot):
    rows = write_rows(tmp_path / "rows.csv")
    panel.set_data(rows)
    again = training_panel(Workspace(saved(tmp_path, project)), theme)
    qtbot.addWidget(again)
    assert again.bar.chooser.data == rows
    panel._workspace.open(Session(project))
    assert panel.bar.chooser.data is None
    panel._workspace.activate(document)
    assert panel.bar.chooser.data == rows


@pytest.mark.slow
def test_a_template_offers_its_sample(qtbot, theme, tmp_path):
    project = parse(templates.read_template("penguins")).project
    session = saved(tmp_path, project)
    panel = training_panel(Workspace(session), theme)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.bar.chooser.sample_name == "penguins"
    qtbot.mouseClick(button(panel, "training-sample"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.bar.chooser.data is not None)
    assert panel.bar.chooser.data == tmp_path / "tiny-data"
    assert (tmp_path / "tiny-data" / "train.csv").exists()
    panel.check_presenter.reset()


@pytest.mark.slow
def test_train_goes_on_once_the_data_is_chosen(qtbot, theme, tmp_path):
    """A template is trained with two presses: Train, and its sample data."""
    session = saved(tmp_path, parse(templates.read_template("penguins")).project)
    set_epochs(session, 1)
    panel = training_panel(Workspace(session), theme)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.mouseClick(button(panel, "training-train"), Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert [action.text() for action in menu.actions()] == ["A file…", "A folder…", "Sample data"]
    with qtbot.waitSignal(panel.finished, timeout=120_000) as ended:
        QTest.keyClick(menu, Qt.Key.Key_Return)
    assert ended.args[0].kind == "completed"


def test_what_is_trained_stays_the_same_once_the_data_is_chosen(
    panel, document, tmp_path, monkeypatch
):
    """Data that is missing is asked for; then the run to start from and the options still hold."""
    started, asked = [], []
    monkeypatch.setattr(panel.run_process, "start", lambda *given: started.append(given))
    monkeypatch.setattr(panel.bar.chooser, "request_data", asked.append)
    data = write_rows(tmp_path / "rows.csv")
    assert panel.train(warm_start_run=tmp_path / "earlier", options=["--on", "host"]) is False
    (on_chosen,) = asked
    on_chosen(data)
    ((_, used, run, options),) = started
    assert (used, run, options[:2]) == (data, tmp_path / "earlier", ["--on", "host"])


@pytest.mark.slow
def test_a_second_press_of_stop_asks_before_it_ends_the_child(panel, document, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    set_epochs(document, 100_000)
    outcomes = []
    panel.finished.connect(outcomes.append)
    assert panel.train()
    qtbot.waitUntil(lambda: panel.displayed_run.progress.step > 0)
    panel.run_process._trainer._process.send_signal(19)  # SIGSTOP: it can't answer a polite request
    panel.run_process._trainer.request_stop = lambda: None
    stop = button(panel, "training-stop")
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert panel.bar._status.text().startswith("Stopping after this step")
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    (box,) = panel.findChildren(QMessageBox)
    (end,) = (b for b in box.buttons() if b.text() == "Stop at once")
    qtbot.mouseClick(end, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(outcomes))
    assert outcomes[0].kind == "stopped"
    assert "at once" in outcomes[0].text
