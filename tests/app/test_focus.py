"""Where the keyboard is after something was pressed that goes away by that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.canvas.actions.name_field import NameField
from app.controls.inputs.fix_button import FixButton
from app.documents.session import Session
from app.shell.dock_heights import is_seen
from app.shell.main_window import MainWindow
from engine.core.diagnostic import Diagnostic, Fix
from engine.graph.edits import field_edits
from tests.app.rows.conftest import drawn
from tests.app.windows import opened, settle, visible


@pytest.fixture
def window(qtbot) -> Iterator[MainWindow]:
    with opened(qtbot, Session(drawn())) as window:
        yield window


def press_key(key: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget(), key)
    settle()


@pytest.mark.slow
def test_after_a_fix_in_the_inspector_the_keys_of_the_canvas_work(window, qtbot):
    session = window.workspace.session
    session.edit("Set", field_edits.set_params, "y", {"loss": "categorical_crossentropy"})
    session.select(["y"])
    qtbot.waitUntil(lambda: bool(visible(window.panels.inspector, FixButton)))
    button = visible(window.panels.inspector, FixButton)[0]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not visible(window.panels.inspector, FixButton))
    assert QApplication.focusWidget() is window.tabs.canvas.viewer
    press_key(Qt.Key.Key_F2)
    assert visible(window.tabs, NameField)
    press_key(Qt.Key.Key_Escape)
    press_key(Qt.Key.Key_Delete)
    assert "y" not in session.graph


def test_after_a_fix_in_the_training_panel_the_keyboard_is_on_the_canvas(window):
    session, training = window.workspace.session, window.panels.training
    window.dock_layout.show_panel("Training")
    fix = Fix("Use 8 units.", {"do": "set_params", "node": "a", "params": {"units": 8}})
    training.check_presenter.diagnostics_session = session
    found = Diagnostic("data-not-found", "there is no data", fixes=(fix,))
    training.run_view.diagnostics.add_diagnostics([found])
    settle()
    QTest.mouseClick(visible(training, FixButton)[0], Qt.MouseButton.LeftButton)
    settle()
    assert session.graph["a"].params["units"] == 8
    assert QApplication.focusWidget() is window.tabs.canvas.viewer


def test_the_line_below_the_inspector_says_words_and_no_tags(window, qtbot):
    session = window.workspace.session
    session.select(["conv"])
    settle()
    qtbot.waitUntil(lambda: bool(visible(window.panels.inspector, FixButton)))
    button = visible(window.panels.inspector.view.diagnostics_box, FixButton)[0]
    button.setFocus()
    line = window.panels.inspector.findChild(QLabel, "inspector-info")
    assert line.text().startswith(button.accessibleName())
    assert "<" not in line.text()


@pytest.mark.parametrize("words", ["Set the activation of dense_2 to softmax, as its loss wants."])
def test_a_long_way_out_is_written_on_its_button_in_full(window, words):
    button = FixButton(window.theme, Fix(words), print)
    assert button.text().replace("\n", " ") == words.rstrip(".")
    assert button.text().count("\n") == 1
    one = FixButton(window.theme, Fix("Delete it."), print)
    assert button.sizeHint().height() > one.sizeHint().height()
    button.deleteLater()
    one.deleteLater()


def test_every_panel_is_reached_by_the_menu(window, qtbot):
    """A panel behind another tab is raised and has the keyboard; one that is seen is hidden."""
    for title in ("Outline", "Inspector", "Data", "Training", "Runs", "Summary", "Source"):
        dock = window.docks[title]
        if title == "Inspector":
            dock.hide()
        dock.toggleViewAction().trigger()
        qtbot.waitUntil(lambda dock=dock: dock.isAncestorOf(QApplication.focusWidget()))
        assert is_seen(dock)
        assert dock.toggleViewAction().isChecked()
    dock.toggleViewAction().trigger()
    settle()
    assert dock.isHidden()
    dock.show()
