"""What does not fit at an Output is said before the first step, with a fix that is one click."""

from dataclasses import replace

import pytest

from engine.check.heads import check_heads
from engine.check.shapes import MAIN_OUTPUT, infer_shapes, read_layers
from engine.core.diagnostic import only_errors
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from tests.tiers import noted

LOGITS = {"from_logits": True}


def dense(units, activation="linear", name="last", source="x"):
    return Node(name, "Dense", {"x": source}, {"units": units, "activation": activation})


def output(name="y", source="last", **params):
    return Node(name, "Output", {"x": source}, params)


def graph(units=10, activation="linear", **params):
    inputs = Node("x", "Input", params={"shape": [4]})
    return Graph((inputs, dense(units, activation), output(**params)))


def check(drawn):
    layers, unread = read_layers(drawn)
    assert not unread
    shapes = infer_shapes(drawn, layers)
    return check_heads(
        drawn, {name: outs[MAIN_OUTPUT] for name, outs in shapes.outputs.items()}, layers
    )


def codes(drawn):
    return [found.code for found in check(drawn)]


def applied(drawn, fix):
    return apply_edit(Project(drawn), fix.edit).graph


def loss(kind, **params):
    return {"kind": kind, "params": params}


SOUND = [
    graph(10, "softmax", loss="categorical_crossentropy", metrics=["acc"]),
    graph(10, "softmax", loss="sparse_categorical_crossentropy", labels=list("abcdefghij")),
    graph(1, "sigmoid", loss="binary_crossentropy", labels=["no", "yes"], class_weight={"yes": 2}),
    graph(5, "sigmoid", loss="binary_crossentropy", metrics=["acc", "auc", "f1_score"]),
    graph(5, "hard_sigmoid", loss="binary_crossentropy"),
    graph(10, "linear", loss=loss("categorical_crossentropy", **LOGITS)),
    graph(10, "softmax", loss="kl_divergence"),
    graph(1, "linear", loss="mse", metrics=["mae"]),
    graph(1, "sigmoid", loss="mse"),
    graph(1, "softplus", loss="mse"),
    graph(1, "relu", loss="msle"),
    graph(1, "exponential", loss="poisson"),
    graph(1, "tanh", loss="hinge", metrics=["acc"]),
    graph(3, "softmax", loss="categorical_crossentropy", class_weight={"0": 1, "2": 5}),
]

FAULTS = [
    ("activation-unfit", graph(10, "softmax", loss="binary_crossentropy")),
    ("activation-unfit", graph(10, "sigmoid", loss="categorical_crossentropy")),
    ("activation-unfit", graph(10, "linear", loss="categorical_crossentropy")),
    ("activation-unfit", graph(10, "relu", loss="sparse_categorical_crossentropy")),
    ("activation-unfit", graph(1, "linear", loss="binary_crossentropy")),
    ("activation-unfit", graph(1, "tanh", loss="binary_focal_crossentropy")),
    ("activation-unfit", graph(10, "linear", loss="kl_divergence")),
    ("activation-unfit", graph(1, "linear", loss="poisson")),
    ("logits-twice", graph(10, "softmax", loss=loss("categorical_crossentropy", **LOGITS))),
    ("logits-twice", graph(10, "relu", loss=loss("sparse_categorical_crossentropy", **LOGITS))),
    ("logits-twice", graph(1, "sigmoid", loss=loss("binary_crossentropy", **LOGITS))),
    ("softmax-on-one", graph(1, "softmax", loss="categorical_crossentropy")),
    ("softmax-on-one", graph(1, "softmax", loss="binary_crossentropy")),
    ("softmax-on-one", graph(1, "softmax", loss="mse")),
    ("loss-shape", graph(1, "sigmoid", loss="categorical_crossentropy")),
    ("loss-shape", graph(1, "linear", loss=loss("sparse_categorical_crossentropy", **LOGITS))),
    ("regression-on-softmax", graph(10, "softmax", loss="mse")),
    ("output-clipped", graph(1, "relu", loss="mae")),
    ("metric-unfit", graph(1, "linear", loss="mse", metrics=["acc"])),
    ("metric-unfit", graph(1, "linear", loss="mse", metrics=["mae", "acc", "auc"])),
    ("metric-unfit", graph(1, "sigmoid", loss="bce", metrics=["categorical_accuracy"])),
    ("metric-unfit", graph(2, "softmax", loss="categorical_crossentropy", metrics=["r2_score"])),
    (
        "metric-unfit",
        graph(2, "softmax", loss="categorical_crossentropy", metrics=["binary_crossentropy"]),
    ),
    ("metric-unfit", graph(1, "tanh", loss="hinge", metrics=["auc"])),
    ("labels-mismatch", graph(3, "softmax", loss="kl_divergence", labels=["a", "b"])),
    ("labels-mismatch", graph(1, "sigmoid", loss="binary_crossentropy", labels=["yes"])),
    ("labels-mismatch", graph(2, "softmax", loss="kl_divergence", labels=["a", "a"])),
    ("class-weight-unfit", graph(1, "linear", loss="mse", class_weight={"0": 2})),
    ("class-weight-unfit", graph(5, "sigmoid", loss="bce", class_weight={"0": 2})),
    ("class-weight-unfit", graph(1, "sigmoid", loss="bce", class_weight={"0": 1, "2": 2})),
    ("class-weight-unfit", graph(2, "softmax", loss="kl_divergence", class_weight={"cat": 2})),
    ("nothing-to-train", graph(1)),
    ("nothing-to-train", graph(10, "softmax")),
    ("nothing-to-train", graph(1, "sigmoid", loss="bce", loss_weight=0)),
    ("nothing-to-train", graph(1, "sigmoid", loss_weight=0)),
]


