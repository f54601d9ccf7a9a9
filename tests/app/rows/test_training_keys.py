"""What keys and menus do with a training: a test for each row, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.graph.edits import field_edits
from tests.app.rows.menus import answer, choose, shown, trigger
from tests.app.training.made import made_run


def test_row_train(window, press, session):
    press("train")
    assert window.docks["Training"].isVisible()
    assert not window.panels.training.running, "a network with errors is not trained"


def test_row_stop(window):
    assert not window.action_manager.actions["stop"].isEnabled(), "nothing runs"


@pytest.mark.slow
def test_row_pause(window, live, press, qtbot):
    press("pause")
    qtbot.waitUntil(lambda: live.state == "paused")
    assert window.action_manager.actions["pause"].text() == "Continue"
    assert window.tool_bar.chip.text().startswith("Paused")
    press("pause")
    qtbot.waitUntil(lambda: live.state == "running")


@pytest.mark.slow
def test_row_checkpoint(window, live, qtbot):
    trigger(window, "checkpoint")
    qtbot.waitUntil(lambda: live.displayed_run.curves.checkpoint is not None)


@pytest.mark.slow
def test_row_resume(window, live, press, qtbot):
    assert not window.action_manager.actions["resume"].isEnabled()
    press("stop")
    qtbot.waitUntil(lambda: live.state == "idle")
    run = live.displayed_run.run
    press("resume")
    assert live.running
    assert live.displayed_run.run == run


@pytest.mark.slow
def test_row_restart(window, live, press, qtbot):
    run = live.displayed_run.run
    press("restart")
    qtbot.waitUntil(lambda: live.displayed_run.run != run)
    assert live.running


@pytest.mark.slow
@pytest.mark.parametrize("choice", ["Keep training", "Stop training"])
def test_closing_the_window_asks_what_becomes_of_the_training(window, live, qtbot, choice):
    """Escape keeps both."""
    window.workspace.session.undo_history.mark_saved()
    window.close()
    question = shown(window)
    assert "Keep training" in question.title
    QTest.keyClick(question, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert window.isVisible()
    assert live.running
    window.close()
    choose(window, choice)
    qtbot.waitUntil(lambda: not window.isVisible())
    if choice == "Keep training":
        assert live.running
    else:
        qtbot.waitUntil(lambda: live.state == "idle")


@pytest.mark.slow
def test_row_last_run(window, sound, session, tmp_path, qtbot):
    session.path = tmp_path / "net.loom.json"
    made_run(tmp_path / "runs" / "net-001", session.project, "net")
    window.panels.training._run_watcher.check()
    assert window.tool_bar.chip.text() == "Trained: net-001"
    trigger(window, "last-run")
    qtbot.waitUntil(lambda: not window.panels.training.run_process.following)
    assert window.panels.training.displayed_run.curves.step == 200
    session.edit("Units", field_edits.set_params, "a", {"units": 9})
    session.current_report()
    assert window.tool_bar.chip.text() == "Edited since net-001"


@pytest.fixture
def curves(window, sound, session, tmp_path, qtbot):
    """The curves of a run that has ended."""
    session.path = tmp_path / "net.loom.json"
    made_run(tmp_path / "runs" / "net-001", session.project, "net")
    window.dock_layout.show_panel("Training")
    window.panels.training._run_watcher.check()
    window.panels.training.open_last_run()
    qtbot.waitUntil(lambda: not window.panels.training.run_process.following)
    return window.panels.training.run_view


@pytest.mark.slow
def test_row_curves_log(window, curves):
    trigger(window, "curves-log")
    assert curves.view_options.options.log_scale
    assert window.action_manager.actions["curves-log"].isChecked()
    trigger(window, "curves-log")
    assert not curves.view_options.options.log_scale


def test_row_curves_whole(window, curves):
    curves.view_options.update(zoom_range=(10, 50))
    assert window.panels.training.bar._extent.currentText() == "Steps 10 to 50"
    trigger(window, "curves-whole")
    assert curves.view_options.options.zoom_range is None


@pytest.mark.slow
def test_row_export_curves_png(window, curves, tmp_path, qtbot):
    files = [tmp_path / f"curves.{ending}" for ending in ("png", "svg", "csv")]
    for file in files:
        trigger(window, f"export-curves-{file.suffix[1:]}")
        answer(window, file)
        qtbot.waitUntil(file.is_file)
    assert QImage(str(files[0])).width() > 400
    assert "Total loss" in files[1].read_text()
    assert len(files[2].read_text().splitlines()) == 201


@pytest.mark.slow
def test_row_choose_data(window, tmp_path):
    data = tmp_path / "rows.csv"
    data.write_text("x,y\n1,2\n")
    trigger(window, "choose-data")
    answer(window, data)
    assert window.panels.training.bar.chooser.data == data


def test_row_choose_data_takes_a_folder_whose_path_is_typed(window, tmp_path):
    trigger(window, "choose-data")
    answer(window, tmp_path)
    assert window.panels.training.bar.chooser.data == tmp_path


ROWS = ("export-curves-svg", "export-curves-csv")
