"""Running metrics answer what Keras (or scikit-learn) answers, over several uneven batches."""

import json
import subprocess
import sys
from math import isnan

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.backend import set_keras_mask
from sklearn.metrics import average_precision_score, f1_score

from engine.core.tensor_spec import TensorSpec
from engine.layers.io import Output, resolve_head
from engine.objectives.metric import METRICS
from engine.runtime.model.metrics import TORCH_METRICS, HeadMetrics, WeightedMean
from tests.double import floatx, keras
from tests.engine.runtime.small import loss_value
from tests.tiers import cases, noted

BATCHES = (16, 16, 5, 1)
ROWS, STEPS, UNITS = sum(BATCHES), 3, 4
LOSS = {
    "number": ("mse", "linear"),
    "binary": ("binary_crossentropy", "sigmoid"),
    "onehot": ("categorical_crossentropy", "softmax"),
    "index": ("sparse_categorical_crossentropy", "softmax"),
    "distribution": ("kl_divergence", "softmax"),
}
KERAS = {
    "mae": "MeanAbsoluteError",
    "mse": "MeanSquaredError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "root_mean_squared_error": "RootMeanSquaredError",
    "log_cosh": "LogCoshError",
    "poisson": "Poisson",
    "kl_divergence": "KLDivergence",
    "hinge": "Hinge",
    "squared_hinge": "SquaredHinge",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "binary_crossentropy": "BinaryCrossentropy",
    "binary_accuracy": "BinaryAccuracy",
    "categorical_accuracy": "CategoricalAccuracy",
    "sparse_categorical_accuracy": "SparseCategoricalAccuracy",
    "top_k_categorical_accuracy": "TopKCategoricalAccuracy",
    "cosine_similarity": "CosineSimilarity",
    "auc": "AUC",
    "precision": "Precision",
    "recall": "Recall",
    "r2_score": "R2Score",
}


def metrics_of(form, metric, shape=(UNITS,), **loss_params):
    name, curve = LOSS[form]
    layer = Output.from_params({"loss": {"kind": name, "params": loss_params}, "metrics": [metric]})
    return HeadMetrics(resolve_head("y", layer, TensorSpec(shape), curve))


def data(form, shape=(UNITS,), seed=0):
    rng = np.random.default_rng(seed)
    raw = torch.tensor(rng.normal(size=(ROWS, *shape)))
    index = rng.integers(0, shape[-1], (ROWS, *shape[:-1]))
    target = {
        "number": lambda: rng.normal(size=(ROWS, *shape)) ** 2 + 0.1,
        "binary": lambda: rng.integers(0, 2, (ROWS, *shape)).astype("float64"),
        "onehot": lambda: np.eye(shape[-1])[index],
        "index": lambda: index,
        "distribution": lambda: rng.dirichlet(np.ones(shape[-1]), (ROWS, *shape[:-1])),
    }[form]()
    bent = {"number": raw, "binary": torch.sigmoid(raw)}.get(form, torch.softmax(raw, -1))
    return bent, torch.tensor(target)


def fed(metrics, prediction, target, mask=None):
    """Return the only metric, of batches of uneven sizes."""
    place = 0
    for size in BATCHES:
        rows = slice(place, place + size)
        metrics.update(prediction[rows], target[rows], None if mask is None else mask[rows])
        place += size
    (name,) = metrics.result().keys() - {"loss"}
    return metrics.result()[name]


def keras_result(metric, prediction, target, weight=None):
    metric.update_state(target, prediction, sample_weight=weight)
    return float(metric.result())


