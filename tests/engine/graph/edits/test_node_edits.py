"""Edits are pure, carry along all that hangs on a name, and refuse what makes no sense."""

import copy as deep
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph.edits import field_edits, node_edits, wire_edits
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file
from tests.strategies import edits as any_edit
from tests.strategies import projects
from tests.tiers import noted


def project(*nodes: Node, **more: Any) -> Project:
    return Project(Graph(nodes), **more)


A = Node("a", "Input", params={"shape": [4]})
B = Node("b", "Dense", {"x": "a"}, {"units": 2})
C = Node("c", "Output", {"x": "b"})
LINE = project(A, B, C)


@pytest.mark.slow
@settings(deadline=None)
@given(projects(), st.lists(any_edit, max_size=4))
def test_an_edit_answers_a_savable_project_and_leaves_its_own(start: Project, todo: list) -> None:
    """Or it raises a ValueError; nothing else, whatever the project is like."""
    before = file.dumps(start)
    now = start
    for edit in todo:
        try:
            now = apply_edit(now, edit)
        except ValueError:
            continue
    assert file.dumps(start) == before
    assert file.parse(file.dumps(now).encode()).project == now
    assert len(now.graph.by_name) == len(now.graph)


def test_a_new_node_gets_a_name_a_place_and_its_wires() -> None:
    now = node_edits.add_node(LINE, "Dense", params={"units": 3}, inputs={"x": "a"}, at=(1.6, 2))
    assert now.graph.nodes[-1] == Node("dense", "Dense", {"x": "a"}, {"units": 3})
    assert now.view == {"nodes": {"dense": {"at": [2, 2]}}}
    assert node_edits.add_node(now, "Dense").graph.nodes[-1].name == "dense_2"


def test_renaming_carries_wires_shares_columns_and_place() -> None:
    start = project(
        Node("lstm", "LSTM"),
        Node("m", "Merge", {"xs": ("lstm", "lstm.state_h", "lstm_2", "lstm")}),
        Node("twin", "LSTM", shares="lstm"),
        data={"inputs": {"lstm": {"column": "a"}}, "targets": {"lstm": {"column": "b"}}},
        view={"nodes": {"lstm": {"at": [1, 2]}, "m": {"at": [3, 4]}}, "frames": []},
    )
    now = node_edits.rename_node(start, "lstm", "memory")
    assert now.graph["m"].inputs == {"xs": ("memory", "memory.state_h", "lstm_2", "memory")}
    assert now.graph["twin"].shares == "memory"
    assert now.data == {
        "inputs": {"memory": {"column": "a"}},
        "targets": {"memory": {"column": "b"}},
    }
    assert list(now.view["nodes"]) == ["memory", "m"]
    assert [node.name for node in now.graph] == ["memory", "m", "twin"]
    assert node_edits.rename_node(now, "memory", "lstm") == start


def test_removing_takes_wires_column_and_place_along() -> None:
    start = project(
        A, B, Node("m", "Merge", {"xs": ("b", "a", "b.y")}),
        data={"inputs": {"b": {"column": "b"}}}, view={"nodes": {"b": {"at": [0, 0]}}},
    )  # fmt: skip
    now = node_edits.remove_node(start, "b")
    assert now == project(A, Node("m", "Merge", {"xs": ("a",)}))
    assert node_edits.remove_node(start, "b", bridge=True).graph["m"].inputs == {
        "xs": ("a", "a", "a")
    }
    assert node_edits.remove_node(LINE, "b", bridge=True).graph["c"].inputs == {"x": "a"}
    assert not node_edits.remove_node(LINE, "b").graph["c"].inputs


def test_the_first_sharer_inherits() -> None:
    start = project(B, Node("t", "Dense", shares="b"), Node("u", "Dense", shares="b"))
    now = node_edits.remove_node(start, "b")
    assert now.graph.nodes == (
        Node("t", "Dense", params={"units": 2}),
        Node("u", "Dense", shares="t"),
    )


