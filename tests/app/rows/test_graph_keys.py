"""What keys and menus do with nodes and frames: a test for each row, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.items.wire_id import WireId
from app.controls.dialogs.menu import without_mnemonic
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import add_frame, set_route
from tests.app.pointer import Pointer
from tests.app.rows.conftest import drawn
from tests.app.rows.menus import trigger


def test_row_add(window, press, session, qtbot):
    press("add")
    qtbot.waitUntil(window.controllers.node_adding.add_menu.isVisible)
    QTest.keyClicks(QApplication.focusWidget(), "gru")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert session.graph.nodes[-1].kind == "GRU"
    assert session.undo_history.undo_label == "Add GRU"
    pointer = Pointer(window.tabs.canvas)
    pointer.double_click(pointer.empty())
    qtbot.waitUntil(window.controllers.node_adding.add_menu.isVisible)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert len(session.graph) == 7


@pytest.mark.slow
def test_row_connect(window, press, session):
    session.select(["x", "b"])
    press("connect")
    assert session.graph["b"].inputs == {"x": "x"}
    press("undo")
    assert session.project == drawn()


def test_row_straighten(window, session):
    session.edit("Bend", set_route, "a", "y", "x", [[560, 120]])
    window.tabs.canvas.context.select_wires({WireId("y", "x")})
    window.action_manager.refresh()
    trigger(window, "straighten")
    assert not session.project.view.get("routes")


def test_row_bypass(window, press, session):
    session.select(["a", "b"])
    press("bypass")
    assert session.graph["a"].off
    assert window.tabs.canvas.scene_sync.nodes["b"].view_model.off
    press("bypass")
    assert not session.graph["a"].off


def test_row_collapse(window, press, session):
    session.select(["a"])
    press("collapse")
    assert window.tabs.canvas.scene_sync.nodes["a"].view_model.collapsed
    press("collapse")
    assert not window.tabs.canvas.scene_sync.nodes["a"].view_model.collapsed


def test_row_frame(window, press, session):
    session.select(["a", "b"])
    press("frame")
    assert session.project.view["frames"][0]["nodes"] == ["a", "b"]
    assert len(window.tabs.canvas.scene_sync.frames) == 1
    QTest.keyClicks(QApplication.focusWidget(), "Branch")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert session.project.view["frames"][0]["title"] == "Branch"
    assert session.undo_history.undo_label == "Frame"
    session.undo()
    assert session.project == drawn(), "frame and title are one step"


def test_row_rename_frame(window, press, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a", "b"])
    trigger(window, "rename-frame")
    QTest.keyClicks(QApplication.focusWidget(), "Heads")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert session.project.view["frames"][0]["title"] == "Heads"


def test_row_rename_frame_by_key_and_by_its_title(window, press, session):
    session.edit("Frame", add_frame, ["a", "b"])
    pointer = Pointer(window.tabs.canvas)
    corner = window.tabs.canvas.scene_sync.frames[0].sceneBoundingRect().topLeft()
    title = pointer.at(corner + QPointF(80, 16))
    pointer.click(title)
    for title_typed, begin in (
        ("One", lambda: press("rename")),
        ("Two", lambda: pointer.double_click(title)),
    ):
        begin()
        QTest.keyClicks(QApplication.focusWidget(), title_typed)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        assert session.project.view["frames"][0]["title"] == title_typed


def test_row_delete_frame(window, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    trigger(window, "delete-frame")
    assert "a" not in session.graph
    assert "b" not in session.graph
    assert session.undo_history.undo_label == "Delete frame"
    assert not window.tabs.canvas.scene_sync.frames


def test_row_delete_frame_is_told_apart_from_removing_it(window, session):
    menu = window.action_manager.context_menu("frame", window)
    assert not menu.actions(), "nothing is framed"
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a", "b"])
    texts = [
        without_mnemonic(entry.text())
        for entry in window.action_manager.context_menu("frame", window).actions()
    ]
    assert texts == ["Collapse frame", "Rename frame", "Remove frame", "Delete frame and nodes"]


def test_row_unframe(window, press, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    press("unframe")
    assert session.project.view["frames"][0]["nodes"] == ["b"]


def test_row_collapse_frame(window, press, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    press("collapse-frame")
    picture = window.tabs.canvas.scene_sync
    assert picture.frames[0].collapsed
    assert not picture.nodes["a"].isVisible()
    assert picture.wires[WireId("y", "x")].isVisible()
    press("undo")
    assert picture.nodes["a"].isVisible()


def test_row_collapse_repeats(window, press, session):
    def chained(project):
        before = "b"
        for at in range(6):
            kind, params = ("Dense", {"units": 4}) if at % 2 == 0 else ("Dropout", {"rate": 0.5})
            project = node_edits.add_node(
                project, kind, f"c{at}", params=params, inputs={"x": before}
            )
            before = f"c{at}"
        return project

    session.edit("Add", chained)
    before = session.project
    trigger(window, "collapse-repeats")
    picture = window.tabs.canvas.scene_sync
    assert [frame.title for frame in picture.frames] == [f"Block {at} of 3" for at in (1, 2, 3)]
    assert all(frame.collapsed for frame in picture.frames)
    assert not picture.nodes["c0"].isVisible()
    press("undo")
    assert session.project == before
    assert picture.nodes["c0"].isVisible()


def test_row_collapse_frame_by_its_arrow(window, session):
    session.edit("Frame", add_frame, ["a", "b"])
    pointer = Pointer(window.tabs.canvas)
    frame = window.tabs.canvas.scene_sync.frames[0]
    pointer.click(pointer.at(frame.mapToScene(frame.chevron.center())))
    assert session.project.view["frames"][0]["collapsed"] is True
    pointer.click(pointer.at(frame.mapToScene(frame.chevron.center())))
    assert not frame.collapsed


def test_row_remove_frame(window, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    trigger(window, "remove-frame")
    assert not session.project.view.get("frames")
    assert len(session.graph) == 6