CASES = [
    *(
        ("number", name, {})
        for name in (
            "mae", "mse", "mape", "msle", "root_mean_squared_error", "log_cosh",
            "cosine_similarity", "r2_score",
        )
    ),
    ("number", "r2_score", {"class_aggregation": "variance_weighted_average"}),
    *(("binary", name, {}) for name in ("binary_accuracy", "binary_crossentropy", "hinge",
                                        "squared_hinge", "mse", "auc", "precision", "recall")),
    ("binary", "binary_accuracy", {"threshold": 0.3}),
    ("binary", "binary_crossentropy", {"label_smoothing": 0.2}),
    ("onehot", "categorical_crossentropy", {"label_smoothing": 0.2}),
    ("binary", "precision", {"thresholds": 0.7}),
    ("binary", "recall", {"thresholds": 0.2}),
    ("binary", "auc", {"num_thresholds": 50}),
    *(("onehot", name, {}) for name in ("categorical_accuracy", "categorical_crossentropy",
                                        "auc", "precision", "recall", "kl_divergence")),
    ("onehot", "top_k_categorical_accuracy", {"k": 2}),
    ("index", "sparse_categorical_accuracy", {}),
    ("index", "sparse_categorical_crossentropy", {}),
    ("distribution", "kl_divergence", {}),
    ("distribution", "categorical_accuracy", {}),
    ("distribution", "mae", {}),
]  # fmt: skip


# Keras counts masked steps there; the README says so.
BLIND = {"auc", "precision", "recall", "r2_score", "root_mean_squared_error"}


def counts(name):
    """Return whether a metric is made of counts, which torchmetrics keeps in 32 bits."""
    return METRICS[name] in TORCH_METRICS and name != "r2_score"


@settings(deadline=None, max_examples=cases(30, 150))
@given(st.sampled_from(CASES), st.booleans(), st.booleans(), st.integers(0, 2**32 - 1))
def test_every_metric_of_random_targets_is_that_of_keras(case, steps, masked, seed):
    form, name, params = case
    shape = (STEPS, UNITS) if steps and name != "r2_score" else (UNITS,)
    prediction, target = data(form, shape, seed)
    mask = torch.tensor(np.random.default_rng(seed).random((ROWS, *shape[:-1])) > 0.3)
    mask[0] = True
    with floatx("float64"):
        theirs = getattr(keras.metrics, KERAS[name])(**params)
        shown = prediction, target
        if masked and name in BLIND:
            shown = prediction[mask], target[mask]
        elif masked:
            set_keras_mask(prediction, mask)
        expected = keras_result(theirs, *shown)
    given_mask = mask if masked else None
    ours = fed(metrics_of(form, {"kind": name, "params": params}, shape), *data(form, shape, seed),
               given_mask)  # fmt: skip
    close = 2e-6 if counts(name) else 1e-9
    assert ours == pytest.approx(expected, rel=close, abs=close)


def test_weights_of_rows_leave_every_metric_as_it_is_as_in_keras():
    """Keras' `metrics` count each row once; only the loss is weighted."""
    for form, name, params in CASES:
        with noted(form, name, params):
            compare_unweighted(form, name, params)


def compare_unweighted(form, name, params):
    prediction, target = data(form)
    theirs = getattr(keras.metrics, KERAS[name])(**params)
    listed = keras.src.trainers.compile_utils.CompileMetrics([theirs], None)
    listed.update_state(target, prediction, torch.rand(ROWS))
    (expected,) = listed.result().values()
    metrics = metrics_of(form, {"kind": name, "params": params})
    assert fed(metrics, prediction, target) == pytest.approx(float(expected), rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("average", ["micro", "macro", "weighted"])
@pytest.mark.parametrize("form", ["onehot", "binary", "index"])
def test_f1_is_keras_f1_and_scikit_learns(form, average):
    prediction, target = data(form)
    metric = {"kind": "f1_score", "params": {"average": average}}
    ours = fed(metrics_of(form, metric), prediction, target)
    truth = torch.nn.functional.one_hot(target, UNITS).double() if form == "index" else target
    theirs = keras.metrics.F1Score(average=average, threshold=0.5 if form == "binary" else None)
    assert ours == pytest.approx(keras_result(theirs, prediction, truth), abs=2e-6)
    if form == "index":
        assert ours == pytest.approx(f1_score(target, prediction.argmax(-1), average=average))


def test_macro_f1_counts_an_absent_class_as_keras_does():
    prediction = torch.tensor([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]])
    metrics = metrics_of("index", "f1_score", (3,))
    metrics.update(prediction, torch.tensor([0, 1]))
    assert metrics.result()["f1_score"] == pytest.approx(2 / 3)