def test_sharing_and_parting() -> None:
    start = project(B, Node("d", "Dense", params={"units": 9}), Node("e", "Dense", shares="d"))
    now = node_edits.share(start, "d", "b")
    assert now.graph["d"] == Node("d", "Dense", shares="b")
    assert now.graph["e"] == Node("e", "Dense", params={"units": 9})
    assert node_edits.share(now, "e", "d").graph["e"].shares == "b"
    assert node_edits.unshare(now, "d").graph["d"] == Node("d", "Dense", params={"units": 2})


def test_a_sharing_node_edits_its_owner() -> None:
    start = project(B, Node("t", "Dense", shares="b"))
    now = field_edits.set_params(start, "t", {"units": 5})
    assert now.graph["b"].params == {"units": 5}
    assert not now.graph["t"].params
    now = node_edits.set_kind(start, "t", "Activation")
    assert {node.kind for node in now.graph} == {"Activation"}


def test_a_merge_keeps_the_order_of_its_wires() -> None:
    now = project(A, B, Node("m", "Merge", {"xs": ("a",)}))
    now = wire_edits.connect(now, "b", "m", "xs", place=0)
    now = wire_edits.connect(now, "b.y", "m", "xs")
    assert now.graph["m"].inputs == {"xs": ("b", "a", "b.y")}
    now = wire_edits.rewire(now, "b", "m", "xs", place=1)
    assert now.graph["m"].inputs == {"xs": ("b", "b", "b.y")}
    now = wire_edits.disconnect(now, "m", "xs", place=0)
    assert now.graph["m"].inputs == {"xs": ("b", "b.y")}
    assert not wire_edits.disconnect(now, "m", "xs").graph["m"].inputs


def test_a_first_wire_into_a_merge_makes_a_list() -> None:
    now = node_edits.add_node(LINE, "Add", "sum", inputs={"xs": ["a", "b"]})
    assert now.graph["sum"].inputs == {"xs": ("a", "b")}
    now = node_edits.insert_on_wire(now, "c", "x", "Add", name="more")
    assert now.graph["more"].inputs == {"xs": ("b",)}
    assert node_edits.set_kind(now, "more", "Dense").graph["more"].inputs == {"x": "b"}
    assert node_edits.set_kind(now, "sum", "Dense").graph["sum"].inputs == {"xs": ("a", "b")}


def test_a_single_port_gives_up_its_old_wire() -> None:
    assert wire_edits.connect(LINE, "a", "c", "x").graph["c"].inputs == {"x": "a"}


def test_wires_move_to_another_port_in_its_form() -> None:
    start = project(A, Node("d", "Dense", {"input": ("a",)}))
    assert wire_edits.move_wires(start, "d", "input", "x").graph["d"].inputs == {"x": "a"}


def test_a_node_is_put_into_a_wire() -> None:
    now = node_edits.insert_on_wire(LINE, "c", "x", "Activation", name="curve", at=(0, 0))
    assert now.graph["curve"].inputs == {"x": "b"}
    assert now.graph["c"].inputs == {"x": "curve"}


def test_params_recipe_and_mapping() -> None:
    now = field_edits.rename_param(LINE, "b", "units", "unit")
    assert now.graph["b"].params == {"unit": 2}
    assert not field_edits.remove_param(now, "b", "unit").graph["b"].params
    now = field_edits.set_recipe(LINE, {"epochs": 3})
    assert field_edits.rename_recipe(now, "epochs", "seed").recipe == {"seed": 3}
    assert field_edits.remove_recipe(now, "epochs") == LINE
    now = field_edits.set_mapping(LINE, "inputs", "a", {"column": "z"})
    assert now.data == {"inputs": {"a": {"column": "z"}}}
    assert field_edits.set_mapping(now, "inputs", "a", None) == LINE
    now = field_edits.set_file(LINE, {"delimiter": ";", "header": False})
    assert now.data == {"file": {"delimiter": ";", "header": False}}
    assert field_edits.set_file(now, {"delimiter": None, "header": None}) == LINE
    assert field_edits.set_off(LINE, "b").graph["b"].off


