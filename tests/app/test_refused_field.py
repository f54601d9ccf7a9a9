"""What can't be read in a field of the inspector keeps Train from using the old value unsaid."""

import json

import pytest
from PySide6.QtCore import Qt

from app.controls import NumberEdit
from engine.graph.serialization.file import parse
from tests.app.training.conftest import TEXT, saved, write_rows
from tests.app.windows import opened, settle


@pytest.fixture
def window(tmp_path, qtbot):
    document = saved(tmp_path, parse(json.dumps(TEXT).encode()).project)
    document.data_path = write_rows(tmp_path / "rows.csv")
    with opened(qtbot, document) as window:
        window.dock_layout.show_expanded("Training")
        settle()
        yield window


def epochs_of(window) -> NumberEdit:
    fields = window.panels.inspector.findChildren(NumberEdit)
    return next(field for field in fields if field.accessibleName() == "Epochs")


@pytest.mark.slow
def test_train_is_told_of_a_field_that_can_not_be_read(window, qtbot):
    """A red "abc" stood in the inspector, and the training went through the old 3 epochs."""
    train = window.panels.training.bar.train_button
    assert train.isEnabled()
    field = epochs_of(window)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "abc")
    qtbot.keyClick(window, Qt.Key.Key_F5)
    assert not window.panels.training.running
    assert window.panels.training.disabled_reason() == "Epochs: Enter an integer, such as 64."
    assert field.text() == "abc"
    assert not train.isEnabled()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "3"
    qtbot.waitUntil(train.isEnabled)
    assert window.panels.training.disabled_reason() == ""


@pytest.mark.slow
def test_a_field_that_nobody_sees_keeps_nobody_from_training(window, qtbot):
    field = epochs_of(window)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "abc")
    window.workspace.session.select(["hidden"])
    qtbot.waitUntil(lambda: window.panels.training.disabled_reason() == "")