def test_one_yes_or_no_unit_has_scikit_learns_f1():
    prediction, target = data("binary", (1,))
    ours = fed(metrics_of("binary", "f1_score", (1,)), prediction, target[:, 0])
    assert ours == pytest.approx(f1_score(target[:, 0], prediction[:, 0] > 0.5))


def test_area_under_precision_and_recall_is_the_average_precision():
    prediction, target = data("binary", (1,))
    metric = {"kind": "auc", "params": {"curve": "PR", "num_thresholds": 5000}}
    ours = fed(metrics_of("binary", metric, (1,)), prediction, target)
    theirs = average_precision_score(target[:, 0], prediction[:, 0])
    assert ours == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize("name", ["top_k_categorical_accuracy"])
def test_top_k_of_class_numbers_is_keras_sparse_top_k(name):
    prediction, target = data("index")
    theirs = keras.metrics.SparseTopKCategoricalAccuracy(k=2)
    ours = fed(metrics_of("index", {"kind": name, "params": {"k": 2}}), prediction, target)
    assert ours == pytest.approx(keras_result(theirs, prediction, target), abs=1e-6)


def test_top_k_of_more_classes_than_there_are_is_one():
    metrics = metrics_of("onehot", {"kind": "top_k_categorical_accuracy", "params": {"k": 9}})
    assert fed(metrics, *data("onehot")) == 1


def test_a_loss_without_a_keras_metric_is_the_mean_of_its_values():
    for name in ("huber", "poisson"):
        prediction, target = data("number")
        prediction = prediction.exp()
        theirs = getattr(keras.losses, name)(target, prediction).mean().item()
        assert fed(metrics_of("number", name), prediction, target) == pytest.approx(theirs)
    for name, form in (
        ("categorical_focal_crossentropy", "onehot"),
        ("binary_focal_crossentropy", "binary"),
    ):
        prediction, target = data(form)
        theirs = getattr(keras.losses, name)(target, prediction).mean().item()
        assert fed(metrics_of(form, name), prediction, target) == pytest.approx(theirs)


def test_an_ignored_class_does_not_count_in_its_loss_as_a_metric():
    metric = {"kind": "sparse_categorical_crossentropy", "params": {"ignore_class": -1}}
    prediction, target = data("index")
    every = fed(metrics_of("index", "sparse_categorical_crossentropy"), prediction, target)
    metrics = metrics_of("index", metric)
    metrics.update(
        torch.cat([prediction, prediction]), torch.cat([target, torch.full_like(target, -1)])
    )
    assert metrics.result()["sparse_categorical_crossentropy"] == pytest.approx(every)


def test_scores_are_measured_as_probabilities():
    """Behind from_logits the graph answers scores; 0.3 of them means yes, not no."""
    layer = Output.from_params(
        {"loss": {"kind": "bce", "params": {"from_logits": True}}, "metrics": ["acc"]}
    )
    metrics = HeadMetrics(resolve_head("y", layer, TensorSpec((1,)), "linear"))
    metrics.update(torch.tensor([[0.3], [-0.3]]), torch.tensor([1.0, 0.0]))
    assert metrics.result()["accuracy"] == 1


def test_hinge_counts_right_answers_from_zero():
    layer = Output.from_params({"loss": "hinge", "metrics": ["acc"]})
    metrics = HeadMetrics(resolve_head("y", layer, TensorSpec((1,)), "tanh"))
    metrics.update(torch.tensor([[0.3], [-0.3], [0.1]]), torch.tensor([1.0, -1.0, 1.0]))
    assert metrics.result()["accuracy"] == 1


