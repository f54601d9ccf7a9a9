"""What keys and menus do to edit and to select: a test for each row, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.controls.layout.tab_order import focus_first
from engine.graph.edits import field_edits, node_edits
from engine.graph.serialization import file
from engine.graph.templates import read_template
from tests.app.pointer import Pointer
from tests.app.rows.conftest import drawn


def test_row_undo(window, press, session):
    session.edit("Set units", field_edits.set_params, "a", {"units": 5})
    assert window.action_manager.actions["undo"].text() == "Undo Set units"
    press("undo")
    assert session.project == drawn()
    assert not window.action_manager.actions["undo"].isEnabled()


@pytest.mark.slow
def test_row_redo(window, press, session):
    session.edit("Set units", field_edits.set_params, "a", {"units": 5})
    press("undo")
    press("redo")
    assert session.graph["a"].params == {"units": 5}
    press("undo")
    press("redo", which=1)
    assert session.graph["a"].params == {"units": 5}


@pytest.mark.parametrize("key", [0, 1])
def test_row_edit_fields(window, press, session, key):
    """Enter goes to the first field; Escape discards what was typed, and then goes back."""
    session.select(["a"])
    press("edit-fields", which=key)
    field = QApplication.focusWidget()
    assert field.accessibleName() == "Units"
    QTest.keyClicks(field, "7")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is field
    assert field.text() == "4"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.tabs.canvas.viewer
    assert session.selection == ("a",)
    assert session.graph["a"].params == {"units": 4}


def test_row_edit_fields_of_a_node_without_fields(window, press, session):
    """There, Enter goes to the name, and the panel is shown if it was closed."""
    window.docks["Inspector"].hide()
    session.select(["cat"])
    session.edit("Add", node_edits.add_node, "Flatten", "flat")
    session.select(["flat"])
    press("edit-fields")
    assert QApplication.focusWidget().accessibleName() == "Name of the node"


def test_escape_leaves_every_panel(window):
    for title in ("Layers", "Outline", "Problems", "Training", "Runs", "Summary", "Source"):
        window.dock_layout.show_panel(title)
        QApplication.processEvents()
        focus_first(window.docks[title].widget())
        focus = QApplication.focusWidget()
        assert window.docks[title].isAncestorOf(focus)
        QTest.keyClick(focus, Qt.Key.Key_Escape)
        assert QApplication.focusWidget() is window.tabs.canvas.viewer, title


def test_row_cut(window, press, session):
    session.select(["a"])
    press("cut")
    assert "a" not in session.graph
    assert session.graph["y"].inputs == {"x": "x"}, "the wire closes over the gap"
    press("paste")
    assert session.graph["a"].params == {"units": 4}


@pytest.mark.slow
def test_row_copy(window, press, session):
    session.select(["a", "y"])
    press("copy")
    text = QGuiApplication.clipboard().text()
    assert {node.name for node in file.parse(text.encode()).project.graph} == {"a", "y"}


def test_row_paste(window, press, session):
    session.select(["a", "y"])
    press("copy")
    pointer = Pointer(window.tabs.canvas)
    at = pointer.empty()
    QTest.mouseMove(pointer.viewport, at)
    QApplication.processEvents()
    press("paste")
    assert session.selection == ("a_2", "y_2")
    assert session.graph["y_2"].inputs == {"x": "a_2"}
    assert session.graph["a_2"].inputs == {}
    assert session.undo_history.undo_label == "Paste"


def test_row_paste_of_something_else(window, press, session, qtbot):
    for data in ("hello", "[1, 2]", "3", "{}", "\x00\ud800"[:1], "{" * 5000):
        mime = QMimeData()
        mime.setText(data)
        QGuiApplication.clipboard().setMimeData(mime)
        with qtbot.waitSignal(session.message) as told:
            press("paste")
        assert told.args == ["The clipboard holds no nodes or notes. Copy some first."]
        assert session.project == drawn()


def test_row_paste_wired(window, press, session):
    session.select(["a"])
    press("copy")
    press("paste-wired")
    assert session.graph["a_2"].inputs == {"x": "x"}


@pytest.mark.slow
def test_row_duplicate(window, press, session):
    session.select(["a"])
    press("duplicate")
    assert session.graph["a_2"].params == {"units": 4}
    assert session.graph["a_2"].inputs == {"x": "x"}
    assert session.selection == ("a_2",)
    press("undo")
    assert session.project == drawn()


@pytest.mark.slow
def test_row_paste_takes_the_text_of_a_whole_file(window, press, session):
    QGuiApplication.clipboard().setText(read_template("posts").decode())
    press("paste")
    assert len(session.graph) == len(drawn().graph) + 14
    assert session.graph["conv_2"].inputs == {"x": "words"}


@pytest.mark.slow
def test_row_linked_copy(window, press, session):
    session.select(["a"])
    press("linked-copy")
    assert session.graph["a_2"].shares == "a"
    assert session.graph["a_2"].inputs == {"x": "x"}, "as a duplicate"
    assert window.tabs.canvas.scene_sync.nodes["a_2"].view_model.shares == "a"


@pytest.mark.slow
def test_row_delete(window, press, session):
    session.select(["a", "b"])
    press("delete")
    assert set(session.graph.by_name) == {"x", "conv", "cat", "y"}
    assert session.graph["y"].inputs == {"x": "x"}
    press("undo")
    assert session.project == drawn()


def test_row_delete_a_wire(window, press, session):
    pointer = Pointer(window.tabs.canvas)
    pointer.click(pointer.wire("y"))
    press("delete", which=1)
    assert session.graph["y"].inputs == {}
    assert len(session.graph) == 6


def test_row_delete_plain(window, press, session):
    session.select(["a"])
    press("delete-plain")
    assert session.graph["y"].inputs == {}


@pytest.mark.slow
def test_row_rename(window, press, session):
    session.select(["a"])
    press("rename")
    field = QApplication.focusWidget()
    QTest.keyClicks(field, "encoder")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.graph["y"].inputs == {"x": "encoder"}
    pointer = Pointer(window.tabs.canvas)
    pointer.double_click(pointer.head("encoder"))
    field = QApplication.focusWidget()
    QTest.keyClicks(field, "nope")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert "encoder" in session.graph


def test_row_find(window, press, session, qtbot):
    press("find")
    QTest.keyClicks(QApplication.focusWidget(), "conv")
    qtbot.waitUntil(lambda: session.selection == ("conv",))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not window.find_bar.isVisible()
    assert QApplication.focusWidget() is window.tabs.canvas.viewer


def test_row_select_all(window, press, session):
    press("select-all")
    assert len(session.selection) == 6
    press("select-none")
    assert session.selection == ()
    session.select(["x", "a"])
    press("invert")
    assert session.selection == ("b", "conv", "cat", "y")


def test_row_walk_left(window, press, session):
    session.select(["y"])
    for way, reached in (
        ("left", "a"), ("left", "x"), ("right", "a"), ("down", "b"), ("up", "a"), ("right", "y"),
    ):  # fmt: skip
        press(f"walk-{way}")
        assert session.selection == (reached,)


ROWS = ("select-none", "invert", "walk-right", "walk-down", "walk-up")


def test_of_several_selected_nodes_the_one_that_arrow_keys_start_from_is_seen(window, session):
    """It has a ring of its own; a single selected node needs none."""
    items = window.tabs.canvas.scene_sync.nodes
    session.select(["a", "y"])
    assert [name for name, item in items.items() if item.is_current] == [session.selection[-1]]
    viewer, ring = window.tabs.canvas.viewer, items["y"].scene_rect.adjusted(-6, -6, 6, 6)
    corner = viewer.mapFromScene(ring.topLeft())
    width = viewer.mapFromScene(ring.topRight()).x() - corner.x()
    picture = viewer.viewport().grab().toImage()
    edge = [picture.pixelColor(corner.x() + x, corner.y()).lightness() for x in range(10, width)]
    assert max(edge) > 150
    session.select(["y"])
    assert not any(item.is_current for item in items.values())
