"""Sections that repeat are found whatever is before and after them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.model import Graph, Node, Project
from engine.graph.repeats import MAX_SECTION, collapse_repeats, repeated_sections
from engine.graph.view import frames
from tests.strategies import projects


def blocks(count: int, length: int = 2, units: int = 8) -> list[Node]:
    """Return residual blocks of `length` Dense layers and an Add, behind "stem"."""
    nodes, before = [], "stem"
    for block in range(count):
        start = before
        for at in range(length):
            name = f"dense_{block}_{at}"
            nodes.append(Node(name, "Dense", {"x": before}, {"units": units + at}))
            before = name
        nodes.append(Node(f"add_{block}", "Add", {"xs": (before, start)}))
        before = f"add_{block}"
    return nodes


def network(middle: list[Node]) -> Project:
    stem = [Node("x", "Input"), Node("stem", "Conv2D", {"x": "x"})]
    return Project(Graph((*stem, *middle, Node("y", "Output", {"x": middle[-1].name}))))


@given(st.integers(2, 12), st.integers(1, 6))
def test_every_block_of_a_chain_is_a_section(count: int, length: int) -> None:
    shown = frames(collapse_repeats(network(blocks(count, length))))
    assert [len(frame.nodes) for frame in shown] == [length + 1] * count
    assert [frame.title for frame in shown] == [f"Block {at + 1} of {count}" for at in range(count)]
    assert all(frame.collapsed for frame in shown)
    assert all(len({name.split("_")[1] for name in frame.nodes}) == 1 for frame in shown)


def test_blocks_that_differ_in_a_parameter_or_a_wire_are_none() -> None:
    nodes = blocks(2)
    nodes[3] = Node(nodes[3].name, "Dense", nodes[3].inputs, {"units": 9})
    with pytest.raises(ValueError, match="repeats"):
        collapse_repeats(network(nodes))
    nodes = blocks(2)
    nodes[5] = Node(nodes[5].name, "Add", {"xs": ("dense_1_1", "dense_1_0")})
    with pytest.raises(ValueError, match="repeats"):
        collapse_repeats(network(nodes))


def test_a_wire_from_another_output_is_another_section() -> None:
    nodes = [
        Node("a", "LSTM", {"x": "stem"}, {"return_state": True, "units": 8}),
        Node("a2", "Dense", {"x": "a"}),
        Node("b", "LSTM", {"x": "a2"}, {"return_state": True, "units": 8}),
        Node("b2", "Dense", {"x": "b.state_h"}),
    ]
    with pytest.raises(ValueError, match="repeats"):
        collapse_repeats(network(nodes))


def test_what_is_framed_stays_in_its_frame() -> None:
    once = collapse_repeats(network(blocks(4)))
    with pytest.raises(ValueError, match="repeats"):
        collapse_repeats(once)


@given(projects())
def test_sections_of_any_graph_are_equal_apart_and_in_order(project: Project) -> None:
    graph = project.graph
    names = [node.name for node in graph.topological_order]
    groups = repeated_sections(graph, names)
    found = [name for group in groups for section in group for name in section]
    assert found == [name for name in names if name in set(found)]
    for group in groups:
        assert len(group) > 1
        assert 2 <= len(group[0]) <= MAX_SECTION
        kinds = {tuple((graph[n].kind, repr(graph[n].params)) for n in part) for part in group}
        assert len(kinds) == 1
