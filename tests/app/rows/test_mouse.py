"""What only the mouse does: a test for each row of the table, by real events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.canvas.canvas import Canvas
from app.canvas.connection_check import ConnectionCheck
from app.canvas.items.wire_id import WireId
from app.controls import SearchEdit
from app.data.table.table_loader import TableLoader
from app.documents.column_mapping import COLUMNS_MIME, encode_columns
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.theme.theme import Theme
from engine.graph.edits import field_edits
from engine.graph.edits.frame_edits import add_frame, set_route
from tests.app.pointer import ALT, CTRL, MIDDLE, NONE, SHIFT, Pointer
from tests.app.rows.conftest import drawn


@pytest.fixture
def canvas(qtbot, theme: Theme, session: Session) -> Iterator[Canvas]:
    canvas = Canvas(session, theme)
    qtbot.addWidget(canvas)
    canvas.resize(1200, 760)
    with qtbot.waitExposed(canvas):
        canvas.show()
    canvas.navigation.fit()
    QApplication.processEvents()
    yield canvas
    assert canvas.scene_sync.node_graph.undo_stack().count() == 0, "NodeGraphQt keeps no history"


@pytest.fixture
def pointer(canvas: Canvas) -> Pointer:
    return Pointer(canvas)


def only_step(session: Session, label: str) -> None:
    """One gesture was one step, and undo takes it back whole."""
    assert session.undo_history.undo_label == label
    after = session.project
    session.undo()
    assert session.project == drawn()
    session.redo()
    assert session.project == after


def test_row_connect_drag(pointer, session):
    pointer.drag(pointer.out("x"), pointer.port("b"))
    assert session.graph["b"].inputs == {"x": "x"}
    only_step(session, "Connect")


def test_row_connect_drag_to_the_body_of_a_node(pointer, session):
    pointer.drag(pointer.out("x"), pointer.head("b"))
    assert session.graph["b"].inputs == {"x": "x"}


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


def drop_kind(canvas: Canvas, kind: str, at: QPoint, modifiers=NONE, drop: bool = True) -> None:
    """Send what Qt sends while a kind from the palette is dragged over the canvas and dropped."""
    mime = QMimeData()
    mime.setData("application/x-layerloom-kind", kind.encode())
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    viewport = canvas.viewer.viewport()
    events = [
        QDragEnterEvent(at, copy, mime, left, modifiers),
        QDragMoveEvent(at, copy, mime, left, modifiers),
        QDropEvent(QPointF(at), copy, mime, left, modifiers),
    ]
    for event in events if drop else events[:2]:
        QApplication.sendEvent(viewport, event)
        assert event.isAccepted()


def test_row_drag_kind(pointer, session):
    at = pointer.empty()
    drop_kind(pointer.canvas, "LSTM", at)
    node = session.graph.nodes[-1]
    assert (node.kind, node.params) == ("LSTM", {"units": 32})
    assert session.selection == (node.name,)
    assert pointer.canvas.context.node_at(at + QPoint(10, 5)).id == node.name
    only_step(session, "Add LSTM")


def drag_columns(
    canvas: Canvas, columns: list[str], at: QPoint, modifiers=NONE, drop: bool = True
) -> None:
    """Send what Qt sends while columns of the data are dragged over the canvas and dropped."""
    mime, copy, left = QMimeData(), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    mime.setData(COLUMNS_MIME, encode_columns(columns))
    viewport = canvas.viewer.viewport()
    events = [
        QDragEnterEvent(at, copy, mime, left, modifiers),
        QDragMoveEvent(at, copy, mime, left, modifiers),
    ]
    for event in events:
        QApplication.sendEvent(viewport, event)
        assert event.isAccepted()
    if drop:
        QApplication.sendEvent(viewport, QDropEvent(QPointF(at), copy, mime, left, modifiers))


@pytest.fixture
def known(session, tmp_path, qtbot) -> None:
    """Data that has been read: numbers a and b, labels kind."""
    data = tmp_path / "rows.csv"
    lines = [f"{n * 0.7},{n * 1.3},{'uvw'[n % 3]}" for n in range(40)]
    data.write_text("\n".join(["a,b,kind", *lines]))
    source = TableLoader(Workspace(session))
    session.data_path = data
    session.request_table_contents()
    qtbot.waitUntil(
        lambda: session.table_contents is not None and not session.table_contents.is_reading
    )
    source.setParent(session)


def test_row_drag_column(pointer, session, known):
    drag_columns(pointer.canvas, ["a"], pointer.head("y"), drop=False)
    nodes = pointer.canvas.scene_sync.nodes
    assert (nodes["y"].highlight, nodes["b"].highlight) == ("dim", "dim")
    session.edit("Set", field_edits.set_params, "a", {"units": 1})
    before = session.project
    drag_columns(pointer.canvas, ["a"], pointer.head("y"), drop=False)
    assert nodes["y"].highlight == ""
    assert nodes["y"].is_drop_target
    assert pointer.canvas.hint.text() == "Assign a to y"
    drag_columns(pointer.canvas, ["a"], pointer.head("y"))
    assert session.project.data == {"targets": {"y": {"column": "a", "scale": "standardize"}}}
    assert session.selection == ("y",)
    assert session.undo_history.undo_label == "Assign a to y"
    assert not pointer.canvas.hint.isVisible()
    assert not nodes["y"].is_drop_target
    session.undo()
    assert session.project == before


def test_row_drag_column_with_several(pointer, session, known):
    session.edit("Set", field_edits.set_params, "x", {"shape": [2]})
    drag_columns(pointer.canvas, ["a", "b"], pointer.head("x"))
    assert session.project.data == {
        "inputs": {"x": {"columns": ["a", "b"], "scale": "standardize"}}
    }
    assert session.undo_history.undo_label == "Assign 2 columns to x"


def test_row_drag_column_that_does_not_fit(pointer, session, known, qtbot):
    drag_columns(pointer.canvas, ["kind"], pointer.head("x"), drop=False)
    assert "kind becomes 3 values, but x takes 8 values" in pointer.canvas.hint.text()
    assert pointer.canvas.hint.property("rejected")
    with qtbot.waitSignal(session.message):
        drag_columns(pointer.canvas, ["kind"], pointer.head("x"))
    assert session.project == drawn()
    drag_columns(pointer.canvas, ["kind"], pointer.head("b"), drop=False)
    assert "neither an Input nor an Output" in pointer.canvas.hint.text()
    QApplication.sendEvent(pointer.canvas.viewer.viewport(), QDragLeaveEvent())
    assert not pointer.canvas.hint.isVisible()
    assert {node.highlight for node in pointer.canvas.scene_sync.nodes.values()} == {""}


def test_row_column_anyway(pointer, session, known):
    drag_columns(pointer.canvas, ["kind"], pointer.head("x"), CTRL)
    assert session.project.data == {"inputs": {"x": {"column": "kind", "encode": "category"}}}
    drag_columns(pointer.canvas, ["kind"], pointer.head("b"), CTRL)
    assert set(session.project.data["inputs"]) == {"x"}


def test_row_drop_column(pointer, session, known):
    at = pointer.empty()
    drag_columns(pointer.canvas, ["kind"], at)
    node = session.graph.nodes[-1]
    assert (node.name, node.kind, node.params) == ("kind", "Input", {"shape": [3]})
    entry = {"column": "kind", "encode": "category", "labels": ["u", "v", "w"]}
    assert session.project.data == {"inputs": {"kind": entry}}
    assert session.selection == ("kind",)
    only_step(session, "Add Input for kind")


def test_row_drop_column_with_alt(pointer, session, known):
    drag_columns(pointer.canvas, ["kind"], pointer.empty(), ALT, drop=False)
    assert pointer.canvas.hint.text() == "New Output that predicts kind"
    drag_columns(pointer.canvas, ["kind"], pointer.empty(), ALT)
    node = session.graph.nodes[-1]
    assert (node.name, node.kind) == ("kind", "Output")
    assert node.params["loss"] == "sparse_categorical_crossentropy"
    assert node.params["labels"] == ["u", "v", "w"]
    only_step(session, "Add Output for kind")


def test_row_drop_on_wire(pointer, session):
    drop_kind(pointer.canvas, "Dropout", pointer.wire("y"))
    node = session.graph.nodes[-1].name
    assert session.graph[node].inputs == {"x": "a"}
    assert session.graph["y"].inputs == {"x": node}
    only_step(session, "Add Dropout")


def test_row_drop_on_wire_says_before_it_is_let_go_whether_it_fits(pointer, session):
    canvas, wire = pointer.canvas, pointer.canvas.scene_sync.wires[WireId("y", "x")]
    drop_kind(canvas, "Dropout", pointer.wire("y"), drop=False)
    assert wire.glow
    assert canvas.hint.text() == "Dropout between a and y"
    drop_kind(canvas, "Conv1D", pointer.wire("y"), drop=False)
    assert not wire.glow
    reason = ConnectionCheck(session.current_report()).problems_after("a")["Conv1D"]
    assert canvas.hint.text() == f"{reason}\nHold Ctrl to connect anyway."
    drop_kind(canvas, "Conv1D", pointer.wire("y"), drop=False, modifiers=CTRL)
    assert wire.glow


def test_row_drop_on_wire_leaves_the_wire_where_it_does_not_fit(pointer, session):
    drop_kind(pointer.canvas, "Conv1D", pointer.wire("y"))
    assert session.graph.nodes[-1].inputs == {}
    assert session.graph["y"].inputs == {"x": "a"}
    assert not pointer.canvas.hint.isVisible()
    session.undo()
    drop_kind(pointer.canvas, "Conv1D", pointer.wire("y"), modifiers=CTRL)
    assert session.graph["y"].inputs == {"x": session.graph.nodes[-1].name}


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
    QTest.keyClick(pointer.canvas.viewer, Qt.Key.Key_Space)
    assert len(asked) == 1
    pointer.drag(QPoint(360, 240), QPoint(300, 200), modifiers=ALT)
    assert (pointer.canvas.viewer.mapToScene(QPoint(300, 200)) - under).manhattanLength() < 8


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
