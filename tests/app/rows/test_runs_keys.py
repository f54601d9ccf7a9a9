"""What keys and menus do with runs: a test for each row, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.graph.edits import node_edits
from engine.runs.folder.notes import read_notes
from engine.runs.state.run_state import read_state
from tests.app.rows.menus import answer, trigger
from tests.app.training.made import made_run

pytestmark = pytest.mark.slow


@pytest.fixture
def runs(window, sound, session, tmp_path, qtbot):
    """Two runs of the network, of which the second has another node; the second is chosen."""
    session.path = tmp_path / "net.loom.json"
    place = tmp_path / "runs"
    made_run(place / "net-001", session.project, "net")
    made_run(place / "net-002", node_edits.add_node(session.project, "Dropout", "drop"), "net")
    window.dock_layout.show_panel("Runs")
    panel = window.panels.runs
    qtbot.waitUntil(lambda: len(panel.table.runs.entries) == 2)
    panel.table.select({place / "net-002"})
    return panel


def test_row_runs(window, press):
    press("runs")
    assert window.docks["Runs"].isVisible()
    assert window.panels.runs.isVisible()


def test_row_runs_folder(window, runs, tmp_path, qtbot):
    made_run(tmp_path / "elsewhere" / "runs" / "copied-001", window.workspace.session.project, "c")
    trigger(window, "runs-folder")
    answer(window, tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: [e.name for e in runs.table.listed] == ["copied-001"])


def test_row_run_show(window, runs, qtbot):
    trigger(window, "run-show")
    qtbot.waitUntil(lambda: not window.panels.training.run_process.following)
    assert window.panels.training.displayed_run.run.name == "net-002"
    assert window.panels.training.isVisible()


def test_row_run_graph(window, runs):
    trigger(window, "run-graph")
    assert "drop" in window.workspace.session.graph
    assert window.workspace.session.title == "net-002"
    assert window.workspace.session.path is None


def test_row_run_compare(window, runs, qtbot):
    assert not window.action_manager.actions["run-compare"].isEnabled()
    runs.table.selectAll()
    trigger(window, "run-compare")
    tree = runs.details.diff_tree
    qtbot.waitUntil(lambda: tree.comparison is not None)
    QTest.mouseClick(runs.details.canvas_button, Qt.MouseButton.LeftButton)
    session = window.workspace.session
    assert session.title == "net-002 vs net-001"
    assert session.selection == ("drop",)
    assert "New since net-001" in [frame["title"] for frame in session.project.view["frames"]]


def test_row_run_again(window, live, press, qtbot):
    """It trains with the same settings, into a folder of its own."""
    qtbot.waitUntil(lambda: live.displayed_run.curves.step > 3)
    press("stop")
    qtbot.waitUntil(lambda: live.state == "idle")
    first = live.displayed_run.run
    window.dock_layout.show_panel("Runs")
    qtbot.waitUntil(lambda: len(window.panels.runs.table.runs.entries) == 1)
    window.panels.runs.table.selectAll()
    qtbot.waitUntil(window.action_manager.actions["run-again"].isEnabled)
    trigger(window, "run-again")
    assert live.running
    assert live.displayed_run.run.name == "net-002"
    qtbot.waitUntil(lambda: live.displayed_run.curves.step > 3)
    before = list(read_state(first).steps["loss"].values[:3])
    assert list(live.displayed_run.curves.steps["loss"].values[:3]) == before


def test_row_run_from(window, live, press, qtbot):
    press("stop")
    qtbot.waitUntil(lambda: live.state == "idle")
    window.dock_layout.show_panel("Runs")
    qtbot.waitUntil(lambda: len(window.panels.runs.table.runs.entries) == 1)
    window.panels.runs.table.selectAll()
    # The trainer's process ends a moment after its run does, and only then is another offered.
    qtbot.waitUntil(window.action_manager.actions["run-from"].isEnabled)
    trigger(window, "run-from")
    assert live.running
    qtbot.waitUntil(lambda: live.state == "running")


def test_row_run_star(window, runs, tmp_path):
    trigger(window, "run-star")
    assert read_notes(tmp_path / "runs" / "net-002").star


def test_row_run_rename(window, runs, tmp_path):
    trigger(window, "run-rename")
    editor = runs.table.viewport().findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "better")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert read_notes(tmp_path / "runs" / "net-002").name == "better"


def test_row_run_note(window, runs, tmp_path):
    trigger(window, "run-note")
    QTest.keyClicks(QApplication.focusWidget(), "with a dropout")
    runs.details.note.save()
    assert read_notes(tmp_path / "runs" / "net-002").text == "with a dropout"


def test_row_run_delete(window, runs, tmp_path):
    trigger(window, "run-delete")
    assert not (tmp_path / "runs" / "net-002").exists()
    trigger(window, "run-restore")
    assert (tmp_path / "runs" / "net-002").exists()


def test_a_run_has_a_menu_of_its_own(window, runs):
    menu = window.action_manager.context_menu("run", window)
    texts = [entry.text() for entry in menu.actions() if not entry.isSeparator()]
    assert texts[:2] == ["Show curves", "Open graph"]
    assert "Compare two runs" not in texts
    menu.close()


ROWS = ("run-restore",)
