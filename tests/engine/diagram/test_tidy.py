"""Tidying places nodes and leads the wires that would hide, as one edit."""

import pytest
from hypothesis import given, settings

from engine.diagram.tidy import tidy
from engine.graph.edits import frame_edits
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file
from engine.graph.view import node_positions, routes
from tests.strategies import projects

SKIP = Project(Graph((
    Node("x", "Input"), Node("one", "Dense", {"x": "x"}), Node("two", "Dense", {"x": "one"}),
    Node("sum", "Add", {"xs": ("two", "x")}), Node("y", "Output", {"x": "sum"}),
)))  # fmt: skip


def test_a_skip_is_led_round_the_nodes_that_it_would_pass_behind() -> None:
    now = tidy(SKIP, {})
    assert list(routes(now)) == [("x", "sum", "xs")]
    assert len(node_positions(now)) == 5
    down = tidy(SKIP, {}, horizontal=False)
    assert list(routes(down)) == [("x", "sum", "xs")]


def test_a_long_wire_with_a_free_way_is_left_alone() -> None:
    branches = Project(Graph((
        Node("x", "Input"), Node("short", "Dense", {"x": "x"}), Node("one", "Dense", {"x": "x"}),
        Node("two", "Dense", {"x": "one"}), Node("sum", "Add", {"xs": ("short", "two")}),
    )))  # fmt: skip
    assert not routes(tidy(branches, {}))


def test_old_routes_go_and_those_elsewhere_stay() -> None:
    start = frame_edits.set_route(SKIP, "one", "two", "x", [(1, 1)])
    start = frame_edits.set_route(start, "sum", "y", "x", [(2, 2)])
    assert set(routes(tidy(start, {}))) == {("x", "sum", "xs")}
    part = tidy(start, {}, selected=["one", "two"], positions={})
    assert list(routes(part)) == [("sum", "y", "x")]


@pytest.mark.slow
@settings(deadline=None)
@given(projects())
def test_anything_is_tidied_and_twice_is_once(project: Project) -> None:
    now = tidy(project, {})
    assert set(node_positions(now)) == set(now.graph.by_name)
    assert file.parse(file.dumps(now).encode()).project == now
    assert tidy(now, {}) == now


def test_a_thousand_nodes_with_skips_are_tidied() -> None:
    nodes = [Node("n0", "Input")]
    for at in range(1, 1000):
        wires = (f"n{at - 1}", f"n{max(at - 5, 0)}")
        nodes.append(Node(f"n{at}", "Add", {"xs": wires}))
    now = tidy(Project(Graph(tuple(nodes))), {})
    assert routes(now)
