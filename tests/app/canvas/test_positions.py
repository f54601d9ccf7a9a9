"""Nodes that have no place yet stand where a person would look for them."""

from __future__ import annotations

from collections import defaultdict

from app.canvas.items.wire_id import WireId
from app.canvas.positions import resolve_positions
from app.documents.session import Session
from engine.graph.edits import field_edits, node_edits, wire_edits
from engine.graph.model import Graph, Node, Project
from tests.app.windows import opened

SIZE = (180.0, 80.0)
SIZES = defaultdict(lambda: SIZE)


def drawn() -> Project:
    nodes = (
        Node("points", "Input", params={"shape": [4]}),
        Node("stem", "Dense", {"x": "points"}, {"units": 4}),
        Node("age", "Output", {"x": "stem"}, {"loss": "mse"}),
    )
    at = {"points": (0, 0), "stem": (300, 0), "age": (540, 0)}
    return field_edits.move(Project(Graph(nodes)), at)


def test_a_new_node_stands_behind_what_feeds_it_and_on_no_other():
    project = node_edits.add_node(drawn(), "Output", "sex", inputs={"x": "stem"})
    x, y = resolve_positions(project, SIZES)[0]["sex"]
    assert x == 300 + SIZE[0] + 60
    assert y >= SIZE[1]


def test_a_new_node_stands_in_front_of_what_it_feeds():
    project = node_edits.add_node(drawn(), "Input", "more")
    project = node_edits.add_node(project, "Concatenate", "both", inputs={"xs": ["more"]})
    project = wire_edits.connect(project, "both", "age", "x")
    places = resolve_positions(project, SIZES)[0]
    assert places["both"][0] < places["age"][0]


def test_a_new_node_without_wires_stands_below_the_others():
    project = node_edits.add_node(drawn(), "Dense", "alone")
    assert resolve_positions(project, SIZES)[0]["alone"][1] > SIZE[1]


def test_no_two_nodes_lie_on_one_another_however_many_are_new():
    project = drawn()
    for number in range(12):
        project = node_edits.add_node(project, "Output", f"y{number}", inputs={"x": "stem"})
    places = list(resolve_positions(project, SIZES)[0].values())
    for place, (x, y) in enumerate(places):
        for other_x, other_y in places[:place]:
            assert abs(x - other_x) >= SIZE[0] or abs(y - other_y) >= SIZE[1]


def test_a_skip_is_led_round_the_nodes_when_a_file_without_positions_is_opened(qtbot):
    """The wire has bends on the canvas at once, without an edit of the document."""
    nodes = (
        Node("points", "Input", params={"shape": [4]}),
        Node("one", "Dense", {"x": "points"}, {"units": 4}),
        Node("two", "Dense", {"x": "one"}, {"units": 4}),
        Node("sum", "Add", {"xs": ("two", "points")}),
        Node("age", "Output", {"x": "sum"}, {"loss": "mse"}),
    )
    session = Session(Project(Graph(nodes)))
    with opened(qtbot, session) as window:
        wires = window.tabs.canvas.scene_sync.wires
        assert [wire_id for wire_id, wire in wires.items() if wire.points] == [
            WireId("sum", "xs", 1)
        ]
        assert session.undo_history.undo_label is None
