"""Where a node that is added stands, and what it is wired to."""

import json

import pytest
from PySide6.QtCore import QPointF, Qt

from app.canvas.canvas import Canvas
from app.canvas.pending_node import PendingNode
from app.documents.connection_check import ConnectionCheck
from app.documents.session import Session
from engine.graph.edits import field_edits
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from tests.app.windows import settle

NONE = Qt.KeyboardModifier.NoModifier
INPUT = {"name": "x", "kind": "Input", "params": {"shape": [4]}}


def project(*nodes: dict) -> Project:
    text = {"format": "layerloom", "version": 1, "graph": {"nodes": list(nodes)}}
    drawn = parse(json.dumps(text).encode()).project
    at = {node["name"]: (300 * place, 0) for place, node in enumerate(nodes)}
    return field_edits.move(drawn, at)


@pytest.fixture
def canvas(qtbot, theme):
    canvas = Canvas(Session(project(INPUT)), theme)
    qtbot.addWidget(canvas)
    canvas.resize(900, 600)
    canvas.show()
    settle()
    return canvas


def add(canvas: Canvas, kind: str) -> str:
    """Add a node by the menu, with the pointer always on the first node."""
    at = canvas.scene_sync.nodes["x"].scene_rect.topLeft() + QPointF(0, 20)
    canvas.add_actions._pending_node = PendingNode(at)
    canvas.add_actions.add_node(kind)
    settle()
    return canvas.context.session.graph.nodes[-1].name


def overlapping(canvas: Canvas) -> list[tuple[str, str]]:
    nodes = list(canvas.scene_sync.nodes.items())
    return [
        (one, other)
        for place, (one, item) in enumerate(nodes)
        for other, second in nodes[:place]
        if item.scene_rect.intersects(second.scene_rect)
    ]


def test_nodes_added_one_after_the_other_make_a_chain(canvas):
    """They lay exactly on one another, unwired, as long as the pointer did not move."""
    session = canvas.context.session
    session.select(["x"])
    names = ["x", *(add(canvas, kind) for kind in ("Dense", "Dropout", "Dense", "Output"))]
    for before, after in zip(names, names[1:], strict=False):
        assert session.graph[after].sources() == (before,)
        nodes = canvas.scene_sync.nodes
        assert nodes[after].scene_rect.left() > nodes[before].scene_rect.right()
        assert nodes[after].scene_rect.top() == nodes[before].scene_rect.top()
    assert overlapping(canvas) == []


def test_node_and_wire_are_one_step_of_undo(canvas):
    session = canvas.context.session
    session.select(["x"])
    add(canvas, "Dense")
    session.undo()
    assert [node.name for node in session.graph] == ["x"]


@pytest.mark.parametrize(("selected", "kind"), [
    ([], "Dense"), (["x"], "Input"), (["x", "d"], "Dense"), (["y"], "Dense"),
])  # fmt: skip
def test_a_node_that_follows_nothing_stands_free(canvas, selected, kind):
    """Nothing is selected, it has no input, several are selected, or an Output is."""
    session = canvas.context.session
    drawn = project(
        INPUT,
        {"name": "d", "kind": "Dense", "inputs": {"x": "x"}, "params": {"units": 3}},
        {"name": "y", "kind": "Output", "inputs": {"x": "d"}, "params": {"loss": "mse"}},
    )
    session.apply("Draw", drawn)
    settle()
    for _ in range(3):
        session.select(selected)
        name = add(canvas, kind)
        assert session.graph[name].inputs == {}
    assert overlapping(canvas) == []


def test_nodes_added_to_the_same_node_are_its_branches(canvas):
    """The second and third head of shared layers stayed without a wire, and nothing said so."""
    session = canvas.context.session
    names = []
    for _ in range(3):
        session.select(["x"])
        names.append(add(canvas, "Dense"))
    assert [session.graph[name].sources() for name in names] == [("x",)] * 3
    assert overlapping(canvas) == []


def test_a_node_that_does_not_fit_is_wired_and_says_why(canvas):
    session = canvas.context.session
    session.select(["x"])
    name = add(canvas, "Conv1D")
    assert session.graph[name].sources() == ("x",)
    (error,) = [each for each in session.current_report().errors if each.node == name]
    assert error.code == "wrong-rank"
    assert error.fixes


def test_a_node_stays_at_the_pointer_where_that_is_free(canvas):
    session = canvas.context.session
    session.select(["x"])
    at = canvas.scene_sync.nodes["x"].scene_rect.bottomLeft() + QPointF(0, 200)
    canvas.add_actions._pending_node = PendingNode(at)
    canvas.add_actions.add_node("Dense")
    settle()
    spot = canvas.scene_sync.nodes["dense"].scene_rect
    assert abs(spot.left() - at.x()) <= 5
    assert abs(spot.top() + 20 - at.y()) <= 5
    assert session.graph["dense"].sources() == ("x",)


def test_a_dropped_kind_stays_where_it_is_dropped_unless_it_covers_a_node(canvas):
    spots = canvas.scene_sync.nodes
    for _ in range(2):
        at = canvas.viewer.mapFromScene(spots["x"].scene_rect.topLeft() + QPointF(0, 20))
        canvas.layer_drop.drop("Dense", at, NONE)
        settle()
    corners = [(item.scene_rect.left(), item.scene_rect.top()) for item in spots.values()]
    assert len(set(corners)) == 3
    at = canvas.viewer.mapFromScene(spots["x"].scene_rect.center())
    canvas.layer_drop.drop("Dense", at, NONE)
    settle()
    spot = spots["dense_3"].scene_rect
    assert spot.intersects(spots["x"].scene_rect)


def test_after_whole_numbers_an_output_is_not_offered_before_an_embedding():
    """The first layer offered behind a text was an Output, which was an error at once."""
    text = {"name": "t", "kind": "Input", "params": {"shape": [20], "dtype": "int32"}}
    fits = ConnectionCheck(Session(project(text)).current_report())
    problems = fits.problems_after("t")
    assert "no gradient" in problems["Output"]
    assert next(kind for kind, problem in problems.items() if not problem) == "Embedding"