def test_the_loss_is_the_mean_over_rows_of_uneven_batches():
    name, curve = LOSS["onehot"]
    head = resolve_head("y", Output.from_params({"loss": name}), TensorSpec((UNITS,)), curve)
    rng = np.random.default_rng(0)
    raw = torch.tensor(rng.normal(size=(ROWS, UNITS)))
    _, target = data("onehot")
    metrics = HeadMetrics(head)
    for one, other in zip(raw.split(16), target.split(16), strict=True):
        metrics.loss.add_mean(loss_value(head, one, other), len(one))
    assert metrics.result() == {"loss": pytest.approx(loss_value(head, raw, target).item())}


def test_nothing_is_not_zero():
    for name, form in (("accuracy", "index"), ("auc", "binary"), ("r2_score", "number")):
        assert all(isnan(value) for value in metrics_of(form, name).result().values())


def test_a_single_class_answers_without_a_warning():
    metrics = metrics_of("binary", "auc", (1,))
    metrics.update(torch.rand(4, 1), torch.zeros(4))
    assert metrics.result()["auc"] == 0


def test_measuring_keeps_no_gradients():
    metrics = metrics_of("number", "mae")
    prediction = torch.rand(2, UNITS, requires_grad=True)
    metrics.update(prediction, torch.zeros(2, UNITS))
    metrics.loss.add_mean(prediction.sum(), 2)
    assert not any(torch.is_tensor(v) and v.requires_grad for v in metrics.result().values())


def test_every_metric_has_a_running_form():
    shown = {name for _, name, _ in CASES} | {
        "accuracy", "f1_score", "huber", "poisson",
        "categorical_focal_crossentropy", "binary_focal_crossentropy",
    }  # fmt: skip
    assert set(METRICS) == shown


@pytest.mark.slow
def test_torchmetrics_is_loaded_only_for_what_needs_it():
    code = (
        "import sys, torch; from engine.runtime.model.metrics import HeadMetrics;"
        "from engine.layers.io import Output, resolve_head;"
        "from engine.core.tensor_spec import TensorSpec;"
        "output = lambda metric: Output(loss='bce', metrics=(metric,));"
        "head = lambda metric: resolve_head('y', output(metric), TensorSpec((1,)), 'sigmoid');"
        "HeadMetrics(head('acc')); assert 'torchmetrics' not in sys.modules;"
        "HeadMetrics(head('auc')); assert 'torchmetrics' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize(
    "name", ["mae", "r2_score", "auc", "f1_score", "precision", "binary_accuracy"]
)
def test_a_metric_goes_on_from_its_saved_state_to_the_same_bits(name, columns):
    loss = "mse" if name in ("mae", "r2_score") else "binary_crossentropy"
    head = resolve_head(
        "y", Output.from_params({"loss": loss, "metrics": [name]}), TensorSpec((columns,)),
        "linear" if loss == "mse" else "sigmoid",
    )  # fmt: skip
    rng = np.random.default_rng(5)
    batches = [
        (torch.from_numpy(rng.uniform(size=(n, columns))),
         torch.from_numpy(rng.integers(0, 2, (n, columns)).astype(float)))
        for n in (7, 5)
    ]  # fmt: skip
    whole, first, second = HeadMetrics(head), HeadMetrics(head), HeadMetrics(head)
    for batch in batches:
        feed(whole, *batch)
    feed(first, *batches[0])
    second.load_state_dict(json.loads(json.dumps(first.state_dict())))
    feed(second, *batches[1])
    assert second.result() == whole.result()


def feed(metrics, prediction, target):
    metrics.update(prediction, target)
    metrics.loss.add_mean(prediction.mean(), len(prediction))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_means_of_many_batches_add_up_as_one_by_one(dtype):
    """Nothing is rounded differently because sums are computed for many batches together."""
    rng = np.random.default_rng(0)
    batches = [(torch.tensor(rng.normal(), dtype=dtype), int(n)) for n in rng.integers(1, 99, 2500)]
    together, one_by_one = WeightedMean(), WeightedMean()
    for mean, count in batches:
        together.add_mean(mean, count)
        one_by_one.add(mean * count, count)
    assert together.state() == one_by_one.state()
    assert together.result() == one_by_one.result()
