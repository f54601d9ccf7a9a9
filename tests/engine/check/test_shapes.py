"""Shapes flow through any drawing; what can't be known stays silent."""

import pytest

from engine.check.shapes import infer_shapes, read_layers
from engine.core.tensor_spec import DynamicLength
from engine.graph.model import Graph, Node
from engine.layers.base import Cost


def walk(*nodes: Node):
    graph = Graph(nodes)
    layers, found = read_layers(graph)
    shapes = infer_shapes(graph, layers)
    return shapes, [*found, *shapes.diagnostics]


def ids(name="posts", *shape):
    return Node(name, "Input", params={"shape": list(shape or (None,)), "dtype": "int32"})


WORDS = Node("words", "Embedding", {"x": "posts"}, {"input_dim": 50, "output_dim": 8})


def test_a_free_axis_flows_through_the_layers():
    conv = Node("conv", "Conv1D", {"x": "words"}, {"filters": 4, "kernel_size": 5})
    shapes, found = walk(ids(), WORDS, conv)
    assert not found
    assert str(shapes.spec("conv")) == "(batch, posts - 4, 4)"
    assert shapes.minimum_lengths == {("posts", 0): 5}


def test_a_free_axis_costs_as_much_as_its_length():
    conv = Node("conv", "Conv1D", {"x": "words"}, {"filters": 4, "kernel_size": 5})
    shapes, _ = walk(ids(), WORDS, conv)
    assert shapes.inferences["conv"].cost({("posts", 0): 20}).activations == 16 * 4


def test_a_known_cost_is_that_of_the_layer():
    """The cost that a report takes from weights and shapes, also with states and no activation."""
    _, lstm, *others = walk(
        Node("x", "Input", params={"shape": [7, 3]}),
        Node("lstm", "LSTM", {"x": "x"}, {"units": 4, "return_state": True}),
        Node("dense", "Dense", {"x": "x"}, {"units": 5}),
        Node("sum", "Add", {"xs": ("dense", "dense")}),
        Node("conv", "Conv1D", {"x": "dense"}, {"filters": 2, "kernel_size": 3}),
    )[0].inferences.values()
    for inference in (lstm, *others):
        assert inference.cost({}) == inference.layer.cost(*inference.inputs)
    assert others[0].cost({}) == Cost(3 * 5, 7 * 5)


def test_the_least_length_survives_the_end_of_the_axis():
    nodes = (
        Node("conv", "Conv1D", {"x": "words"}, {"filters": 4, "kernel_size": 7}),
        Node("top", "GlobalMaxPooling1D", {"x": "conv"}),
    )
    shapes, _ = walk(ids(), WORDS, *nodes)
    assert shapes.spec("top").shape == (4,)
    assert shapes.minimum_lengths["posts", 0] == 7


def test_one_fault_gives_one_finding_and_silence_behind_it():
    wrong = Node("mix", "Embedding", {"x": "words"}, {"input_dim": 9, "output_dim": 2})
    after = Node("dense", "Dense", {"x": "mix"}, {"units": 2})
    shapes, found = walk(ids(), WORDS, wrong, after)
    assert [(d.code, d.node) for d in found] == [("wrong-dtype", "mix")]
    assert shapes.spec("dense") is None


def test_loose_wires_loops_and_unknown_kinds_do_not_stop_the_walk():
    shapes, found = walk(
        ids(),
        WORDS,
        Node("a", "Dense", {"x": "b"}, {"units": 2}),
        Node("b", "Dense", {"x": "a"}, {"units": 2}),
        Node("c", "Dense", {"x": "nobody"}, {"units": 2}),
        Node("d", "Dense", {}, {"units": 2}),
        Node("e", "Densee", {"x": "words"}),
        Node("f", "Dense", {"x": "words"}, {"units": 0}),
    )
    assert shapes.spec("words") is not None
    assert {d.code for d in found} == {"kind-unknown", "param-invalid"}


def test_a_bypassed_node_hands_its_input_on():
    off = Node("conv", "Conv1D", {"x": "words"}, {"filters": 4, "kernel_size": 5}, off=True)
    shapes, found = walk(ids(), WORDS, off)
    assert not found
    assert shapes.spec("conv") == shapes.spec("words")


