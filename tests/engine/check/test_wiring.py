"""Faults of the wiring: what is named, where, and once; test_findings has a file for each code."""

from typing import Any

import pytest
from hypothesis import given, settings

from engine.check.wiring import check_wiring, unknown_output_diagnostic
from engine.core.diagnostic import Diagnostic
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from tests.strategies import projects

INPUT = Node("posts", "Input", params={"shape": [4]})
OUTPUT = Node("age", "Output", {"x": "hidden"})
HIDDEN = Node("hidden", "Dense", {"x": "posts"}, {"units": 1})


def graph(*nodes: Node) -> Graph:
    return Graph(nodes)


def only(graph: Graph, code: str) -> Diagnostic:
    (found,) = [found for found in check_wiring(graph) if found.code == code]
    assert found.found
    assert found.expected
    assert found.fixes
    return found


def mended(graph: Graph, code: str) -> Graph:
    """Return the graph after the first fix that a machine can apply."""
    edit = next(fix.edit for fix in only(graph, code).fixes if fix.edit)
    return apply_edit(Project(graph), edit).graph


SOUND = graph(INPUT, HIDDEN, OUTPUT)


def dense(name: str, source: str, **more: Any) -> Node:
    return Node(name, "Dense", {"x": source}, **more)


def test_a_sound_graph_has_no_findings() -> None:
    assert check_wiring(SOUND) == []


def test_a_loop_is_named_in_the_order_of_its_wires() -> None:
    nodes = [Node(name, "Dense", {"x": source}) for name, source in ("ac", "ba", "cb")]
    found = only(graph(INPUT, *nodes, Node("age", "Output", {"x": "c"})), "graph-loop")
    assert found.found == "a -> b -> c -> a"
    assert found.node == "a"
    assert found.fixes[0].edit == {"do": "disconnect", "node": "a", "port": "x"}


def test_a_node_that_feeds_itself_and_two_loops_are_all_named() -> None:
    found = check_wiring(
        graph(
            Node("a", "Dense", {"x": "a"}),
            Node("b", "Dense", {"x": "c"}),
            Node("c", "Dense", {"x": "b"}),
            Node("after", "Dense", {"x": "c"}),
        )
    )
    assert [loop.found for loop in found if loop.code == "graph-loop"] == ["a -> a", "b -> c -> b"]


SHARED = (dense("deep", "posts"), dense("head", "deep"), dense("second", "deep"))
SECOND_OUTPUT = Node("b", "Output", {"x": "second"})
MERGED = Node("deep", "Concatenate", {"xs": ("posts", "branch")})


@pytest.mark.parametrize(
    ("others", "source"),
    [
        ((*SHARED, SECOND_OUTPUT), "deep"),
        (SHARED[:2], "deep"),
        ((dense("head", "posts"),), "posts"),
        ((MERGED, *SHARED[1:], SECOND_OUTPUT), "posts"),
    ],
)
def test_a_new_branch_is_connected_to_the_layer_before_the_heads(others, source) -> None:
    """A layer that depends on the branch would close a cycle."""
    branch = (Node("branch", "Dense"), Node("new", "Output", {"x": "branch"}))
    nodes = (INPUT, *others, Node("a", "Output", {"x": "head"}), *branch)
    found = only(graph(*nodes), "output-unreached")
    assert found.fixes[0].edit["source"] == source
    assert check_wiring(mended(graph(*nodes), "output-unreached")) == []


def test_a_disconnected_output_names_the_missing_wire_and_the_inputs() -> None:
    """Keras prints an empty name here."""
    nodes = (INPUT, Node("words", "Dense", {"x": "posts"}), Node("hidden", "Dense"), OUTPUT)
    found = only(graph(*nodes), "output-unreached")
    assert found.node == "hidden", "the wire is missing there"
    assert found.message == "its input is not connected, so no Input reaches age"
    assert found.found == "no path from posts"
    assert found.fixes[0].edit == {
        "do": "connect",
        "source": "words",
        "node": "hidden",
        "port": "x",
    }
    assert check_wiring(mended(graph(*nodes), "output-unreached")) == []


def test_an_output_without_a_wire_has_one_finding() -> None:
    found = check_wiring(graph(INPUT, HIDDEN, Node("age", "Output")))
    assert [(one.code, one.node) for one in found] == [("output-unreached", "age")]
    assert found[0].message == "this output is not connected"


