"""A run that goes on is found, shown from its first step, steered, and gone on with."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.panel.loss_table import LossTable
from app.training.panel.panel import TrainingPanel
from engine.runs.log.lock import lock_holder
from engine.runs.state.run_state import read_state
from tests.app.training.conftest import saved, write_rows
from tests.app.training.panel.driving import button, said
from tests.app.windows import training_panel

pytestmark = pytest.mark.slow

ENDLESS = 1_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="module")
def terminal(project, folder) -> Iterator[Path]:
    """A run that a terminal started."""
    session = saved(folder, project)
    session.deleteLater()
    rows = write_rows(folder / "rows.csv")
    run = folder / "runs" / "tiny-001"
    run.parent.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", "train", str(folder / "tiny.loom.json"), "--data",
         str(rows), "--run", str(run), "--epochs", str(ENDLESS)],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yield run
    process.kill()
    process.wait()


@pytest.fixture
def panel(qtbot, project, folder, terminal, theme) -> Iterator[TrainingPanel]:
    panel = training_panel(Workspace(saved(folder, project)), theme)
    panel.resize(1100, 420)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    yield panel
    panel.run_process.detach()


def press(panel: TrainingPanel, name: str) -> None:
    each = button(panel, f"training-{name}")
    assert each.isVisible()
    assert each.isEnabled()
    QTest.mouseClick(each, Qt.MouseButton.LeftButton)


def turn(panel: TrainingPanel, name: str, text: str) -> None:
    field = panel.findChild(QLineEdit, f"training-{name}")
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def type_weight(table: LossTable, text: str) -> QLineEdit:
    """Type a loss weight of the first output, without Enter."""
    table.setCurrentCell(0, 3)
    table.editItem(table.item(0, 3))
    editor = table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, text)
    return editor


def state_is(panel: TrainingPanel, state: str):
    return lambda: panel.state == state


def holds(panel: TrainingPanel, run: Path) -> None:
    """The panel has exactly the numbers that the run folder has."""
    state, curves = read_state(run), panel.displayed_run.curves
    for name, curve in state.steps.items():
        np.testing.assert_array_equal(curves.steps[name].values, curve.values)
    for name, points in state.validation.items():
        assert curves.validation[name].values == points.values


def test_a_run_of_a_terminal_is_found_steered_killed_and_gone_on_with(panel, terminal, qtbot):
    """One document's run, from attaching to it to its last step."""
    qtbot.waitUntil(state_is(panel, "running"))
    assert panel.displayed_run.run == terminal
    assert not panel.run_process.is_own_process
    assert panel.displayed_run.curves.steps["loss"].values[0] > 0, "shown from its first step"

    press(panel, "pause")
    qtbot.waitUntil(state_is(panel, "paused"))
    assert button(panel, "training-pause").text() == "Continue"
    assert panel.bar._status.text().startswith("Paused")
    step = panel.displayed_run.curves.step
    turn(panel, "learning-rate", "0.0005")
    qtbot.waitUntil(lambda: "learning rate 0.001 → 0.0005" in said(panel))
    press(panel, "revert")
    qtbot.waitUntil(lambda: "learning rate 0.0005 → 0.001" in said(panel))
    assert not panel.run_view.revert_button.isVisible(), "nothing else was changed"
    turn(panel, "learning-rate", "0.0005")
    qtbot.waitUntil(lambda: said(panel).count("learning rate 0.001 → 0.0005") == 2)
    turn(panel, "patience", "3")
    qtbot.waitUntil(lambda: "patience" in said(panel))
    turn(panel, "patience", "100000")
    qtbot.waitUntil(lambda: panel.bar.live_fields._current[1] == 100_000)
    table = panel.run_view.loss_table
    type_weight(table, "7")
    panel.bar.live_fields.learning_rate.setFocus()
    assert table.item(0, 3).text() == "1", "a weight that was left half typed"
    qtbot.waitUntil(lambda: table.findChild(QLineEdit) is None)
    QTest.keyClick(type_weight(table, "0,25"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: table.item(0, 3).text() == "0.25")
    assert panel.displayed_run.curves.step == step, "it waited"
    press(panel, "save")
    qtbot.waitUntil(lambda: f"step {step:,}" in panel.run_view._checkpoint_label.text())
    press(panel, "pause")
    qtbot.waitUntil(lambda: panel.displayed_run.curves.step > step)
    assert panel.displayed_run.curves.steps["learning_rate"].values[step] == 0.0005

    os.kill(lock_holder(terminal).pid, signal.SIGKILL)
    qtbot.waitUntil(state_is(panel, "idle"))
    assert "ended without a message" in said(panel)
    assert "Resume continues from step" in said(panel)
    press(panel, "resume")
    qtbot.waitUntil(state_is(panel, "running"))
    assert panel.run_process.is_own_process
    step = panel.displayed_run.curves.step
    qtbot.waitUntil(lambda: panel.displayed_run.curves.step > step + 5)
    assert panel.bar.live_fields.learning_rate.value == 0.0005, "what was asked for still holds"
    press(panel, "stop")
    qtbot.waitUntil(state_is(panel, "idle"))
    assert "Stopped after step" in said(panel)
    holds(panel, terminal)


def test_the_last_run_is_shown_with_its_curves_unasked(panel, terminal, qtbot):
    """Runs after the test above: the run has ended."""
    qtbot.waitUntil(lambda: panel.last_run == terminal)
    qtbot.waitUntil(lambda: "Stopped after step" in said(panel))
    holds(panel, terminal)
    assert panel.run_view.charts.isVisible()
    assert panel.resumable
    assert not panel.running


def test_a_refused_request_is_said_in_words_and_taken_back(panel, terminal, qtbot):
    panel.open_last_run()
    qtbot.waitUntil(lambda: panel.resumable)
    assert panel.resume()
    qtbot.waitUntil(state_is(panel, "running"))
    turn(panel, "learning-rate", "0.01")
    qtbot.waitUntil(lambda: "0.01" in said(panel))
    panel.run_controls._on_weight_requested("a", -1.0)
    qtbot.waitUntil(lambda: "can't be -1" in said(panel))
    assert "rejected" in panel.bar._status.text() or "rejected" in said(panel)
    assert panel.run_view.loss_table.item(0, 3).text() == "0.25"
    panel.run_process.kill()
    qtbot.waitUntil(state_is(panel, "idle"))


def test_a_run_that_nobody_trains_any_more_is_not_followed(panel, qtbot):
    panel._run_watcher.check()
    assert not panel.running
    qtbot.waitUntil(lambda: not panel.run_process.following)
    panel._run_watcher.check()
    assert not panel.run_process.following
    assert isinstance(panel._workspace.session, Session)
