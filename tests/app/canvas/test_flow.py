"""A gesture descends: pointer event, gesture, edit of the document, scene sync."""

from __future__ import annotations

import pytest

from app.canvas import edits
from app.canvas.canvas import Canvas
from app.canvas.items.wire_id import WireId
from app.documents.node_deletion import delete_nodes
from app.documents.session import Session
from engine.graph.edits import field_edits
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file


def example() -> Project:
    nodes = (
        Node("points", "Input", params={"shape": [4]}),
        Node("stem", "Dense", {"x": "points"}, {"units": 4}),
        Node("age", "Output", {"x": "stem"}, {"loss": "mse"}),
        Node("alone", "Dense", params={"units": 2}),
    )
    at = {"points": (0, 0), "stem": (300, 0), "age": (540, 0), "alone": (300, 200)}
    return add_frame(field_edits.move(Project(Graph(nodes)), at), ["stem"], "Body")


WIRE, REPORT = WireId("age", "x"), Session(example()).current_report()


@pytest.mark.parametrize(
    "edit",
    [
        lambda project: edits.connect_wire(project, "points", WIRE),
        lambda project: edits.disconnect_wires(project, [WIRE]),
        lambda project: delete_nodes(project, ["stem"], REPORT, bridge=True),
        lambda project: edits.add_node(project, "Dropout", (400, 0), wire=WIRE),
        lambda project: edits.insert_into_wire(project, "alone", WIRE, {"alone": (400, 0)}),
        lambda project: edits.move_into_frame(project, {"alone": (300, 100)}, 0),
    ],
)
def test_an_edit_returns_a_new_project_and_leaves_the_old_one(edit):
    project = example()
    before = file.dumps(project)
    result = edit(project)
    assert isinstance(result, Project)
    assert file.dumps(result) != before
    assert file.dumps(project) == before


def state(canvas: Canvas) -> tuple[object, ...]:
    """Return the items of a canvas and where they stand."""
    sync = canvas.scene_sync
    places = {name: (item, item.pos(), item.view_model) for name, item in sync.nodes.items()}
    paths = {end: (wire, wire.path()) for end, wire in sync.wires.items()}
    frames = [(frame, frame.sceneBoundingRect()) for frame in sync.frames]
    return places, paths, frames, set(canvas.viewer.scene().items())


def test_scene_sync_is_idempotent_and_restores_what_a_gesture_moved(qtbot, theme):
    canvas = Canvas(Session(example()), theme)
    qtbot.addWidget(canvas)
    before = state(canvas)
    canvas.scene_sync.sync()
    assert state(canvas) == before
    canvas.scene_sync.nodes["stem"].setPos(700, 300)
    assert state(canvas) != before
    canvas.scene_sync.sync()
    assert state(canvas) == before
