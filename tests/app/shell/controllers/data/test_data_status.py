"""Errors in the data are told in chip, status bar and tab, and a click leads to them."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.shell.controllers.data import data_status
from engine.graph.edits import field_edits, node_edits
from engine.graph.serialization.file import parse
from tests.app.training.conftest import TEXT, saved, write_rows
from tests.app.windows import opened, settle

pytestmark = pytest.mark.slow


def test_errors_of_the_data_are_told_until_they_are_mended(tmp_path, qtbot):
    """The chip said "Valid, not trained" while the checks of the data held an error."""
    document = saved(tmp_path, parse(json.dumps(TEXT).encode()).project)
    rows = write_rows(tmp_path / "rows.csv", ("x1", "x2", "a"))
    with opened(qtbot, document) as window:
        chip, status = window.tool_bar.chip, window.status_bar
        assert (chip.text(), status.problems_button.text()) == ("Valid, not trained", "No problems")
        assert not status.data_errors_button.isVisible()
        assert "This network can be trained." in seen(window.panels.problems)
        document.data_path = rows
        qtbot.waitUntil(lambda: chip.text() == "Data: 1 error")
        assert status.data_errors_button.text() == "Data: 1 error"
        assert status.data_errors_button.isVisible()
        assert not status.problems_button.isVisible()
        assert window.docks["Data"].windowTitle() == "Data (1)"
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        settle()
        assert window.panels.data.isVisible()
        assert window.panels.data.tabs.tabText(window.panels.data.tabs.currentIndex()) == "Checks"
        qtbot.waitUntil(lambda: window.panels.data.data_check.error_count == 1)
        window.dock_layout.show_panel("Problems")
        told = seen(window.panels.problems)
        assert "The data has 1 error" in told
        assert "This network can be trained." not in told
        qtbot.mouseClick(status.data_errors_button, Qt.MouseButton.LeftButton)
        assert window.panels.data.isVisible()
        write_rows(rows)
        qtbot.waitUntil(lambda: chip.text() == "Valid, not trained")
        assert window.docks["Data"].windowTitle() == "Data"
        assert not status.data_errors_button.isVisible()
        assert status.problems_button.isVisible()


def test_train_in_the_tool_bar_follows_a_file_that_goes_and_comes_back(tmp_path, qtbot):
    """Whatever panel is in front, and whichever document was: button and key agree."""
    project = parse(json.dumps(TEXT).encode()).project
    document, other = saved(tmp_path, project), saved(tmp_path / "other", project)
    document.data_path = rows = write_rows(tmp_path / "rows.csv")
    other.data_path = write_rows(tmp_path / "other" / "rows.csv")
    with opened(qtbot, document, other) as window:
        window.dock_layout.show_panel("Problems")
        window.workspace.activate(document)
        train = window.tool_bar.widgetForAction(window.action_manager.actions["train"])
        assert train.isEnabled()
        away = rows.rename(tmp_path / "away.csv")
        qtbot.waitUntil(lambda: not train.isEnabled())
        qtbot.keyClick(window, Qt.Key.Key_F5)
        assert not window.panels.training.running
        assert "no longer there" in window.panels.training.disabled_reason()
        window.dock_layout.show_panel("Problems")
        away.rename(rows)
        qtbot.waitUntil(train.isEnabled)
        assert window.panels.training.disabled_reason() == ""
        qtbot.keyClick(window, Qt.Key.Key_F5)
        assert window.panels.training.running
        window.panels.training.run_process.kill()
        qtbot.waitUntil(lambda: not window.panels.training.running)


def test_data_of_an_earlier_start_is_checked_without_anybody_asking(tmp_path, qtbot):
    """The chip said "Valid" until the data was chosen again or trained on."""
    document = saved(tmp_path, parse(json.dumps(TEXT).encode()).project)
    document.data_path = write_rows(tmp_path / "rows.csv", ("x1", "x2", "a"))
    with opened(qtbot) as window:
        assert window.document_manager.open(document.path)
        window.dock_layout.show_panel("Problems")
        settle()
        assert window.panels.data.visibleRegion().isEmpty()
        chip = window.tool_bar.chip
        qtbot.waitUntil(lambda: chip.text() == "Data: 1 error")
        write_rows(document.data_path)
        qtbot.waitUntil(lambda: chip.text() == "Valid, not trained")


def seen(panel):
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_after_a_refused_training_the_chip_tells_its_errors(tmp_path, qtbot, monkeypatch):
    """It said "Valid, not trained", since data of this size is not checked unasked."""
    monkeypatch.setattr(data_status, "_MAX_AUTO_CHECK_BYTES", 10)
    document = saved(tmp_path, parse(json.dumps(TEXT).encode()).project)
    document.data_path = write_rows(tmp_path / "rows.csv", ("x1", "x2", "a"))
    with opened(qtbot) as window:
        assert window.document_manager.open(document.path)
        chip, later = window.tool_bar.chip, window.controllers.data_status._check_timer
        qtbot.waitUntil(lambda: not later.isActive())
        assert chip.text() == "Valid, not trained"
        with qtbot.waitSignal(window.panels.training.finished):
            assert window.panels.training.train()
        qtbot.waitUntil(lambda: chip.text() == "Data: 1 error")
        session = window.workspace.session
        session.edit("Edit", field_edits.set_recipe, {"epochs": 3})
        session.current_report()
        assert chip.text() == "Data: 1 error"
        session.edit("Edit", node_edits.remove_node, session.graph.nodes[0].name)
        qtbot.waitUntil(lambda: chip.text() != "Data: 1 error")
        session.undo()
        qtbot.waitUntil(lambda: chip.text() == "Data: 1 error")
        write_rows(document.data_path)
        qtbot.waitUntil(lambda: chip.text() == "Valid, not trained")


def image(shape):
    return {
        "format": "layerloom", "version": 1,
        "graph": {"nodes": [
            {"name": "x", "kind": "Input", "params": {"shape": shape}},
            {"name": "flat", "kind": "Flatten", "inputs": {"x": "x"}},
            {"name": "d", "kind": "Dense", "inputs": {"x": "flat"}, "params": {"units": 1}},
            {"name": "y", "kind": "Output", "inputs": {"x": "d"}, "params": {"loss": "mse"}},
        ]},
    }  # fmt: skip


@pytest.mark.parametrize(("shape", "most", "checked"), [
    ([8, 3], 2**28, True), ([8, 3], 10, False), ([8, 8, 3], 2**28, False),
])  # fmt: skip
def test_only_data_that_is_soon_read_is_checked_unasked(
    tmp_path, qtbot, monkeypatch, shape, most, checked
):
    """A table of a few lines may name pictures that take minutes."""
    monkeypatch.setattr(data_status, "_MAX_AUTO_CHECK_BYTES", most)
    document = saved(tmp_path, parse(json.dumps(image(shape)).encode()).project)
    document.data_path = tmp_path / "rows.csv"
    document.data_path.write_text("x,y\na.png,1\n")
    with opened(qtbot) as window:
        assert window.document_manager.open(document.path)
        window.dock_layout.show_panel("Problems")
        later = window.controllers.data_status._check_timer
        assert later.isActive()
        qtbot.waitUntil(lambda: not later.isActive())
        assert window.panels.data.data_check.is_running == checked


def test_data_of_an_earlier_start_that_is_gone_is_said_to_be_gone(tmp_path, qtbot):
    document = saved(tmp_path, parse(json.dumps(TEXT).encode()).project)
    document.data_path = rows = write_rows(tmp_path / "rows.csv")
    away = rows.rename(tmp_path / "away.csv")
    with opened(qtbot) as window:
        assert window.document_manager.open(document.path)
        chip = window.tool_bar.chip
        assert chip.text() == "rows.csv not found"
        assert "no longer there" in chip.accessibleDescription()
        away.rename(rows)
        qtbot.waitUntil(lambda: chip.text() == "Valid, not trained")
