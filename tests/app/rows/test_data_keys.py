"""What keys and menus do with columns of data: a test for each row, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.controls.dialogs.menu import without_mnemonic
from engine.graph.edits import field_edits
from tests.app.rows.menus import shown, trigger


@pytest.fixture
def table(window, session, tmp_path, qtbot):
    """The data panel with a table of numbers and labels, its second column chosen."""
    data = tmp_path / "rows.csv"
    lines = [f"{n * 0.7},{'uvw'[n % 3]},{n * 1.3}" for n in range(40)]
    data.write_text("\n".join(["a,kind,b", *lines]))
    session.data_path = data
    window.controllers.data.show_table()
    qtbot.waitUntil(
        lambda: session.table_contents is not None and not session.table_contents.is_reading
    )
    QTest.keyClick(window.panels.data.table, Qt.Key.Key_Right)
    assert window.panels.data.selected_columns == ("kind",)
    return window.panels.data.table


def test_row_data(window, press):
    press("data")
    assert window.panels.data.isVisible()


@pytest.mark.slow
def test_row_feed(window, press, session, table, qtbot):
    session.edit("Set", field_edits.set_params, "x", {"shape": [3]})
    press("feed")
    menu = shown(window, QMenu)
    assert [(without_mnemonic(a.text()), a.isEnabled()) for a in menu.actions()] == [
        ("x", True),
        ("y", False),
    ]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    one_hot = {"kind": "category", "params": {"unknown": "ignore", "fill": "most_frequent"}}
    assert session.project.data == {"inputs": {"x": {"column": "kind", "encode": one_hot}}}
    assert session.undo_history.undo_label == "Assign kind to x"


@pytest.mark.slow
def test_row_feed_by_enter_in_the_table(window, session, table):
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert shown(window, QMenu).title() == "Assign to node"
    QTest.keyClick(shown(window, QMenu), Qt.Key.Key_Escape)


@pytest.mark.slow
def test_row_feed_in_the_menu_of_a_column(window, session, table, qtbot):
    session.edit("Set", field_edits.set_params, "x", {"shape": [3]})
    header = table.column_header
    at = QPoint(header.sectionViewportPosition(1) + 30, 20)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, header.viewport().mapToGlobal(at))
    QApplication.sendEvent(header.viewport(), event)
    menu = shown(window, QMenu)
    texts = [without_mnemonic(action.text()) for action in menu.actions() if action.text()]
    assert texts == [
        "Assign to node", "Add Input for columns", "Add Output for columns", "Unassign",
    ]  # fmt: skip
    menu.actions()[0].menu().actions()[0].trigger()
    assert "x" in session.project.data["inputs"]
    menu.close()


@pytest.mark.slow
def test_row_feed_new_input(window, session, table):
    trigger(window, "feed-new-input")
    node = session.graph.nodes[-1]
    assert (node.name, node.kind, node.params) == ("kind", "Input", {"shape": [3]})
    assert session.selection == ("kind",)


@pytest.mark.slow
def test_row_feed_new_output(window, session, table):
    trigger(window, "feed-new-output")
    node = session.graph.nodes[-1]
    assert (node.name, node.kind) == ("kind", "Output")
    assert node.params["loss"] == "sparse_categorical_crossentropy"


@pytest.mark.slow
def test_row_unfeed(window, session, table):
    session.edit("Map", field_edits.set_mapping, "inputs", "x", {"column": "kind"})
    trigger(window, "unfeed")
    assert session.project.data == {}
    session.undo()
    assert "x" in session.project.data["inputs"]


def test_columns_are_acted_on_only_where_some_are_chosen(window):
    for id in ("feed", "feed-new-input", "feed-new-output", "unfeed"):
        assert not window.action_manager.actions[id].isEnabled()
