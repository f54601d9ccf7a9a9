"""Losses and metrics go by Keras' names, take Keras' parameters, and refuse the rest."""

import inspect
import subprocess
import sys

import keras
import pytest

from engine.core.schema import ParamsError
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS
from tests.tiers import noted

# What the families leave out of Keras on purpose.
LEFT_OUT = {"name", "dtype", "kwargs", "fn"}


def test_a_loss_takes_keras_parameters_in_keras_order_with_keras_defaults():
    for name in tuple(LOSSES):
        with noted(name):
            cls = LOSSES[name]
            theirs = inspect.signature(getattr(keras.losses, cls.__name__)).parameters
            ours = {field: info.default for field, info in cls.model_fields.items()}
            wanted = {key: p.default for key, p in theirs.items() if key not in LEFT_OUT}
            assert list(ours.items()) == list(wanted.items())


LOSS_SPELLINGS = [
        "mse", "MSE", "mean_squared_error", "MeanSquaredError", "mae", "MAE", "mape", "MAPE",
        "msle", "MSLE", "huber", "log_cosh", "poisson", "kl_divergence", "kld", "KLD",
        "cosine_similarity", "hinge", "squared_hinge", "categorical_crossentropy",
        "sparse_categorical_crossentropy", "binary_crossentropy", "bce",
        "categorical_focal_crossentropy", "binary_focal_crossentropy",
    ]  # fmt: skip


def test_keras_spellings_name_the_same_loss():
    for spelling in LOSS_SPELLINGS:
        with noted(spelling):
            assert LOSSES[spelling] is LOSSES[LOSSES.name_of(LOSSES.parse(spelling))]
            assert keras.losses.get(spelling) is not None


METRIC_SPELLINGS = [
        ("acc", "accuracy"), ("AUC", "auc"), ("MAE", "mae"), ("mean_squared_error", "mse"),
        ("RootMeanSquaredError", "root_mean_squared_error"), ("F1Score", "f1_score"),
        ("TopKCategoricalAccuracy", "top_k_categorical_accuracy"), ("Precision", "precision"),
        ("LogCoshError", "log_cosh"), ("CosineSimilarity", "cosine_similarity"),
    ]  # fmt: skip


def test_keras_spellings_name_the_same_metric():
    for spelling, name in METRIC_SPELLINGS:
        with noted(spelling, name):
            assert METRICS.name_of(METRICS.parse(spelling)) == name


@pytest.mark.parametrize("family", [LOSSES, METRICS], ids=["losses", "metrics"])
def test_each_has_help_and_survives_a_file(family):
    for name in family:
        thing = family.parse(name)
        assert family.to_plain_json(thing) == name
        assert (type(thing).__doc__ or "").strip()
        assert all(field.description for field in type(thing).model_fields.values())


@pytest.mark.parametrize("reduction", ["none", None, "average"])
def test_a_loss_that_is_no_number_is_refused(reduction):
    with pytest.raises(ParamsError, match="reduction"):
        LOSSES.parse({"kind": "mse", "params": {"reduction": reduction}})


def test_better_is_higher_for_hits_and_lower_for_errors():
    assert METRICS["accuracy"].better == METRICS["auc"].better == "higher"
    assert METRICS["mae"].better == METRICS["root_mean_squared_error"].better == "lower"


def test_neither_torch_nor_numpy_is_loaded():
    code = (
        "import sys, engine.layers.io, engine.objectives.head, engine.check.heads;"
        "assert not {'torch', 'numpy', 'torchmetrics'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
