"""Losses are Keras' losses: value and gradient, with weights, masks and every reduction."""

from itertools import product

import numpy as np
import pytest
import torch

from engine.core.tensor_spec import TensorSpec
from engine.layers.io import Output, resolve_head
from engine.objectives.head import Head
from engine.objectives.loss import LOSSES
from engine.runtime.model.losses import loss_count, loss_sum
from tests.double import floatx, keras
from tests.engine.runtime.small import loss_value
from tests.tiers import noted, some

ROWS, STEPS, UNITS = 7, 5, 4
SHAPES = ((UNITS,), (STEPS, UNITS))
PARAMS = {
    "huber": ({}, {"delta": 0.3}),
    "categorical_crossentropy": ({}, {"label_smoothing": 0.2}, {"axis": 1}),
    "sparse_categorical_crossentropy": ({}, {"ignore_class": 2}, {"ignore_class": -1}, {"axis": 1}),
    "binary_crossentropy": ({}, {"label_smoothing": 0.2}, {"axis": 1}),
    "categorical_focal_crossentropy": (
        {},
        {"alpha": 0.7, "gamma": 1.5, "label_smoothing": 0.1},
        {"axis": 1},
    ),
    "binary_focal_crossentropy": (
        {},
        {"apply_class_balancing": True, "alpha": 0.7, "gamma": 3.0, "label_smoothing": 0.1},
        {"axis": 1},
    ),
    "cosine_similarity": ({}, {"axis": 1}),
}
CASES = [(name, params) for name in LOSSES for params in PARAMS.get(name, ({},))]
FOLDED = [
    (name, params)
    for name, params in CASES
    if "from_logits" in LOSSES[name].model_fields and "axis" not in params
]
EXTRAS = ("", "mask", "weight", "mask and weight", "zero weight")
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight")


@pytest.fixture(autouse=True)
def _double():
    torch.set_default_dtype(torch.float64)
    with floatx("float64"):
        yield
    torch.set_default_dtype(torch.float32)


def head_of(name, params, shape=(UNITS,), curve="linear", **output):
    loss = {"kind": name, "params": params}
    layer = Output.from_params({"loss": loss, **output})
    return resolve_head("y", layer, TensorSpec(shape), curve)


def scores(shape, seed=0):
    return torch.tensor(np.random.default_rng(seed).normal(size=(ROWS, *shape)))


def answers(head: Head, shape, seed=0):
    """Random answers in the range that the loss wants."""
    raw = scores(shape, seed)
    link = head.loss.expected_activation
    if link == "softmax":
        return torch.softmax(raw, -1)
    return torch.sigmoid(raw) if link == "sigmoid" else raw.exp() if link == "positive" else raw


def entries(shape, params):
    """Return the shape of what is weighed: a prediction's without the axis of its classes."""
    whole = [ROWS, *shape]
    del whole[params.get("axis", -1)]
    return tuple(whole)


def targets(form, shape, seed=1, axis=-1):
    rng = np.random.default_rng(seed)
    if form == "index":
        classes = (ROWS, *shape)[axis]
        return torch.tensor(rng.integers(0, classes, entries(shape, {"axis": axis})))
    index = rng.integers(0, shape[-1], (ROWS, *shape[:-1]))
    made = {
        "number": lambda: rng.normal(size=(ROWS, *shape)) ** 2 + 0.1,
        "onehot": lambda: np.eye(shape[-1])[index],
        "distribution": lambda: rng.dirichlet(np.ones(shape[-1]), (ROWS, *shape[:-1])),
        "binary": lambda: rng.integers(0, 2, (ROWS, *shape)).astype("float64"),
    }
    return torch.tensor(made[form]())


def with_gradient(function, raw):
    raw = raw.detach().clone().requires_grad_()
    value = function(raw)
    value.backward()
    return value.detach(), raw.grad


def close(ours, theirs, relative):
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=relative, atol=relative * 1e-2)


def keras_loss(name, params, target, prediction, mask=None, weight=None):
    loss = getattr(keras.losses, LOSSES[name].__name__)(**params, dtype="float64")
    if mask is not None:
        prediction._keras_mask = mask
    return loss(target, prediction, sample_weight=weight)


@pytest.mark.parametrize(("name", "params"), CASES, ids=str)
def test_every_loss_has_keras_value_and_gradient(name, params):
    reductions = some(REDUCTIONS, CASES.index((name, params)))
    for shape, reduction, extras in product(SHAPES, reductions, EXTRAS):
        with noted(shape, reduction, extras):
            compare(name, params, shape, reduction, extras)


def compare(name, params, shape, reduction, extras):
    params = {**params, "reduction": reduction}
    head = head_of(name, params, shape)
    axis = params.get("axis", -1)
    raw, target = answers(head, shape), targets(head.target_form, shape, axis=axis)
    rng = np.random.default_rng(3)
    outer = entries(shape, params)
    mask = torch.tensor(rng.random(outer) > 0.3) if "mask" in extras else None
    weight = torch.tensor(rng.random(outer)) if "weight" in extras else None
    weight = torch.zeros(outer) if "zero" in extras else weight
    ours = with_gradient(lambda x: loss_value(head, x, target, mask, weight), raw)
    theirs = with_gradient(lambda x: keras_loss(name, params, target, x, mask, weight), raw)
    close(ours, theirs, 1e-12)
    summed = loss_sum(head, raw, target, mask, weight)
    assert loss_count(head, target, mask, weight) == summed.count


