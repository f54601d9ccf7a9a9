"""What only the mouse does: a test for each row of the table, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import (
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.canvas.items.wire_id import WireId
from app.controls import SearchEdit
from app.documents.connection_check import ConnectionCheck
from engine.graph.edits.frame_edits import add_frame, set_route
from tests.app.pointer import ALT, CTRL, MIDDLE, NONE, SHIFT, Pointer
from tests.app.rows.conftest import drawn, only_step


def test_row_connect_drag(pointer, session):
    pointer.drag(pointer.out("x"), pointer.port("b"))
    assert session.graph["b"].inputs == {"x": "x"}
    only_step(session, "Connect")
    session.undo()
    pointer.drag(pointer.out("x"), pointer.head("b"))
    assert session.graph["b"].inputs == {"x": "x"}, "to the body of a node"


def test_row_connect_drag_into_a_growing_port(pointer, session):
    pointer.drag(pointer.out("a"), pointer.port("cat", "xs", 0))
    pointer.drag(pointer.out("b"), pointer.port("cat", "xs", 1))
    assert session.graph["cat"].inputs == {"xs": ("a", "b")}
    assert [slot.index for slot in pointer.canvas.scene_sync.nodes["cat"].view_model.inputs] == [
        0,
        1,
        2,
    ]


def test_row_connect_back(pointer, session):
    pointer.drag(pointer.port("b"), pointer.out("x"))
    assert session.graph["b"].inputs == {"x": "x"}
    only_step(session, "Connect")


def test_row_connect_anyway(pointer, session):
    pointer.press(pointer.out("x"))
    pointer.move(pointer.out("x"), pointer.port("conv"))
    pointer.release(pointer.port("conv"), modifiers=CTRL)
    assert session.graph["conv"].inputs == {"x": "x"}


def test_row_refused(pointer, session, qtbot):
    pointer.press(pointer.out("x"))
    pointer.move(pointer.out("x"), pointer.port("conv"))
    assert pointer.canvas.hint.isVisible()
    assert "Needs a sequence" in pointer.canvas.hint.text()
    lights = {
        name: pointer.canvas.scene_sync.nodes[name].inputs[0].highlight
        for name in ("b", "cat", "conv")
    }
    assert lights == {"b": "fits", "cat": "fits", "conv": "rejected"}
    with qtbot.waitSignal(session.message) as told:
        pointer.release(pointer.port("conv"))
    assert "Needs a sequence" in told.args[0]
    assert session.project == drawn()
    assert not pointer.canvas.hint.isVisible()


def test_row_refused_loop(pointer, session):
    pointer.press(pointer.out("a"))
    pointer.move(pointer.out("a"), pointer.port("a"))
    pointer.release(pointer.port("a"), modifiers=CTRL)
    pointer.drag(pointer.out("a"), pointer.port("b"))
    pointer.press(pointer.out("b"))
    pointer.move(pointer.out("b"), pointer.port("a"))
    assert "This would make a cycle" in pointer.canvas.hint.text()
    pointer.release(pointer.port("a"), modifiers=CTRL)
    assert session.graph["a"].inputs == {"x": "x"}


def test_row_pull_off(pointer, session):
    pointer.drag(pointer.port("y"), pointer.empty())
    assert session.graph["y"].inputs == {}
    only_step(session, "Disconnect")


def test_row_rewire(pointer, session):
    pointer.drag(pointer.port("y"), pointer.port("b"))
    assert session.graph["y"].inputs == {}
    assert session.graph["b"].inputs == {"x": "a"}
    only_step(session, "Connect")


def test_row_add_after(pointer, session, qtbot):
    with qtbot.waitSignal(pointer.canvas.add_menu_requested) as asked:
        pointer.drag(pointer.out("a"), pointer.empty())
    _, verdicts, title = asked.args
    assert verdicts["Dense"] == ""
    assert "sequence" in verdicts["Conv1D"]
    assert "(batch, 4)" in title
    pointer.canvas.add_actions.add_node("Dense")
    assert session.graph.nodes[-1].inputs == {"x": "a"}
    only_step(session, "Add Dense")


def test_row_add_before(pointer, session, qtbot):
    with qtbot.waitSignal(pointer.canvas.add_menu_requested) as asked:
        pointer.drag(pointer.port("b"), pointer.empty())
    assert asked.args[1]["Output"]
    assert not asked.args[1]["Dense"]
    pointer.canvas.add_actions.add_node("Input")
    assert session.graph["b"].inputs == {"x": session.graph.nodes[-1].name}
    only_step(session, "Add Input")


def test_row_insert(pointer, session):
    pointer.press(pointer.head("b"))
    pointer.move(pointer.head("b"), pointer.wire("y"))
    assert pointer.canvas.scene_sync.wires[WireId("y", "x")].glow
    pointer.release(pointer.wire("y"))
    assert session.graph["b"].inputs == {"x": "a"}
    assert session.graph["y"].inputs == {"x": "b"}
    only_step(session, "Insert into wire")


def test_row_insert_makes_room(pointer, session):
    """What follows a node that is put into a wire does not lie on it."""
    pointer.drag(pointer.head("b"), pointer.wire("y"))
    nodes = pointer.canvas.scene_sync.nodes
    assert not nodes["b"].scene_rect.intersects(nodes["y"].scene_rect)
    assert nodes["x"].x() == 0


def test_row_cut_wires(pointer, session):
    wire = pointer.wire("y")
    pointer.drag(wire + QPoint(0, -30), wire + QPoint(0, 30), modifiers=ALT | SHIFT)
    assert session.graph["y"].inputs == {}
    assert session.graph["a"].inputs == {"x": "x"}
    only_step(session, "Cut wires")


def test_row_bend(pointer, session):
    wire = pointer.wire("y")
    pointer.drag(wire, wire + QPoint(0, 60))
    (route,) = session.project.view["routes"]
    assert (route["from"], route["to"], len(route["points"])) == ("a", "y", 1)
    only_step(session, "Bend wire")


def test_row_unbend(pointer, session):
    session.edit("Bend", set_route, "a", "y", "x", [[560, 120]])
    pointer.double_click(pointer.at(QPointF(560, 120)))
    assert not session.project.view.get("routes")


def test_row_move(pointer, session):
    session.select(["a", "b"])
    pointer.drag(pointer.head("a"), pointer.head("a") + QPoint(40, 20))
    places = {name: entry["at"] for name, entry in session.project.view["nodes"].items()}
    by = [places["a"][axis] - (300, 0)[axis] for axis in (0, 1)]
    assert by[0] > 0
    assert places["b"] == [300 + by[0], 160 + by[1]]
    assert all(value % 10 == 0 for value in places["a"])
    only_step(session, "Move")


def test_row_cancel(pointer, session):
    pointer.press(pointer.head("a"))
    pointer.move(pointer.head("a"), pointer.head("a") + QPoint(100, 50))
    pointer.key(Qt.Key.Key_Escape)
    assert pointer.canvas.scene_sync.nodes["a"].pos() == QPointF(300, 0)
    pointer.release(pointer.head("a") + QPoint(100, 50))
    assert session.project == drawn()


def test_row_cancel_a_wire(pointer, session):
    pointer.press(pointer.port("y"))
    pointer.move(pointer.port("y"), pointer.empty())
    pointer.key(Qt.Key.Key_Escape)
    pointer.release(pointer.empty())
    assert session.project == drawn()
    assert pointer.canvas.scene_sync.wires[WireId("y", "x")].isVisible()


def test_row_click(pointer, session):
    pointer.click(pointer.head("a"))
    assert session.selection == ("a",)
    pointer.click(pointer.empty())
    assert session.selection == ()


def test_row_toggle(pointer, session):
    pointer.click(pointer.head("a"))
    pointer.click(pointer.head("b"), modifiers=SHIFT)
    assert session.selection == ("a", "b")
    pointer.click(pointer.head("a"), modifiers=CTRL)
    assert session.selection == ("b",)


def test_row_marquee(pointer, session):
    nodes = pointer.canvas.scene_sync.nodes
    top, bottom = nodes["a"], nodes["conv"]
    start = pointer.at(top.pos() - QPointF(25, 25))
    stop = pointer.at(bottom.pos() + QPointF(bottom.width + 25, bottom.height + 25))
    pointer.drag(start, stop)
    assert session.selection == ("a", "b", "conv")
    beside = pointer.at(nodes["b"].pos() - QPointF(25, 25))
    pointer.drag(beside, beside + QPoint(60, 40), modifiers=CTRL)
    assert session.selection == ("a", "conv")
    below = pointer.at(nodes["b"].pos() - QPointF(25, 25))
    pointer.drag(below, below + QPoint(60, 40), modifiers=SHIFT)
    assert session.selection == ("a", "b", "conv")


def test_row_select_wire(pointer, session):
    pointer.click(pointer.wire("y"))
    assert pointer.canvas.context.selected_wires == {WireId("y", "x")}
    assert pointer.canvas.scene_sync.wires[WireId("y", "x")].isSelected()


def test_row_move_frame(pointer, session):
    session.edit("Frame", add_frame, ["a", "b"])
    before = {name: entry["at"] for name, entry in session.project.view["nodes"].items()}
    frame = pointer.canvas.scene_sync.frames[0]
    title = pointer.at(frame.sceneBoundingRect().topLeft() + QPointF(80, 16))
    pointer.drag(title, title + QPoint(0, 40))
    after = {name: entry["at"] for name, entry in session.project.view["nodes"].items()}
    moved = {name for name in after if after[name] != before[name]}
    assert moved == {"a", "b"}
    assert session.undo_history.undo_label == "Move"


def test_row_into_frame(pointer, session):
    session.edit("Frame", add_frame, ["a", "b"])
    between = pointer.at(QPointF(360, 130))
    pointer.drag(pointer.head("conv"), between)
    assert session.project.view["frames"][0]["nodes"] == ["a", "b", "conv"]
    assert session.undo_history.undo_label == "Move into frame"


def wheel(pointer: Pointer, at: QPoint, turn: int, modifiers=NONE) -> None:
    viewport = pointer.viewport
    event = QWheelEvent(
        QPointF(at), QPointF(viewport.mapToGlobal(at)), QPoint(), QPoint(0, turn),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)
    QApplication.processEvents()


def test_row_wheel(pointer):
    viewer, at = pointer.canvas.viewer, QPoint(300, 200)
    under, before = viewer.mapToScene(at), viewer.zoom
    wheel(pointer, at, 120)
    assert viewer.zoom > before
    assert (viewer.mapToScene(at) - under).manhattanLength() < 3
    for _ in range(60):
        wheel(pointer, at, 1200)
    assert viewer.zoom == 3.0
    for _ in range(60):
        wheel(pointer, at, -1200)
    assert viewer.zoom == 0.05


def test_row_pan_middle(pointer, session):
    under = pointer.canvas.viewer.mapToScene(QPoint(300, 200))
    pointer.drag(QPoint(300, 200), QPoint(360, 240), button=MIDDLE)
    moved = pointer.canvas.viewer.mapToScene(QPoint(360, 240)) - under
    assert moved.manhattanLength() < 8
    assert session.project == drawn()


def test_row_pan_space(pointer, session, qtbot):
    under = pointer.canvas.viewer.mapToScene(QPoint(300, 200))
    asked = []
    pointer.canvas.add_menu_requested.connect(lambda *wanted: asked.append(wanted))
    QTest.keyPress(pointer.canvas.viewer, Qt.Key.Key_Space)
    pointer.drag(QPoint(300, 200), QPoint(360, 240))
    QTest.keyRelease(pointer.canvas.viewer, Qt.Key.Key_Space)
    assert (pointer.canvas.viewer.mapToScene(QPoint(360, 240)) - under).manhattanLength() < 8
    assert not asked, "Space was held for panning, not tapped"
    QTest.qWait(20)
    QTest.keyClick(pointer.canvas.viewer, Qt.Key.Key_Space)
    assert len(asked) == 1
    pointer.drag(QPoint(360, 240), QPoint(300, 200), modifiers=ALT)
    assert (pointer.canvas.viewer.mapToScene(QPoint(300, 200)) - under).manhattanLength() < 8


def test_space_that_is_held_asks_for_no_node(pointer, session, qtbot):
    """A held key is reported by some X servers as releases and presses without a mark."""
    asked, view = [], pointer.canvas.viewer
    pointer.canvas.add_menu_requested.connect(lambda *wanted: asked.append(wanted))
    QTest.keyPress(view, Qt.Key.Key_Space)
    pointer.drag(QPoint(300, 200), QPoint(360, 240))
    for _ in range(3):
        QTest.keyRelease(view, Qt.Key.Key_Space)
        QTest.keyPress(view, Qt.Key.Key_Space)
        QTest.qWait(30)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    QTest.qWait(20)
    QTest.keyPress(view, Qt.Key.Key_Space)
    QTest.qWait(500)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert not asked


def test_row_map(pointer):
    viewer = pointer.canvas.viewer
    viewer.set_zoom_at(2.0)
    before = viewer.visible_rect.center()
    QTest.mouseClick(pointer.canvas.minimap, Qt.MouseButton.LeftButton, NONE, QPoint(20, 20))
    QApplication.processEvents()
    after = viewer.visible_rect.center()
    assert after.x() < before.x()
    assert after.y() < before.y()


def test_row_hover_wire(pointer, session):
    QTest.mouseMove(pointer.viewport, pointer.empty())
    QApplication.processEvents()
    QTest.mouseMove(pointer.viewport, pointer.wire("y"))
    QApplication.processEvents()
    wire = pointer.canvas.scene_sync.wires[WireId("y", "x")]
    assert wire.label == "(batch, 4)"
    assert wire.isUnderMouse()


def test_row_context_menu(pointer, session, qtbot):
    from PySide6.QtGui import QContextMenuEvent

    for what, at in (
        ("node", pointer.head("b")),
        ("wire", pointer.wire("y")),
        ("canvas", pointer.empty()),
    ):
        with qtbot.waitSignal(pointer.canvas.context_menu_requested) as asked:
            event = QContextMenuEvent(
                QContextMenuEvent.Reason.Mouse, at, pointer.viewport.mapToGlobal(at)
            )
            QApplication.sendEvent(pointer.viewport, event)
        assert asked.args[1] == what
        wires = {end.node for end in pointer.canvas.context.selected_wires}
        assert (session.selection, wires) == ((("b",), set()) if what == "node" else ((), {"y"}))


@pytest.mark.slow
def test_what_is_typed_after_a_wire_over_nothing_never_draws_another_layer(window, session):
    pointer = Pointer(window.tabs.canvas)
    pointer.drag(pointer.out("a"), pointer.empty())
    menu = window.controllers.node_adding.add_menu
    assert menu.isVisible()
    search = menu.findChild(SearchEdit)
    QTest.keyClicks(search, "embedding")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert session.undo_history.undo_label is None
    said = [label.text() for label in menu.findChildren(QLabel) if label.isVisible()]
    assert ConnectionCheck(session.current_report()).problems_after("a")["Embedding"] in said
    assert any("int32" in text for text in said)
    menu.close()
