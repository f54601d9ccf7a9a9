"""What is copied pastes anywhere, with free names, and passes the border that files pass."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.graph import fragment
from engine.graph.edits import node_edits
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file
from tests.strategies import NAMES, projects

A = Node("a", "Input", params={"shape": [4]})
B = Node("b", "Dense", {"x": "a"}, {"units": 2})
C = Node("c", "Dense", {"x": "b"}, shares="b")
START = Project(Graph((A, B, C)), view={"nodes": {"b": {"at": [10, 20]}, "c": {"at": [50, 20]}}})


def test_wires_inside_are_kept_and_names_are_free() -> None:
    pasted = fragment.paste_nodes(START, fragment.copy_nodes(START, ["b", "c"]), offset=(5, 5))
    assert pasted.names == {"b": "b_2", "c": "c_2"}
    assert pasted.project.graph.nodes[3:] == (
        Node("b_2", "Dense", params={"units": 2}),
        Node("c_2", "Dense", {"x": "b_2"}, shares="b_2"),
    )
    assert pasted.project.view["nodes"]["b_2"] == {"at": [15, 25]}


def test_wires_from_outside_are_kept_on_request_where_their_source_is() -> None:
    copied = fragment.copy_nodes(START, ["b"])
    assert fragment.paste_nodes(START, copied, keep_outside_wires=True).project.graph[
        "b_2"
    ].inputs == {"x": "a"}
    assert (
        not fragment.paste_nodes(Project(), copied, keep_outside_wires=True)
        .project.graph["b"]
        .inputs
    )


def test_a_shared_node_keeps_its_owner_or_becomes_its_own() -> None:
    copied = fragment.copy_nodes(START, ["c"])
    here = fragment.paste_nodes(START, copied).project.graph["c_2"]
    assert (here.shares, here.params) == ("b", {})
    there = fragment.paste_nodes(Project(), copied).project.graph["c"]
    assert (there.shares, there.params) == (None, {"units": 2})


def test_a_linked_copy_uses_the_weights_of_its_original() -> None:
    pasted = fragment.duplicate_linked(START, ["a", "b", "c"])
    graph = pasted.project.graph
    assert graph["a_2"].params == A.params
    assert graph["b_2"] == Node("b_2", "Dense", {"x": "a_2"}, shares="b")
    assert graph["c_2"] == Node("c_2", "Dense", {"x": "b_2"}, shares="b")


@settings(deadline=None)
@given(projects(), projects(), st.lists(st.sampled_from(NAMES)), st.booleans())
def test_anything_pastes_into_anything(
    source: Project, target: Project, chosen: list[str], outside: bool
) -> None:
    text = file.dumps(fragment.copy_nodes(source, chosen))
    pasted = fragment.paste_nodes(
        target, file.parse(text.encode()).project, keep_outside_wires=outside
    )
    new = pasted.project.graph.nodes[len(target.graph) :]
    assert pasted.project.graph.nodes[: len(target.graph)] == target.graph.nodes
    assert [node.kind for node in new] == [n.kind for n in source.graph if n.name in chosen] or any(
        node.shares for node in source.graph
    )
    assert file.parse(file.dumps(pasted.project).encode()).project == pasted.project


def test_a_hostile_clipboard_is_refused_as_a_file_is() -> None:
    with pytest.raises(DiagnosticError, match="other-format"):
        file.parse(b'{"nodes": {"0x7f": {"type_": "os.system"}}}')


def test_no_paste_goes_past_the_limit_of_a_file() -> None:
    many = Project(Graph(tuple(Node(f"n{i}", "Dense") for i in range(3000))))
    with pytest.raises(ValueError, match="at most 5000"):
        fragment.paste_nodes(many, many)
    assert len(node_edits.remove_node(many, "n7").graph) == 2999
