"""A long chain stands in rows like text, with its wires between the rows and not on nodes."""

from __future__ import annotations

import pytest

from engine.diagram.layout.layered_layout import DEFAULT_SIZE, layered_layout
from engine.diagram.layout.layout_rows import divide_into_rows
from engine.diagram.tidy import tidy
from engine.graph.model import Graph, Node, Project
from engine.graph.view import node_positions, routes

WIDTH, HEIGHT = DEFAULT_SIZE


def chain(count: int) -> Graph:
    """Return a chain of `count` nodes with a skip over every third node."""
    nodes = [Node("n0", "Input")]
    for at in range(1, count):
        skips = at % 4 == 3
        wires = {"xs": (f"n{at - 1}", f"n{at - 3}")} if skips else {"x": f"n{at - 1}"}
        nodes.append(Node(f"n{at}", "Add" if skips else "Dense", wires))
    return Graph(tuple(nodes))


def extent(points: list[tuple[float, float]]) -> tuple[float, float]:
    return max(x for x, _ in points) + WIDTH, max(y for _, y in points) + HEIGHT


@pytest.mark.parametrize("count", [100, 1000, 3000])
def test_a_long_chain_has_about_the_ratio_of_a_view(count: int) -> None:
    width, height = extent([*layered_layout(chain(count), {}).positions.values()])
    assert 1 < width / height < 2.6
    width, height = extent([*layered_layout(chain(count), {}, horizontal=False).positions.values()])
    assert 0.6 < width / height < 2.6


def test_a_short_chain_is_one_row() -> None:
    positions = layered_layout(chain(12), {}).positions
    assert [positions[f"n{at}"][0] for at in range(12)] == sorted(x for x, _ in positions.values())


def test_no_two_nodes_of_rows_overlap_and_rows_are_in_order() -> None:
    positions = layered_layout(chain(300), {}).positions
    places = sorted(positions.values())
    for number, (x, y) in enumerate(places):
        for other_x, other_y in places[number + 1 :]:
            if other_x >= x + WIDTH:
                break
            assert abs(other_y - y) >= HEIGHT
    order = [positions[f"n{at}"] for at in range(300)]
    assert all(b[0] > a[0] or b[1] > a[1] for a, b in zip(order, order[1:], strict=False))


def test_wires_between_rows_turn_outside_of_the_nodes() -> None:
    now = tidy(Project(chain(200)), {})
    at, bends = node_positions(now), routes(now)
    right = max(x for x, _ in at.values()) + WIDTH
    left = min(x for x, _ in at.values())
    back = [
        (source, node.name, port)
        for node in now.graph
        for port, _, source in node.wires()
        if at[node.name][0] <= at[source][0]
    ]
    assert back
    for route in back:
        xs = [x for x, _ in bends[route]]
        assert max(xs) > right
        assert min(xs) < left
        middle = [y for x, y in bends[route] if x > right or x < left][1]
        assert not any(y < middle < y + HEIGHT for _, y in at.values())


def test_a_row_begins_where_few_wires_lead() -> None:
    columns = [(240.0 * at, 240.0 * at + 180) for at in range(60)]
    spans = [(at, at + 1) for at in range(59)]
    spans += [(at, at + 2) for at in range(0, 57, 3)]  # blocks of three columns
    found = divide_into_rows(columns, spans, 200)
    assert len(found.starts) > 2
    assert all(start % 3 == 0 for start in found.starts)


def test_a_last_column_that_is_wider_than_a_row_is_a_row() -> None:
    columns = [(0.0, 100.0), (200.0, 300.0), (400.0, 90_000.0)]
    rows = divide_into_rows(columns, [(0, 1), (1, 2)], 100)
    assert rows.starts == [0, 2]