def test_one_of_several_outputs_is_named_with_a_dot():
    lstm = Node("lstm", "LSTM", {"x": "words"}, {"units": 3, "return_state": True})
    shapes, _ = walk(ids(), WORDS, lstm)
    assert shapes.spec("lstm.state_c").shape == (3,)
    assert shapes.spec("lstm.state_x") is None


@pytest.mark.parametrize("kind", ["Flatten", "Conv1D"])
def test_a_lost_mask_is_told_by_name(kind):
    masked = Node(
        "words", "Embedding", {"x": "posts"}, {"input_dim": 50, "output_dim": 8, "mask_zero": True}
    )
    params = {"filters": 2, "kernel_size": 1} if kind == "Conv1D" else {}
    shapes, found = walk(ids("posts", 6), masked, Node("next", kind, {"x": "words"}, params))
    assert shapes.spec("words").mask
    assert [(d.code, d.node, d.severity) for d in found] == [("mask-dropped", "next", "warning")]
    assert "words" in found[0].message


def test_a_sharing_node_takes_kind_and_parameters_of_its_owner():
    shapes, found = walk(
        ids("left"),
        ids("right"),
        Node("one", "Embedding", {"x": "left"}, {"input_dim": 9, "output_dim": 4}),
        Node("two", "Embedding", {"x": "right"}, shares="one"),
    )
    assert not found
    assert shapes.spec("two").shape == (DynamicLength("right"), 4)


def test_a_node_that_shares_with_a_later_one_is_compared_too():
    _, found = walk(
        Node("left", "Input", params={"shape": [3]}),
        Node("one", "Dense", {"x": "left"}, shares="two"),
        Node("two", "Dense", {"x": "one"}, {"units": 2}),
    )
    assert [(d.code, d.node) for d in found] == [("shapes-differ", "one")]


def test_sharers_of_a_bypassed_layer_are_compared_with_each_other():
    _, found = walk(
        Node("left", "Input", params={"shape": [3]}),
        Node("one", "Dense", {"x": "left"}, {"units": 2}, off=True),
        Node("two", "Dense", {"x": "one"}, shares="one"),
        Node("three", "Dense", {"x": "two"}, shares="one"),
    )
    assert [(d.code, d.node) for d in found] == [("shapes-differ", "three")]


def test_weights_can_not_be_shared_between_inputs_of_different_width():
    _, found = walk(
        Node("left", "Input", params={"shape": [3]}),
        Node("right", "Input", params={"shape": [4]}),
        Node("one", "Dense", {"x": "left"}, {"units": 2}),
        Node("two", "Dense", {"x": "right"}, shares="one"),
    )
    assert [(d.code, d.node) for d in found] == [("shapes-differ", "two")]
    assert found[0].fixes[0].edit == {"do": "unshare", "node": "two"}


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("Dense", {"units": 2, "bias_initializer": "identity"}),
        ("LSTM", {"units": 2, "bias_initializer": "identity"}),
        ("Bidirectional", {"layer": {"kind": "GRU", "params": {
            "units": 2, "return_sequences": True,
            "activity_regularizer": "orthogonal_regularizer"}}}),
    ],
)  # fmt: skip
def test_what_speaks_of_rows_and_columns_is_refused_where_there_is_no_matrix(kind, params):
    x = Node("x", "Input", params={"shape": [5, 3]})
    _, found = walk(x, Node("layer", kind, {"x": "x"}, params))
    assert [each.code for each in found] == ["not-a-matrix"]


def test_attention_names_the_initialiser_that_has_no_matrix():
    x = Node("x", "Input", params={"shape": [5, 3]})
    params = {"num_heads": 2, "key_dim": 2, "kernel_initializer": "identity"}
    _, found = walk(x, Node("look", "MultiHeadAttention", {"query": "x", "value": "x"}, params))
    assert {each.code for each in found} == {"not-a-matrix"}
    assert all("identity" in each.message for each in found)
