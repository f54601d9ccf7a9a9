"""The data check of the training panel: what it shows, and when training is refused."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from engine.graph.edits import field_edits, node_edits
from tests.app.training.conftest import write_rows
from tests.app.training.panel.driving import button, said


@pytest.mark.slow
def test_data_that_does_not_fit_is_told_before_the_training(panel, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv", ("x1", "x2", "a")))
    qtbot.waitUntil(lambda: "b" in said(panel))
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


@pytest.mark.slow
def test_a_validation_file_without_a_target_is_found_before_the_training(panel, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    qtbot.waitUntil(lambda: panel.bar._status.text() == "rows.csv fits this network.")
    validation = write_rows(tmp_path / "validation.csv", ("x1", "x2", "a"))
    panel._workspace.session.split_paths = validation, None
    qtbot.waitUntil(lambda: "does not fit" in panel.bar._status.text())
    assert "b" in said(panel)
    assert not button(panel, "training-train").isEnabled()


def test_data_of_a_pattern_is_trained(panel, tmp_path):
    write_rows(tmp_path / "rows.csv")
    panel.set_data(tmp_path / "*.csv")
    assert button(panel, "training-train").isEnabled()


def test_a_check_of_the_data_that_is_killed_is_told_as_such(panel, tmp_path, qtbot):
    """It was said to be running for as long as the window was open."""
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    assert panel.bar._status.text() == "Checking the data..."
    panel.check_presenter._data_check._command._command._process.kill()
    qtbot.waitUntil(lambda: panel.bar._status.text() == "The data could not be checked.")


@pytest.mark.slow
def test_an_edit_during_the_check_is_checked_too(panel, document, tmp_path, qtbot):
    """The result for the old network was shown for good."""
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    assert panel.bar._status.text() == "Checking the data..."
    document.edit("Edit", field_edits.set_mapping, "targets", "b", {"column": "missing"})
    qtbot.waitUntil(lambda: "does not fit" in panel.bar._status.text())
    assert "missing" in said(panel)


def test_a_network_without_nodes_fits_no_data(panel, document, tmp_path, qtbot):
    panel.set_data(write_rows(tmp_path / "rows.csv"))
    qtbot.waitUntil(lambda: "fits this network" in panel.bar._status.text())
    for node in document.graph.nodes:
        document.edit("Edit", node_edits.remove_node, node.name)
    document.current_report()
    assert "fits" not in panel.bar._status.text()


def test_a_check_that_was_killed_is_repeated_with_the_same_data(panel, tmp_path, qtbot):
    rows = write_rows(tmp_path / "rows.csv")
    panel.set_data(rows)
    panel.check_presenter._data_check._command._command._process.kill()
    qtbot.waitUntil(lambda: panel.bar._status.text() == "The data could not be checked.")
    panel.check_presenter.start()
    qtbot.waitUntil(lambda: "fits this network" in panel.bar._status.text())
