"""A run that began before its document had a file lies beside that file once there is one."""

import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.documents.session import Session
from app.shell.main_window import MainWindow
from app.training.process.run_files import user_data_folder
from engine.runs.folder.run_folder import RunFolder
from engine.runs.state.run_state import read_state
from tests.app.training.conftest import set_epochs, write_rows
from tests.app.training.made import made_run
from tests.app.windows import opened

pytestmark = pytest.mark.slow


@pytest.fixture
def window(qtbot, project):
    with opened(qtbot, Session(project, title="fruit"), is_new=True) as window:
        yield window
        if window.panels.training.running:
            window.panels.training.run_process.kill()
            qtbot.waitUntil(lambda: not window.panels.training.running)


def trained(window: MainWindow, tmp_path: Path, qtbot) -> Path:
    """Train the document in front to its end, and answer the run."""
    window.dock_layout.show_expanded("Training")
    window.panels.training.set_data(write_rows(tmp_path / "rows.csv"))
    with qtbot.waitSignal(window.panels.training.finished):
        assert window.panels.training.train()
    run = window.panels.training.displayed_run.run
    assert run is not None
    return run


def chip(window: MainWindow) -> str:
    return window.tool_bar.chip.text()


def listed(window: MainWindow) -> list[str]:
    """Return the runs that the panel of runs lists."""
    window.dock_layout.show_panel("Runs")
    return [entry.name for entry in window.panels.runs.table.runs.entries]


def runs_in(place: Path) -> list[str]:
    runs = place / "runs"
    return sorted(entry.name for entry in runs.iterdir()) if runs.is_dir() else []


def test_with_the_first_save_runs_move_beside_the_file_and_all_that_is_shown_follows(
    window, tmp_path, qtbot
):
    """Data, Train, Save: that is the order in which people work."""
    home = tmp_path / "home of fruit"
    home.mkdir()
    first, second = trained(window, tmp_path, qtbot), trained(window, tmp_path, qtbot)
    assert [first.parent, second.parent] == [user_data_folder() / "runs"] * 2
    foreign = made_run(
        user_data_folder() / "runs" / "fruit-007", window.workspace.session.project, "fruit"
    )
    window.document_manager.saver.save_to(window.workspace.session, home / "apples.loom.json")
    assert runs_in(home) == ["apples-001", "apples-002"]
    assert runs_in(user_data_folder()) == [foreign.name], "another document's run is left alone"
    run = home / "runs" / "apples-002"
    assert RunFolder.open(run).record["name"] == "apples"
    told = window.statusBar().currentMessage()
    assert told.startswith("Saved apples.loom.json. Moved apples-001, apples-002 into ")
    assert window.panels.training.displayed_run.run == run
    assert window.panels.training.run_view.charts.isVisible()
    assert "apples-002" in window.panels.training.run_view._heading.text()
    assert window.panels.results.run == run
    qtbot.waitUntil(lambda: window.panels.training.last_run == run)
    assert chip(window) == "Trained: apples-002"
    qtbot.waitUntil(lambda: listed(window) == ["apples-001", "apples-002"])
    set_epochs(window.workspace.session, 2)
    third = trained(window, tmp_path, qtbot)
    assert third == home / "runs" / "apples-003"


def test_a_reopened_document_shows_the_curves_of_its_run(window, tmp_path, qtbot):
    """It was trained before it was saved; its tab is closed and its file opened again."""
    trained(window, tmp_path, qtbot)
    session, file = window.workspace.session, tmp_path / "fruit.loom.json"
    window.document_manager.saver.save_to(session, file)
    window.document_manager.close_prompts.close(session)
    assert window.document_manager.open(file)
    training = window.panels.training
    qtbot.waitUntil(
        lambda: (
            training.displayed_run.outcome is not None
            and training.run_presenter.is_current_document
        )
    )
    assert training.displayed_run.run == tmp_path / "runs" / "fruit-001"
    assert training.run_view.charts.isVisible()
    assert chip(window) == "Trained: fruit-001"


def test_a_run_that_goes_on_moves_once_it_has_ended(window, tmp_path, qtbot):
    window.dock_layout.show_expanded("Training")
    window.panels.training.set_data(write_rows(tmp_path / "rows.csv"))
    set_epochs(window.workspace.session, 1_000_000)
    assert window.panels.training.train()
    window.document_manager.saver.save_to(window.workspace.session, tmp_path / "fruit.loom.json")
    assert (
        "fruit-001 will be moved next to it when training ends."
        in window.statusBar().currentMessage()
    )
    assert runs_in(tmp_path) == []
    qtbot.waitUntil(lambda: window.panels.training.state == "running")
    assert chip(window).startswith("Training")
    with qtbot.waitSignal(window.panels.training.finished):
        window.panels.training.stop()
    run = tmp_path / "runs" / "fruit-001"
    assert window.panels.training.displayed_run.run == run
    assert window.statusBar().currentMessage().startswith("Moved fruit-001 into ")
    steps = window.panels.training.displayed_run.curves.step
    assert read_state(run).step == steps
    assert window.panels.training.resume(), "it goes on where it lies"
    qtbot.waitUntil(lambda: window.panels.training.displayed_run.curves.step > steps)
    assert (
        len(window.panels.training.displayed_run.curves.steps["loss"])
        == window.panels.training.displayed_run.curves.step
    )


def test_a_run_that_can_not_move_stays_is_said_and_is_found_again(window, tmp_path, qtbot):
    run = trained(window, tmp_path, qtbot)
    (tmp_path / "runs").write_text("in the way")
    session, file = window.workspace.session, tmp_path / "fruit.loom.json"
    window.document_manager.saver.save_to(session, file)
    assert run.is_dir()
    assert f"Left fruit-001 in {run.parent}: " in window.statusBar().currentMessage()
    qtbot.wait(50)
    assert chip(window) == "Trained: fruit-001"
    window.document_manager.close_prompts.close(session)
    window.document_manager.open(file)
    qtbot.waitUntil(lambda: window.panels.training.last_run == run)
    (tmp_path / "runs").unlink()
    window.document_manager.saver.save_to(window.workspace.session, tmp_path / "pears.loom.json")
    assert runs_in(tmp_path) == ["pears-001"]


def test_another_document_of_the_same_name_has_no_part_in_it(window, project, tmp_path, qtbot):
    """Untitled documents come and go; each has the runs that it has begun itself."""
    trained(window, tmp_path, qtbot)
    window.workspace.open(Session(project, title="fruit"))
    QApplication.processEvents()
    assert chip(window) == "Valid, not trained"
    window.document_manager.saver.save_to(window.workspace.session, tmp_path / "fruit.loom.json")
    assert runs_in(tmp_path) == []
    assert runs_in(user_data_folder()) == ["fruit-001"]


def test_a_document_that_a_crash_left_brings_its_runs(window, tmp_path, qtbot):
    set_epochs(window.workspace.session, 2)
    trained(window, tmp_path, qtbot)
    window.document_manager.autosave.write()
    (slot,) = (user_data_folder() / "recovery").rglob("*.recovery.json")
    left = user_data_folder() / "recovery" / "9999999-dead" / slot.name
    left.parent.mkdir()
    shutil.copy(slot, left)
    os.utime(left)
    (found,) = window.document_manager.recoverable_documents()
    window.document_manager.recover(found)
    qtbot.waitUntil(lambda: chip(window) == "Trained: fruit-001")
    window.document_manager.saver.save_to(window.workspace.session, tmp_path / "fruit.loom.json")
    assert runs_in(tmp_path) == ["fruit-001"]
