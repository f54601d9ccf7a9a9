"""Weights that let every class count the same, measured on the rows to train on alone."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from engine.core.tensor_spec import TensorSpec
from engine.data.dataset.dataset import build_dataset
from engine.data.ports.target_spec import TargetSpec, target_spec
from engine.data.preprocessing.class_weights import balanced_class_weights
from engine.data.table.table import table_from_arrays
from engine.layers.io import Output, resolve_head
from engine.recipe.data_mapping import DataMapping

ROWS = 90
CLASSES = np.repeat([0, 1, 2], [60, 25, 5])
INDEX = TargetSpec(
    "y", (), "index", 3, "sparse_categorical_crossentropy", has_balanced_classes=True
)
HOT = TargetSpec("y", (3,), "onehot", 3, "categorical_crossentropy", has_balanced_classes=True)
BINARY = TargetSpec("y", (1,), "binary", 2, "binary_crossentropy", has_balanced_classes=True)


def scikit(classes):
    return compute_class_weight("balanced", classes=np.unique(classes), y=classes)


@pytest.mark.parametrize(
    ("port", "target", "classes"),
    [
        (INDEX, CLASSES, CLASSES),
        (HOT, np.eye(3)[CLASSES], CLASSES),
        (BINARY, (CLASSES > 0)[:, None].astype(float), CLASSES > 0),
    ],
)
def test_balanced_weights_are_those_of_scikit_learn(port, target, classes):
    assert balanced_class_weights(port, target, None) == pytest.approx(scikit(classes))


def test_rows_without_a_target_and_ignored_classes_are_not_counted():
    mask = np.arange(ROWS) % 2 == 0
    assert balanced_class_weights(INDEX, CLASSES, mask) == pytest.approx(scikit(CLASSES[mask]))
    ignoring = TargetSpec("y", (), "index", 3, ignored_class=0, has_balanced_classes=True)
    assert balanced_class_weights(ignoring, CLASSES, None)[1:] == pytest.approx(
        scikit(CLASSES[CLASSES > 0])
    )


def test_a_class_that_does_not_occur_counts_as_one():
    assert balanced_class_weights(INDEX, CLASSES[:85], None) == pytest.approx(
        (*scikit(CLASSES[:85]), 1.0)
    )


def test_they_are_measured_on_the_training_rows_and_kept_for_others():
    table = table_from_arrays({"x": np.ones((ROWS, 1)), "y": CLASSES})
    train = np.arange(0, ROWS, 3)
    inputs = {"x": TensorSpec((1,))}
    fitted = build_dataset(table, DataMapping(), inputs, [INDEX], train=train).fitted
    assert fitted.class_weights["y"] == pytest.approx(scikit(CLASSES[train]))
    other = table_from_arrays({"x": np.ones((ROWS, 1)), "y": np.zeros(ROWS, np.int64)})
    again = build_dataset(other, DataMapping(), inputs, [INDEX], fitted=fitted)
    assert again.fitted.class_weights == fitted.class_weights
    assert type(fitted).from_params(fitted.params()) == fitted


def test_an_output_asks_for_them_by_one_word():
    output = Output.from_params({"loss": "binary_crossentropy", "class_weight": "balanced"})
    assert output.params()["class_weight"] == "balanced"
    head = resolve_head("y", output, TensorSpec((1,)), "sigmoid")
    assert (head.balanced, head.class_weight) == (True, ())
    assert target_spec(head).has_balanced_classes
    assert isinstance(Output.try_from_params({"class_weight": "even"}), list)