def test_every_argument_of_every_loss_is_tried():
    tried = {name: {"reduction", "from_logits"} for name in LOSSES}
    for name, params in CASES:
        tried[name] |= params.keys()
    for name in LOSSES:
        assert set(LOSSES[name].model_fields) <= tried[name], name


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("name", "params"), FOLDED, ids=str)
def test_training_on_logits_equals_training_on_probabilities(name, params, shape):
    """A folded activation changes nothing but what happens where it saturates."""
    curve = LOSSES[name].expected_activation
    head = head_of(name, params, shape, curve)
    assert head.fold
    raw, target = scores(shape), targets(head.target_form, shape)
    bent = {"softmax": lambda x: torch.softmax(x, -1), "sigmoid": torch.sigmoid}[curve]
    ours = with_gradient(lambda x: loss_value(head, x, target), raw)
    theirs = with_gradient(lambda x: keras_loss(name, params, target, bent(x)), raw)
    close(ours, theirs, 1e-9)


@pytest.mark.parametrize(("name", "params"), FOLDED, ids=str)
def test_from_logits_is_keras_from_logits(name, params):
    params = {**params, "from_logits": True}
    head = head_of(name, params)
    assert not head.fold
    raw, target = scores((UNITS,)), targets(head.target_form, (UNITS,))
    ours = with_gradient(lambda x: loss_value(head, x, target), raw)
    theirs = with_gradient(lambda x: keras_loss(name, params, target, x), raw)
    close(ours, theirs, 1e-12)


def test_folded_crossentropy_still_learns_where_probabilities_saturate():
    raw, target = torch.tensor([[-60.0]]), torch.tensor([[1.0]])
    _, grad = with_gradient(
        lambda x: loss_value(head_of("bce", {}, (1,), "sigmoid"), x, target), raw
    )
    assert grad.item() == pytest.approx(-1)


@pytest.mark.parametrize("given", [(ROWS,), (ROWS, 1)])
@pytest.mark.parametrize("spec", [(), (1,)])
def test_a_last_axis_of_one_may_be_there_or_not(given, spec):
    """(n,) against (n, 1) is never broadcast to (n, n)."""
    head = head_of("mse", {}, spec)
    raw, target = torch.arange(ROWS * 1.0).reshape(ROWS, *spec), torch.zeros(given)
    assert loss_value(head, raw, target).item() == pytest.approx(13)


@pytest.mark.parametrize("given", [(ROWS, 2), (1, UNITS), (ROWS - 1, UNITS), (UNITS,), ()])
def test_other_shapes_are_refused(given):
    with pytest.raises(ValueError, match="y: targets of shape"):
        loss_value(head_of("mse", {}), scores((UNITS,)), torch.zeros(given))


@pytest.mark.parametrize("given", [(ROWS - 1,), (ROWS, STEPS + 1), (ROWS, STEPS, UNITS), (1,)])
def test_weights_of_another_shape_are_refused(given):
    head = head_of("mse", {}, (STEPS, UNITS))
    with pytest.raises(ValueError, match="do not fit"):
        loss_value(head, scores((STEPS, UNITS)), scores((STEPS, UNITS)), None, torch.ones(given))


def test_weights_of_rows_reach_every_step():
    head = head_of("mse", {}, (STEPS, UNITS))
    raw, target, weight = scores((STEPS, UNITS)), scores((STEPS, UNITS), 1), torch.rand(ROWS)
    spread = weight[:, None].expand(ROWS, STEPS)
    assert loss_value(head, raw, target, None, weight) == loss_value(
        head, raw, target, None, spread
    )
    assert loss_value(head, raw, target, None, weight[:, None]) == loss_value(
        head, raw, target, None, spread
    )


def test_nothing_but_masked_entries_costs_nothing():
    head = head_of("mse", {})
    value, grad = with_gradient(
        lambda x: loss_value(head, x, torch.zeros(ROWS, UNITS), torch.zeros(ROWS).bool()),
        scores((UNITS,)),
    )
    assert value == 0
    assert not grad.any()


@pytest.mark.parametrize("name", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_class_weights_are_keras_class_weights(name):
    """Keras turns class_weight into a weight for each row; missing classes weigh 1."""
    own = {0: 0.5, 3: 4.0}
    head = head_of(name, {}, curve="softmax", class_weight={str(k): w for k, w in own.items()})
    raw, target = scores((UNITS,)), targets(head.target_form, (UNITS,))
    labels = target if head.target_form == "index" else target.argmax(-1)
    weight = torch.tensor([own.get(int(label), 1.0) for label in labels])
    theirs = keras_loss(name, {}, target, torch.softmax(raw, -1), weight=weight)
    close([loss_value(head, raw, target)], [theirs], 1e-12)
    rows = torch.rand(ROWS)
    theirs = keras_loss(name, {}, target, torch.softmax(raw, -1), weight=weight * rows)
    close([loss_value(head, raw, target, None, rows)], [theirs], 1e-12)


def test_class_weights_go_by_label_for_yes_and_no():
    head = head_of("bce", {}, (1,), labels=["no", "yes"], class_weight={"yes": 3.0})
    raw, target = torch.full((2, 1), 0.5), torch.tensor([0.0, 1.0])
    assert loss_value(head, raw, target).item() == pytest.approx(np.log(2) * (1 + 3) / 2)


def test_an_ignored_class_needs_no_class_weight():
    params = {"ignore_class": -1}
    name = "sparse_categorical_crossentropy"
    head = head_of(name, params, curve="softmax", class_weight={"1": 2.0})
    raw = scores((UNITS,))
    some = loss_value(head, raw[:2], torch.tensor([1, -1]))
    torch.testing.assert_close(some, loss_value(head, raw[:1], torch.tensor([1])))


def test_half_precision_is_widened_before_the_loss():
    head = head_of("mse", {})
    value = loss_value(head, torch.full((1, UNITS), 300.0).half(), torch.zeros(1, UNITS))
    assert value.dtype == torch.float32
    assert value == 90_000