def test_words_that_are_taken_as_missing_come_to_those_that_are() -> None:
    now = field_edits.take_missing(field_edits.set_file(LINE, {"header": False}), ["?"])
    now = field_edits.take_missing(now, ["?", "none"])
    assert now.data == {"file": {"header": False, "missing": ["?", "none"]}}
    for faulty in (3, ["?", ["none"], 3], "?"):
        now = field_edits.take_missing(field_edits.set_file(LINE, {"missing": faulty}), ["?"])
        assert now.data == {"file": {"missing": ["?"]}}


def test_several_edits_are_one() -> None:
    off = {"do": "set_off", "node": "b", "off": True}
    now = apply_edit(LINE, {"do": "several", "edits": [off, {"do": "remove_node", "node": "c"}]})
    assert now == project(A, Node("b", "Dense", {"x": "a"}, {"units": 2}, off=True))


def test_later_changes_of_an_argument_change_nothing() -> None:
    shape: list[Any] = [1]
    now = field_edits.set_params(LINE, "a", {"shape": shape})
    kept = deep.deepcopy(now.graph["a"].params)
    shape.append(2)
    assert now.graph["a"].params == kept


MISUSES = [
    ({"do": "explode"}, "no edit called 'explode'"),
    ({}, "no edit called None"),
    ({"do": "_inherited"}, "no edit called"),
    ({"do": "set_params", "node": "b"}, "missing a required argument: 'params'"),
    ({"do": "set_off", "node": "b", "on": 1}, "unexpected keyword argument 'on'"),
    ({"do": "set_off", "node": "z"}, "there is no node 'z'"),
    ({"do": "set_params", "node": "b", "params": {"units": float("nan")}}, "not JSON compl"),
    ({"do": "set_params", "node": "b", "params": {"units": {1}}}, "not plain JSON"),
    ({"do": "rename_node", "node": "b", "to": "a"}, "there is already a node 'a'"),
    ({"do": "rename_node", "node": "b", "to": "my b"}, "use for example 'my_b'"),
    ({"do": "connect", "source": "z", "node": "c", "port": "x"}, "there is no node 'z'"),
    ({"do": "connect", "source": "a", "node": "c", "port": "y"}, 'no port "y"; it has x'),
    ({"do": "connect", "source": "b", "node": "a", "port": "x"}, "it has none"),
    ({"do": "disconnect", "node": "c", "port": "y"}, "no wire ends"),
    ({"do": "share", "node": "b", "owner": "b"}, "its own weights"),
    ({"do": "unshare", "node": "b"}, "shares no weights"),
    ({"do": "remove_param", "node": "b", "param": "bias"}, 'no value for "bias"'),
    ({"do": "set_mapping", "side": "up", "node": "a", "source": {}}, "side has to be"),
    ({"do": "insert_on_wire", "node": "c", "port": "x", "kind": "Input"}, "no input ports"),
]


def test_misuse_is_said_plainly() -> None:
    for edit, says in MISUSES:
        with noted(edit, says), pytest.raises(ValueError, match=says):
            apply_edit(LINE, edit)


@pytest.mark.slow
@given(projects(), st.data())
def test_removing_nodes_at_once_is_removing_them_one_by_one(project: Project, data):
    names = data.draw(
        st.lists(st.sampled_from([n.name for n in project.graph] or ["-"]), unique=True)
    )
    names = [name for name in names if name in project.graph]
    one_by_one = project
    for name in names:
        one_by_one = node_edits.remove_node(one_by_one, name)
    together = node_edits.remove_nodes(project, names)
    assert {n.name: n.inputs for n in together.graph} == {
        n.name: n.inputs for n in one_by_one.graph
    }
    assert together.view == one_by_one.view
    assert together.data == one_by_one.data
    for node in together.graph:
        assert (
            together.graph.weight_owner(node).params == one_by_one.graph.weight_owner(node).params
        )


def test_nothing_is_put_into_a_wire_that_is_not_there():
    graph = Graph((Node("a", "Input"), Node("sum", "Add", {"xs": ("a", "a")})))
    for place in (2, -1):
        edit = {"do": "insert_on_wire", "node": "sum", "port": "xs", "kind": "Dense"}
        with pytest.raises(ValueError, match="out of range"):
            apply_edit(Project(graph), {**edit, "place": place})
