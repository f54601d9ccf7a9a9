"""A check that knows the report before an edit answers just what a check from scratch does."""

from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check import layer_inference
from engine.check.report import Report, check
from engine.check.wiring import check_wiring
from engine.graph.edits import field_edits
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from engine.graph.serialization import file
from engine.graph.templates import read_template, template_names
from engine.layers import catalogue
from engine.layers.base import Cost
from tests.strategies import edits as any_edit
from tests.strategies import projects
from tests.tiers import cases

MEMORY = 10**8


def told(report: Report) -> dict[str, Any]:
    """Everything that a report says, free axes with the least lengths that == leaves out."""
    shapes, price = report.shapes, report.costs
    return {
        "project": report.project,
        "layers": dict(shapes.layers),
        "flows": repr((shapes.inputs, shapes.outputs)),
        "least": shapes.minimum_lengths,
        "shapes": shapes.diagnostics,
        "heads": report.heads,
        "recipe": report.recipe,
        "mapping": report.mapping,
        "found": report.diagnostics,
        "costs": (dict(price.weights), dict(price.layers), price.batch_size, price.optimizer_slots),
        "sums": (price.total_count, price.trainable_count, price.bytes_to_train),
        "params": [price.params(node.name) for node in report.project.graph],
    }


def block(at: int, before: str) -> list[Node]:
    """Layers through which a free length flows, a skip, and weights that are shared."""
    return [
        Node(f"conv_{at}", "Conv1D", {"x": before}, {"filters": 4, "kernel_size": 3}),
        Node(f"wide_{at}", "ZeroPadding1D", {"x": f"conv_{at}"}),
        Node(f"again_{at}", "Conv1D", {"x": f"wide_{at}"}, shares=f"conv_{at}"),
        Node(f"same_{at}", "ZeroPadding1D", {"x": f"again_{at}"}),
        Node(f"sum_{at}", "Add", {"xs": (f"same_{at}", before)}),
    ]


SOUND = Project(Graph((
    Node("words", "Input", params={"shape": [None], "dtype": "int32"}),
    Node("begin", "Embedding", {"x": "words"},
         {"input_dim": 9, "output_dim": 4, "mask_zero": True}),
    *block(1, "begin"), *block(2, "sum_1"),
    Node("memory", "LSTM", {"x": "sum_2"}, {"units": 3, "return_state": True}),
    Node("head", "Dense", {"x": "memory.state_h"}, {"units": 2, "activation": "softmax"}),
    Node("y", "Output", {"x": "head"}, {"loss": "categorical_crossentropy"}),
)))  # fmt: skip

names = st.sampled_from([node.name for node in SOUND.graph])
params = st.sampled_from((
    {"kernel_size": 2}, {"kernel_size": 5}, {"padding": "same"}, {"padding": 0}, {"filters": 3},
    {"units": 3}, {"units": 2}, {"units": -1}, {"activation": "relu"}, {"return_state": False},
    {"output_dim": 5}, {"shape": [7]}, {"shape": [None]}, {"mask_zero": False}, {"loss": "mse"},
    {"kernel_initializer": "identity"}, {"unheard": 1}, {"use_bias": False}, {},
))  # fmt: skip
ports = st.sampled_from(("x", "xs"))
small_edits = st.one_of(
    st.builds(lambda n, p: {"do": "set_params", "node": n, "params": p}, names, params),
    st.builds(lambda n, p: {"do": "set_params", "node": n, "params": p}, names, params),
    st.builds(lambda n, o: {"do": "set_off", "node": n, "off": o}, names, st.booleans()),
    st.builds(lambda n, p: {"do": "disconnect", "node": n, "port": p}, names, ports),
    st.builds(lambda s, n, p: {"do": "connect", "source": s, "node": n, "port": p},
              names, names, ports),
    st.builds(lambda n: {"do": "remove_node", "node": n, "bridge": True}, names),
    st.builds(lambda n: {"do": "rename_node", "node": n, "to": "renamed"}, names),
    st.builds(lambda n, o: {"do": "share", "node": n, "owner": o}, names, names),
    st.builds(lambda n: {"do": "unshare", "node": n}, names),
    st.builds(lambda n: {"do": "move", "places": {n: [1, 2]}}, names),
    st.builds(lambda n: {"do": "set_recipe", "fields": {"batch_size": n}},
              st.sampled_from((1, "b"))),
)  # fmt: skip


def follow(start: Project, todo: list[dict[str, Any]]) -> None:
    report = check(start, MEMORY)
    seen = [start]
    for edit in todo:
        try:
            now = apply_edit(seen[-1], edit)
        except ValueError:
            now = seen[0]  # as undo does
        report = check(now, MEMORY, previous=report)
        fresh = check(file.parse(file.dumps(now).encode()).project, MEMORY)
        assert told(report) == told(fresh)
        seen.append(now)


