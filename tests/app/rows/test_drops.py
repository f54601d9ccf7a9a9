"""What is dropped on the canvas: a test for each row of the table, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import QApplication

from app.canvas.canvas import Canvas
from app.canvas.items.wire_id import WireId
from app.data.table.table_loader import TableLoader
from app.documents.column_mapping import COLUMNS_MIME, encode_columns
from app.documents.connection_check import ConnectionCheck
from app.documents.workspace import Workspace
from engine.graph.edits import field_edits
from engine.graph.view import node_positions
from tests.app.pointer import ALT, CTRL, NONE
from tests.app.rows.conftest import drawn, only_step

LABELS = {"kind": "category", "params": {"unknown": "ignore", "fill": "most_frequent"}}


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


def test_a_column_that_is_dropped_on_the_origin_of_the_canvas_stays_there(pointer, session, known):
    """The point (0, 0) is falsy."""
    pointer.canvas.add_actions.add_for_columns(["a"], "Input", QPointF(0, 0))
    assert node_positions(session.project)[session.graph.nodes[-1].name] == (0, 0)


def test_row_drag_column_with_several(pointer, session, known):
    session.edit("Set", field_edits.set_params, "x", {"shape": [2]})
    drag_columns(pointer.canvas, ["a", "b"], pointer.head("x"))
    encode = {"kind": "number", "params": {"scale": "standardize", "fill": "mean"}}
    assert session.project.data == {"inputs": {"x": {"columns": ["a", "b"], "encode": encode}}}
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


def test_a_new_input_takes_the_shape_of_the_columns(pointer, session, known):
    at = pointer.empty()
    drop_kind(pointer.canvas, "Input", at)
    name, before = session.graph.nodes[-1].name, session.project
    drag_columns(pointer.canvas, ["a", "b"], at + QPoint(10, 5), drop=False)
    assert pointer.canvas.hint.text() == f"Assign 2 columns to {name}"
    drag_columns(pointer.canvas, ["a", "b"], at + QPoint(10, 5))
    assert session.graph[name].params["shape"] == [2]
    assert session.project.data["inputs"][name]["columns"] == ["a", "b"]
    session.undo()
    assert session.project == before


def test_row_column_anyway(pointer, session, known):
    drag_columns(pointer.canvas, ["kind"], pointer.head("x"), CTRL)
    assert session.project.data == {"inputs": {"x": {"column": "kind", "encode": LABELS}}}
    drag_columns(pointer.canvas, ["kind"], pointer.head("b"), CTRL)
    assert set(session.project.data["inputs"]) == {"x"}


def test_row_drop_column(pointer, session, known):
    at = pointer.empty()
    drag_columns(pointer.canvas, ["kind"], at)
    node = session.graph.nodes[-1]
    assert (node.name, node.kind, node.params) == ("kind", "Input", {"shape": [3]})
    entry = {"column": "kind", "encode": LABELS, "labels": ["u", "v", "w"]}
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