@pytest.mark.parametrize(("kind", "told"), [
    ("Dense", "input is not connected, so no Input reaches age"),
    ("Add", "input is not connected, so no Input reaches age"),
    ("Attention", 'input "query" is not connected'),
])  # fmt: skip
def test_an_input_is_called_by_name_only_where_a_node_shows_that_name(kind, told) -> None:
    """It said "x" and "xs", which stand in files and on no node."""
    loose = check_wiring(graph(INPUT, Node("hidden", kind), OUTPUT))
    found = next(found for found in loose if found.node == "hidden")
    assert found.message == f"its {told}"


def test_a_misspelt_source_is_guessed_with_its_output_kept() -> None:
    found = only(graph(INPUT, dense("hidden", "post"), OUTPUT), "source-missing")
    assert "did you mean 'posts'?" in found.expected
    assert found.port == "x"


def test_a_kind_that_is_not_known_has_no_findings_about_ports() -> None:
    future = Node("hidden", "Quantum", {"up": "posts", "down": ("posts",)})
    assert check_wiring(graph(INPUT, future, OUTPUT)) == []


def test_inputs_take_no_wires() -> None:
    found = only(graph(Node("posts", "Input", {"x": "age"}), HIDDEN, OUTPUT), "no-such-port")
    assert found.message == "Input takes no wires"


def test_an_unknown_output_offers_the_nearest() -> None:
    node = Node("b", "Dense", {"x": "lstm.state"})
    found = unknown_output_diagnostic(node, "x", None, "lstm.state", ("state_h", "state_c"))
    assert found.expected == "lstm, lstm.state_h, lstm.state_c"
    assert (found.fixes[0].edit or {})["source"] == "lstm.state_h"


def test_without_a_node_to_connect_only_advice_is_given() -> None:
    """Every node that an Input reaches depends on the branch itself, by wires it must not have."""
    nodes = (Node("a", "Input", {"x": "b"}, {"shape": [4]}), Node("b", "Dense"))
    found = check_wiring(graph(*nodes, Node("age", "Output", {"x": "b"})))
    unreached = next(one for one in found if one.code == "output-unreached")
    assert [fix.edit for fix in unreached.fixes] == [None]


@settings(deadline=None)
@given(projects())
def test_any_graph_is_checked_and_every_fix_can_be_applied(project: Project) -> None:
    for found in check_wiring(project.graph):
        assert found.node is None or found.node in project.graph
        for fix in found.fixes:
            if fix.edit:
                apply_edit(project, fix.edit)


WIDE = 5000
LARGE = {
    "chain": [Node(f"n{i}", "Dense", {"x": f"n{i - 1}" if i else "posts"}) for i in range(WIDE)],
    "ring": [Node(f"n{i}", "Dense", {"x": f"n{(i - 1) % WIDE}"}) for i in range(WIDE)],
    "pairs": [Node(f"n{i}", "Dense", {"x": f"n{i ^ 1}"}) for i in range(WIDE)],
    "missing": [Node(f"n{i}", "Dense", {"x": f"m{i}"}) for i in range(WIDE)],
    "loose": [Node(f"n{i}", "Dense") for i in range(WIDE)],
    "outputs": [Node(f"n{i}", "Dense", {"x": f"n{i - 1}"} if i else {}) for i in range(2500)]
    + [Node(f"o{i}", "Output", {"x": f"n{2499 - i % 9}"}) for i in range(2499)],
}


@pytest.mark.parametrize("form", LARGE)
def test_the_largest_graphs_are_checked(form: str) -> None:
    """No depth is too much, and no number of wires."""
    assert check_wiring(graph(INPUT, *LARGE[form]))


def test_a_bypassed_output_is_neither_trained_nor_asked_for_data():
    from engine.check.report import check
    from engine.graph.edits.field_edits import set_off
    from engine.graph.serialization.file import parse
    from engine.graph.templates import read_template

    project = parse(read_template("posts")).project
    report = check(set_off(project, "gender", True))
    assert not report.errors
    assert set(report.heads) == {"age", "income"}
    for name in ("age", "income", "gender"):
        project = set_off(project, name, True)
    found = check(project).errors
    assert [bad.code for bad in found] == ["no-output"]
    assert found[0].fixes[0].edit == {"do": "set_off", "node": "age", "off": False}


def test_one_mistake_is_one_finding() -> None:
    nowhere = graph(INPUT, dense("hidden", "psots"), OUTPUT)
    assert [found.code for found in check_wiring(nowhere)] == ["source-missing"]
    new = Node("new", "Dense", {}, {"units": 1})
    behind = graph(INPUT, HIDDEN, OUTPUT, new, dense("last", "new"))
    assert [found.code for found in check_wiring(behind)] == ["port-loose"]
