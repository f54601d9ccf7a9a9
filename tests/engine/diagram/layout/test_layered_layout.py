"""A graph laid out reads from inputs to outputs: no overlap, straight chains, even branches."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram.layout.layered_layout import DEFAULT_SIZE, layered_layout
from engine.graph.model import Graph, Node
from engine.graph.serialization import file
from engine.graph.templates import read_template
from tests.strategies import projects


def chain(count: int) -> Graph:
    first = Node("n0", "Input")
    return Graph((first, *(Node(f"n{at}", "Dense", {"x": f"n{at - 1}"}) for at in range(1, count))))


def tangled(count: int, seed: int) -> Graph:
    """A graph of sums over the ten nodes before, about two wires each."""
    draw = random.Random(seed)
    nodes = []
    for at in range(count):
        before = [f"n{at - back}" for back in range(1, min(at, 10) + 1)]
        nodes.append(Node(f"n{at}", "Add", {"xs": tuple(draw.sample(before, min(at, 2)))}))
    return Graph(tuple(nodes))


def overlaps(places: dict, sizes: dict) -> list[tuple[str, str]]:
    found = []
    boxes = [(name, *places[name], *sizes.get(name, DEFAULT_SIZE)) for name in sorted(places)]
    for at, (one, x, y, width, height) in enumerate(boxes):
        for other, left, top, across, down in boxes[at + 1 :]:
            if x < left + across and left < x + width and y < top + down and top < y + height:
                found.append((one, other))
    return found


@pytest.mark.slow
@settings(deadline=None)
@given(
    projects(),
    st.dictionaries(
        st.sampled_from(("a", "b", "dense")), st.tuples(st.floats(1, 500), st.floats(1, 500))
    ),
    st.booleans(),
    st.tuples(st.floats(0, 80), st.floats(0, 80)),
    st.floats(0, 60),
)
def test_any_graph_is_laid_out_without_overlap_on_the_grid(
    project, sizes, across, gap, header
) -> None:
    places = layered_layout(project.graph, sizes, across, gap=gap, header=header).positions
    assert sorted(places) == sorted(project.graph.by_name)
    assert not overlaps(places, sizes)
    assert all(x % 10 == y % 10 == 0 for x, y in places.values())
    assert places == layered_layout(project.graph, sizes, across, gap=gap, header=header).positions


@pytest.mark.parametrize("seed", range(4))
def test_a_tangle_has_no_overlap_and_every_wire_leads_forwards(seed: int) -> None:
    graph = tangled(60, seed)
    draw = random.Random(seed)
    sizes = {node.name: (draw.randrange(100, 260), draw.randrange(40, 200)) for node in graph}
    places = layered_layout(graph, sizes).positions
    assert not overlaps(places, sizes)
    for node in graph:
        for source in node.sources():
            assert places[source][0] + sizes[source][0] + 60 <= places[node.name][0] + 10


def test_a_chain_is_straight_whatever_the_heights() -> None:
    sizes = {f"n{at}": (180, 60 + 20 * (at % 3)) for at in range(12)}
    places = layered_layout(chain(12), sizes).positions
    assert len({places[name][1] + sizes[name][1] / 2 for name in places}) == 1


def test_wires_below_headers_are_straight() -> None:
    sizes = {f"n{at}": (180, 60 + 40 * (at % 3)) for at in range(12)}
    places = layered_layout(chain(12), sizes, header=20).positions
    assert len({places[name][1] + 20 + (sizes[name][1] - 20) / 2 for name in places}) == 1


def test_heads_fan_out_evenly_in_drawing_order() -> None:
    heads = [Node(f"head_{at}", "Dense", {"x": "trunk"}) for at in range(3)]
    ends = [Node(f"out_{at}", "Output", {"x": f"head_{at}"}) for at in range(3)]
    graph = Graph((Node("in", "Input"), Node("trunk", "Dense", {"x": "in"}), *heads, *ends))
    places = layered_layout(graph, {}).positions
    downs = [places[f"head_{at}"][1] for at in range(3)]
    assert downs[1] == places["trunk"][1] == places["in"][1]
    assert downs[1] - downs[0] == downs[2] - downs[1] > 0
    assert [places[f"out_{at}"][1] for at in range(3)] == downs


def test_branches_stand_in_the_order_of_the_ports_they_lead_to() -> None:
    graph = Graph((
        Node("b", "Input"), Node("a", "Input"),
        Node("both", "Concatenate", {"xs": ("a", "b")}),
    ))  # fmt: skip
    places = layered_layout(graph, {}).positions
    assert places["a"][1] < places["b"][1]
    reversed_ports = Graph((
        Node("v", "Input"), Node("q", "Input"),
        Node("attend", "Attention", {"value": "v", "query": "q"}),
    ))  # fmt: skip
    places = layered_layout(reversed_ports, {}).positions
    assert places["q"][1] < places["v"][1]


def test_a_skip_goes_round_a_straight_main_way() -> None:
    graph = Graph((
        Node("x", "Input"), Node("one", "Dense", {"x": "x"}), Node("two", "Dense", {"x": "one"}),
        Node("sum", "Add", {"xs": ("two", "x")}),
    ))  # fmt: skip
    found = layered_layout(graph, {})
    assert len({y for _, y in found.positions.values()}) == 1
    (begin, end) = found.bends["x", "sum", "xs"]
    assert begin[1] == end[1] > DEFAULT_SIZE[1] + found.positions["x"][1]
    assert begin[0] == found.positions["one"][0]
    assert end[0] == found.positions["two"][0] + DEFAULT_SIZE[0]


def test_a_late_input_stands_beside_its_merge() -> None:
    graph = Graph((
        *chain(5).nodes, Node("late", "Input"), Node("words", "Embedding", {"x": "late"}),
        Node("sum", "Add", {"xs": ("n4", "words")}),
    ))  # fmt: skip
    places = layered_layout(graph, {}).positions
    assert places["words"][0] == places["n4"][0]
    assert places["late"][0] == places["n3"][0]


def test_from_top_to_bottom_is_the_same_turned() -> None:
    graph = tangled(20, 1)
    across = layered_layout(graph, {node.name: (100, 100) for node in graph}).positions
    down = layered_layout(
        graph, {node.name: (100, 100) for node in graph}, horizontal=False
    ).positions
    assert down == {name: (y, x) for name, (x, y) in across.items()}


def test_unconnected_parts_stand_below_one_another_and_loose_nodes_in_rows() -> None:
    second = [Node("p", "Input"), Node("q", "Dense", {"x": "p"})]
    loose = [Node(f"z{at}", "Dense") for at in range(9)]
    places = layered_layout(Graph((loose[0], *chain(4).nodes, *second, *loose[1:])), {}).positions
    assert places["n0"][1] + DEFAULT_SIZE[1] < places["p"][1] == places["q"][1]
    assert all(places[node.name][1] > places["p"][1] + DEFAULT_SIZE[1] for node in loose)
    assert 1 < len({places[node.name][1] for node in loose}) < 9


def test_chosen_nodes_keep_their_middle() -> None:
    graph = chain(4)
    places = {"n1": (1000.0, 500.0), "n2": (1000.0, 600.0), "n0": (0.0, 0.0)}
    now = layered_layout(graph, {}, selected=["n1", "n2"], positions=places).positions
    assert set(now) == {"n1", "n2"}
    assert now == {"n1": (880, 550), "n2": (1120, 550)}


@pytest.mark.parametrize(
    "name", ["sequential", "question-answering", "posts", "posts-longer", "penguins"]
)
def test_a_template_without_a_shortcut_is_laid_out_without_a_bend(name: str) -> None:
    assert not layered_layout(file.parse(read_template(name)).project.graph, {}).bends


@pytest.mark.parametrize(
    "graph",
    [
        chain(1000),
        tangled(1000, 1),
        Graph(tuple(Node(f"n{at}", "Dense", {"x": f"n{(at - 1) % 1000}"}) for at in range(1000))),
        Graph((*chain(999).nodes, Node("m", "Add", {"xs": tuple(f"n{at}" for at in range(999))}))),
        Graph((*(Node(f"n{at}", "Input") for at in range(999)),
               Node("m", "Add", {"xs": tuple(f"n{at}" for at in range(999))}))),
    ],
    ids=["chain", "tangle", "loop", "all to one", "fan"],
)  # fmt: skip
def test_a_thousand_nodes_take_no_recursion(graph: Graph) -> None:
    assert len(layered_layout(graph, {}).positions) == 1000
