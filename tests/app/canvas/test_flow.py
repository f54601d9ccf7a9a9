"""A gesture descends: pointer event, gesture, edit of the document, scene sync."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.canvas import edits
from app.canvas.canvas import Canvas
from app.canvas.items.wire_id import WireId
from app.canvas.view.viewer import CanvasViewer
from app.documents.node_deletion import delete_nodes
from app.documents.session import Session
from engine.graph.edits import field_edits
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file
from tests.tiers import noted

FOLDER = Path(edits.__file__).parent
LAYERS = (
    ("drawing",),
    ("items",),
    ("view",),
    ("positions", "wire_sync", "frame_sync"),
    ("scene_sync", "free_space"),
    ("edits",),
    ("context", "pending_node"),
    ("gestures",),
    ("actions", "drops"),
    ("image_export",),
    ("canvas",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def imported_modules(path: Path) -> set[str]:
    """Return what a file imports of the canvas, typing imports included."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "app.canvas":
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app.canvas."):
            modules.add(node.module.split(".")[2])
    return modules


def test_imports_point_down():
    for path in sorted(FOLDER.rglob("*.py")):
        with noted(path):
            check_imports(path)


def check_imports(path):
    name = path.relative_to(FOLDER).with_suffix("").parts[0]
    if name != "__init__":
        assert {other for other in imported_modules(path) if LEVEL[other] > LEVEL[name]} == set()


class RecordingHandler:
    """A pointer handler that notes the events it receives."""

    def __init__(self) -> None:
        self.events: list[tuple[str, QPoint]] = []

    def press(self, event) -> None:
        self.events.append(("press", event.position().toPoint()))

    def move(self, event) -> bool:
        self.events.append(("move", event.position().toPoint()))
        return True

    def release(self, event) -> None:
        self.events.append(("release", event.position().toPoint()))

    def reset(self) -> None:
        self.events.append(("reset", QPoint()))


def test_the_view_forwards_the_pointer_to_any_handler(qtbot, theme):
    viewer, handler = CanvasViewer(theme), RecordingHandler()
    qtbot.addWidget(viewer)
    viewer.resize(400, 300)
    viewer.pointer_handler = handler
    viewport, start, stop = viewer.viewport(), QPoint(50, 60), QPoint(90, 80)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, stop)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=stop)
    assert handler.events == [("press", start), ("move", stop), ("release", stop)]


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
