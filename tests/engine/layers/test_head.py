"""A head decides once what `acc` means, what is folded, and how a target looks."""

from itertools import product

import pytest

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.io import Output, resolve_head
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS
from tests.tiers import noted

LENGTH = DynamicLength("text")


def head(loss, shape, curve="linear", **fields):
    return resolve_head("y", Output.from_params({"loss": loss, **fields}), TensorSpec(shape), curve)


@pytest.mark.parametrize(
    ("loss", "shape", "expected"),
    [
        ("binary_crossentropy", (1,), ("binary_accuracy", {})),
        ("binary_crossentropy", (10,), ("binary_accuracy", {})),
        ("binary_focal_crossentropy", (1,), ("binary_accuracy", {})),
        ("hinge", (1,), ("binary_accuracy", {"threshold": 0.0})),
        ("categorical_crossentropy", (10,), ("categorical_accuracy", {})),
        ("categorical_focal_crossentropy", (LENGTH, 10), ("categorical_accuracy", {})),
        ("kl_divergence", (10,), ("categorical_accuracy", {})),
        ("sparse_categorical_crossentropy", (10,), ("sparse_categorical_accuracy", {})),
        ("mse", (1,), None),
        ("huber", (3,), None),
    ],
)
def test_accuracy_means_what_fits_the_head(loss, shape, expected):
    metrics = head(loss, shape, metrics=["acc"]).metrics
    assert metrics == head(loss, shape, metrics=["accuracy"]).metrics
    if expected is None:
        assert metrics == ()
        return
    ((name, metric),) = metrics
    assert name == "accuracy"
    assert (METRICS.name_of(metric), metric.params()) == expected


@pytest.mark.parametrize(
    ("loss", "curve", "fold"),
    [
        ("categorical_crossentropy", "softmax", True),
        ("sparse_categorical_crossentropy", "softmax", True),
        ("categorical_focal_crossentropy", "softmax", True),
        ("binary_crossentropy", "sigmoid", True),
        ("binary_focal_crossentropy", "sigmoid", True),
        ("binary_crossentropy", "softmax", False),
        ("categorical_crossentropy", "sigmoid", False),
        ("binary_crossentropy", "hard_sigmoid", False),
        ("kl_divergence", "softmax", False),
        ("mse", "sigmoid", False),
        ({"kind": "binary_crossentropy", "params": {"from_logits": True}}, "sigmoid", False),
        ({"kind": "categorical_crossentropy", "params": {"axis": 1}}, "softmax", False),
        ({"kind": "categorical_crossentropy", "params": {"axis": 2}}, "softmax", True),
    ],
)
def test_an_activation_is_folded_where_the_loss_has_a_form_on_scores(loss, curve, fold):
    found = head(loss, (5, 10), curve)
    assert (found.fold, found.activation) == (fold, curve)
    assert found.loss.takes_logits is (fold or "from_logits" in str(loss))


@pytest.mark.parametrize(
    ("loss", "shape", "form", "target"),
    [
        ("mse", (1,), "number", (1,)),
        ("categorical_crossentropy", (10,), "onehot", (10,)),
        ("sparse_categorical_crossentropy", (10,), "index", ()),
        ("sparse_categorical_crossentropy", (LENGTH, 10), "index", (LENGTH,)),
        ("binary_crossentropy", (3,), "binary", (3,)),
        ("kl_divergence", (10,), "distribution", (10,)),
        ("mse", (), "number", ()),
        (
            {"kind": "sparse_categorical_crossentropy", "params": {"axis": 1}},
            (10, 4),
            "index",
            (4,),
        ),
    ],
)
def test_a_prediction_says_how_its_target_looks(loss, shape, form, target):
    found = head(loss, shape)
    assert (found.target_form, found.target_shape) == (form, target)


def test_a_head_without_a_loss_predicts_only():
    found = head(None, (10,), "softmax", labels=list("abcdefghij"), metrics=["mae"])
    assert (found.is_trained, found.target_form, found.metrics) == (False, None, ())
    assert (found.loss_name, found.activation, found.labels[0]) == ("", "softmax", "a")


def test_a_weight_of_zero_trains_nothing():
    assert not head("mse", (1,), loss_weight=0).is_trained
    assert head("mse", (1,)).is_trained


def test_metrics_of_one_kind_get_names_of_their_own():
    pr = {"kind": "auc", "params": {"curve": "PR"}}
    found = head("bce", (1,), "sigmoid", metrics=["auc", pr, "AUC", "acc"])
    assert [name for name, _ in found.metrics] == ["auc", "auc_1", "auc_2", "accuracy"]


def test_a_loss_as_a_metric_sees_probabilities():
    metric = {"kind": "binary_crossentropy", "params": {"from_logits": True}}
    ((_, found),) = head("bce", (1,), "sigmoid", metrics=[metric]).metrics
    assert not found.takes_logits


@pytest.mark.parametrize(
    ("fields", "weights"),
    [
        ({"class_weight": {"1": 5}}, (1, 5, 1)),
        ({"class_weight": {"b": 5, "2": 0}, "labels": ["a", "b", "c"]}, (1, 5, 0)),
        ({"class_weight": {"2": 7}, "labels": ["2", "1", "0"]}, (7, 1, 1)),
        ({}, ()),
        ({"class_weight": {"9": 5, "no": 2}}, (1, 1, 1)),
    ],
)
def test_class_weights_go_by_label_first_then_by_number(fields, weights):
    assert head("categorical_crossentropy", (3,), "softmax", **fields).class_weight == weights


def test_an_unsound_head_is_resolved_without_a_fault():
    """The checks say what is wrong; whoever draws the graph meanwhile must not stumble."""
    for name, shape in product(LOSSES, [(), (1,), (10,), (LENGTH, 10), (10, LENGTH)]):
        with noted(name, shape):
            weight = {"0": 2.0}
            assert head(name, shape, "relu", metrics=list(METRICS), class_weight=weight).name == "y"