@settings(deadline=None)
@given(st.lists(small_edits, min_size=1, max_size=5))
def test_edits_of_a_sound_network_are_checked_as_from_scratch(todo: list) -> None:
    follow(SOUND, todo)


@pytest.mark.slow
@settings(deadline=None, max_examples=cases(10, 50))
@given(projects(), st.lists(any_edit, max_size=4))
def test_edits_of_anything_are_checked_as_from_scratch(start: Project, todo: list) -> None:
    follow(start, todo)


@pytest.mark.slow
@settings(deadline=None, max_examples=cases(10, 50))
@given(projects(), projects())
def test_the_report_of_another_project_does_no_harm(one: Project, other: Project) -> None:
    assert told(check(one, MEMORY, previous=check(other, MEMORY))) == told(check(one, MEMORY))


def test_a_smaller_least_length_is_noticed_where_shapes_are_equal() -> None:
    """Lengths are equal whatever the least; two ways of one length may ask for different ones."""
    start = Project(Graph((
        Node("x", "Input", params={"shape": [None, 4]}),
        Node("cut", "Cropping1D", {"x": "x"}, {"cropping": [4, 0]}),
        Node("wide", "ZeroPadding1D", {"x": "cut"}, {"padding": [4, 0]}),
        Node("y", "Output", {"x": "wide"}),
    )))  # fmt: skip
    before = check(start, MEMORY)
    now = field_edits.set_params(start, "cut", {"cropping": [9, 0]})
    now = field_edits.set_params(now, "wide", {"padding": [9, 0]})
    assert before.shapes.minimum_lengths == {("x", 0): 5}
    assert told(check(now, MEMORY, before)) == told(check(now, MEMORY))


def test_another_source_of_the_very_same_tensor_is_named() -> None:
    start = Project(Graph((
        *SOUND.graph.nodes[:2], Node("idle", "Dropout", {"x": "begin"}, {"rate": 0.5}, off=True),
        Node("conv", "Conv1D", {"x": "idle"}, {"filters": 2, "kernel_size": 2}),
    )))  # fmt: skip
    follow(start, [{"do": "rewire", "source": "begin", "node": "conv", "port": "x"}])


def test_an_owner_that_is_fed_otherwise_no_longer_fits_its_sharer() -> None:
    start = Project(Graph((
        Node("a", "Input", params={"shape": [4]}), Node("b", "Input", params={"shape": [5]}),
        Node("own", "Dense", {"x": "a"}, {"units": 3}),
        Node("use", "Dense", {"x": "a"}, shares="own"),
    )))  # fmt: skip
    follow(start, [{"do": "rewire", "source": "b", "node": "own", "port": "x"}])


def test_only_the_view_is_another_one() -> None:
    before = check(SOUND, MEMORY)
    moved = field_edits.move(SOUND, {"head": (3, 4)})
    now = check(moved, MEMORY, before)
    assert now.project is moved
    assert now.shapes is before.shapes
    assert now.diagnostics is before.diagnostics


@pytest.mark.parametrize("name", template_names())
def test_templates_are_checked_again_as_from_scratch(name: str) -> None:
    project = file.parse(read_template(name)).project
    follow(project, [{"do": "set_off", "node": node.name, "off": True} for node in project.graph])


@pytest.mark.parametrize("edited", ["n1", "n995"])
def test_a_parameter_of_a_thousand_nodes_is_checked_at_its_node_alone(
    edited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [Node("x", "Input", params={"shape": [None, 8]})]
    for at in range(997):
        kind = ("Conv1D", {"filters": 8, "kernel_size": 3, "padding": "same"})
        kind = kind if at % 2 else ("LayerNormalization", {})
        nodes.append(Node(f"n{at}", kind[0], {"x": nodes[-1].name}, kind[1]))
    project = Project(Graph((*nodes, Node("y", "Output", {"x": nodes[-1].name}))))
    before = check(project)
    parse, infer = Mock(wraps=catalogue.parse_layer), Mock(wraps=layer_inference._infer_outputs)
    wires, cost = Mock(wraps=check_wiring), Mock(return_value=Cost())
    monkeypatch.setattr(catalogue, "parse_layer", parse)
    monkeypatch.setattr(layer_inference, "_infer_outputs", infer)
    monkeypatch.setattr("engine.check.report.check_wiring", wires)
    monkeypatch.setattr(layer_inference.LayerInference, "cost", cost)
    now = field_edits.set_params(project, edited, {"use_bias": False})
    assert len(check(now, previous=before).shapes.outputs) == len(now.graph)
    assert [spy.call_count for spy in (parse, infer, wires, cost)] == [1, 1, 0, 1]