def test_what_fits_is_left_alone():
    for drawn in SOUND:
        with noted(drawn["y"].params):
            assert codes(drawn) == []


def test_each_fault_is_found_and_its_first_edit_removes_it():
    for code, drawn in FAULTS:
        with noted(code, drawn):
            first = next(found for found in check(drawn) if found.code == code)
            assert first.node == "y"
            assert first.message
            assert first.expected
            fix = next(fix for fix in first.fixes if fix.edit)
            after = check(applied(drawn, fix))
            assert (code, first.message) not in [(found.code, found.message) for found in after]


def test_edit_after_edit_leads_to_a_network_that_trains():
    """Taking the first fix every time ends, and ends well."""
    for code, faulty in FAULTS:
        with noted(code, faulty["y"].params):
            drawn = faulty
            for _ in range(4):
                if found := check(drawn):
                    drawn = applied(drawn, next(fix for fix in found[0].fixes if fix.edit))
            assert check(drawn) == []


def test_every_other_edit_helps_too():
    for code, drawn in FAULTS:
        for found in check(drawn):
            for fix in found.fixes:
                if fix.edit and found.code == code:
                    assert found not in check(applied(drawn, fix))


def test_accuracy_on_a_regression_offers_mae():
    (found,) = check(graph(1, "linear", loss="mse", metrics=["acc"]))
    assert found.fixes[0].edit["params"] == {"metrics": ["mae"]}
    assert found.fixes[0].text == "Use mae instead."


def test_warnings_do_not_stop_a_training():
    assert not only_errors(check(graph(10, "softmax", loss="mse")))
    assert not only_errors(check(graph(1, "relu", loss="mse")))


def test_linear_scores_offer_the_activation_and_from_logits():
    (found,) = check(graph(10, "linear", loss="categorical_crossentropy"))
    assert [fix.edit["node"] for fix in found.fixes] == ["last", "y"]


@pytest.mark.parametrize(
    ("metric", "suggested"),
    [
        ("mse", "accuracy"),
        ("mae", "accuracy"),
        ("r2_score", "accuracy"),
        ("binary_crossentropy", "sparse_categorical_crossentropy"),
    ],
)
def test_a_metric_of_numbers_on_classes_is_replaced_by_accuracy(metric, suggested):
    drawn = graph(2, "softmax", loss="sparse_categorical_crossentropy", metrics=[metric])
    (found,) = check(drawn)
    assert found.fixes[0].edit["params"] == {"metrics": [suggested]}


def test_a_metric_without_a_loss_is_a_warning():
    drawn = graph(1, "linear", metrics=["mae"]).with_nodes(output("z", loss="mse"))
    found, told = check(drawn)
    assert (found.code, found.severity, found.node) == ("metric-unfit", "warning", "y")
    assert told.code == "output-untrained"


def test_one_trained_output_is_enough():
    """Outputs without a loss, or with weight 0, may stand beside one that trains."""
    (told,) = check(graph(1).with_nodes(output("z", loss="mse")))
    assert (told.code, told.severity, told.node) == ("output-untrained", "info", "y")
    drawn = graph(1, "linear", loss="mse", loss_weight=0)
    assert codes(drawn.with_nodes(output("z", loss="mse"))) == []


def test_a_bypassed_layer_is_looked_through():
    drawn = graph(10, "softmax", loss="categorical_crossentropy")
    off = replace(dense(3, "relu", "off", "last"), off=True)
    assert codes(drawn.with_nodes(off, output(source="off", **drawn["y"].params))) == []


def test_a_layer_that_only_moves_values_is_looked_through():
    drawn = graph(10, "softmax", loss="categorical_crossentropy")
    moved = Node("moved", "Reshape", {"x": "last"}, {"target_shape": [2, 5]})
    assert codes(drawn.with_nodes(moved, output(source="moved", **drawn["y"].params))) == []


def test_a_mean_of_probabilities_is_a_probability():
    """A window of softmaxes, averaged: nothing is folded, and nothing is wrong."""
    steps = Node("x", "Input", params={"shape": [5, 4]})
    drawn = graph(10, "softmax", loss="categorical_crossentropy")
    mean = Node("mean", "GlobalAveragePooling1D", {"x": "last"})
    assert codes(drawn.with_nodes(steps, mean, output(source="mean", **drawn["y"].params))) == []


def test_a_shared_layer_is_bent_where_its_params_are():
    drawn = graph(4, "relu", loss=None)
    twin = Node("twin", "Dense", {"x": "last"}, shares="last")
    drawn = drawn.with_nodes(twin, output(source="twin", loss="categorical_crossentropy"))
    (found,) = check(drawn)
    assert found.fixes[0].edit["node"] == "last"


def test_ids_can_not_be_trained_on():
    ids = Node("x", "Input", params={"shape": [4], "dtype": "int32"})
    (found,) = check(Graph((ids, output(source="x", loss="mse"))))
    assert found.code == "wrong-dtype"


def test_an_unfinished_graph_is_not_judged():
    loose = Node("y", "Output", params={"loss": "mse"})
    assert codes(Graph((loose,))) == []
    assert codes(Graph()) == []
    looped = Graph((dense(1, source="last"), output(loss="categorical_crossentropy")))
    assert codes(looped) == []
