"""The data check of the training panel: what it shows, and when training is refused."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

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
